package weft.app;

import java.util.ArrayList;
import java.util.List;
import weft.app.args.Args;
import weft.app.args.ArgsFault;
import weft.consensus.ChainParams;
import weft.net.NetOptions;
import weft.p2p.PeerPermissions;
import weft.wire.NetAddress;

/// Where we listen: `-port`, `-bind`, `-whitebind`, `-listen`.
final class ListenArgs {
    private static final String ONION = "=onion";
    private static final int PORT_MAX = 65_535;

    private final Args args;
    private final ChainParams params;

    ListenArgs(Args args, ChainParams params) {
        this.args = args;
        this.params = params;
    }

    /// Whether anybody can dial us: not by default when we dial only whom we were told to, or nobody.
    boolean listens() {
        if (isBound()) {
            boolean listens = args.flag("listen", true);
            if (!listens) {
                throw new ArgsFault("Cannot set -bind or -whitebind together with -listen=0");
            }
            return true;
        }
        boolean alone = !args.list("connect").isEmpty() || args.number("maxconnections", 1) <= 0;
        return args.flag("listen", !alone && !new ReachArgs(args).hides());
    }

    private boolean isBound() {
        return !args.list("bind").isEmpty() || !args.list("whitebind").isEmpty();
    }

    /// The port of addresses that name none, and the one that we tell others.
    int port() {
        long port = args.number("port", params.identity().p2pPort());
        if (port < 1 || port > PORT_MAX) {
            throw new ArgsFault(
                    "Invalid port specified in -port: '" + args.text("port").orElse("") + "'");
        }
        return (int) port;
    }

    /// The port of our onion service's end on this machine: the one after `-port`, if that was given.
    private int onionPort() {
        int usual = params.identity().onionPort();
        return args.isSet("port") ? port() % PORT_MAX + 1 : usual;
    }

    /// Whether we listen on every address of this machine, and may therefore be reached at any of them.
    boolean listensEverywhere() {
        return listens() && !isBound();
    }

    /// The addresses to listen on, none if nobody can dial us.
    List<NetOptions.Bind> binds() {
        int port = port();
        if (!listens()) {
            return List.of();
        }
        var binds = new ArrayList<NetOptions.Bind>();
        boolean plain = false;
        for (String text : args.list("bind")) {
            boolean onion = text.endsWith(ONION);
            String address = onion ? text.substring(0, text.length() - ONION.length()) : text;
            plain |= !onion;
            int usual = onion ? onionPort() : port;
            binds.add(NetOptions.Bind.of(NodeArgs.address(address, usual, "bind"), onion));
        }
        for (String text : args.list("whitebind")) {
            int at = text.indexOf('@');
            PeerPermissions granted =
                    at < 0
                            ? PermissionText.implicit(args)
                            : PermissionText.permissions(text.substring(0, at));
            NetAddress address = NodeArgs.address(text.substring(at + 1), port, "whitebind");
            binds.add(new NetOptions.Bind(address, false, granted, false));
        }
        if (!isBound()) {
            NetAddress any = NetAddress.parse("[::]:" + port, port);
            binds.add(NetOptions.Bind.of(any, false).orNot());
            binds.add(NetOptions.Bind.of(NetAddress.parse("0.0.0.0:" + port, port), false));
        }
        if (!plain && binds.stream().noneMatch(NetOptions.Bind::onion)) {
            NetAddress home = NetAddress.parse("127.0.0.1:" + onionPort(), port);
            binds.add(NetOptions.Bind.of(home, true).orNot());
        }
        return binds;
    }
}
