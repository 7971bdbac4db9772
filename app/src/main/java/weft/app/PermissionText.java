package weft.app;

import weft.app.args.Args;
import weft.app.args.ArgsFault;
import weft.p2p.P2pOptions;
import weft.p2p.PeerPermissions;

/// Permissions of peers as options write them: `noban,relay@192.0.2.0/24`, `in,out@…`, `@…` for none.
final class PermissionText {
    /// What is granted where no permission is named.
    private static final int ALL =
            PeerPermissions.NO_BAN
                    | PeerPermissions.MEMPOOL
                    | PeerPermissions.RELAY
                    | PeerPermissions.BLOOM_FILTER
                    | PeerPermissions.FORCE_RELAY
                    | PeerPermissions.DOWNLOAD
                    | PeerPermissions.ADDR;

    private PermissionText() {}

    /// What is granted where no permission is named: `-whitelistrelay` and `-whitelistforcerelay` have their
    /// say.
    static PeerPermissions implicit(Args args) {
        boolean force = args.flag("whitelistforcerelay", false);
        int bits = PeerPermissions.NO_BAN | PeerPermissions.MEMPOOL;
        bits |= force ? PeerPermissions.FORCE_RELAY : 0;
        bits |= args.flag("whitelistrelay", true) ? PeerPermissions.RELAY : 0;
        return new PeerPermissions(bits);
    }

    /// Reads `-whitelist`.
    ///
    /// @param implicit granted where no permission is named
    /// @throws ArgsFault with Core's text
    static P2pOptions.Whitelisted whitelist(String text, PeerPermissions implicit) {
        int at = text.indexOf('@');
        String names = at < 0 ? "" : text.substring(0, at);
        boolean out = false;
        boolean in = false;
        var rest = new StringBuilder();
        for (String name : names.split(",", -1)) {
            if (name.equals("in")) {
                in = true;
            } else if (name.equals("out")) {
                out = true;
            } else {
                rest.append(rest.isEmpty() ? "" : ",").append(name);
            }
        }
        var permissions = at < 0 ? implicit : permissions(rest.toString());
        if ((in || out) && permissions.equals(PeerPermissions.NONE)) {
            throw new ArgsFault("Only direction was set, no permissions: '" + text + "'");
        }
        return new P2pOptions.Whitelisted(
                NodeArgs.subnet(text.substring(at + 1), "whitelist"), permissions, in || !out, out);
    }

    /// Reads names with commas between them.
    ///
    /// @throws ArgsFault with Core's text
    static PeerPermissions permissions(String names) {
        int bits = 0;
        for (String name : names.split(",", -1)) {
            bits |=
                    switch (name) {
                        case "" -> 0;
                        case "bloomfilter", "bloom" -> PeerPermissions.BLOOM_FILTER;
                        case "noban" -> PeerPermissions.NO_BAN;
                        case "forcerelay" -> PeerPermissions.FORCE_RELAY;
                        case "mempool" -> PeerPermissions.MEMPOOL;
                        case "download" -> PeerPermissions.DOWNLOAD;
                        case "all" -> ALL;
                        case "relay" -> PeerPermissions.RELAY;
                        case "addr" -> PeerPermissions.ADDR;
                        default -> throw new ArgsFault("Invalid P2P permission: '" + name + "'");
                    };
        }
        return new PeerPermissions(bits);
    }
}
