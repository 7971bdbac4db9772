package weft.app;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import weft.app.args.Args;
import weft.app.args.ArgsFault;
import weft.consensus.ChainParams;
import weft.net.NetOptions;

/// The onion service that Tor makes for us: `-listenonion`, `-torcontrol`, `-torpassword`.
final class TorArgs {
    private static final int CONTROL_PORT = 9051;

    private final Args args;
    private final ChainParams params;

    TorArgs(Args args, ChainParams params) {
        this.args = args;
        this.params = params;
    }

    /// What to ask Tor for; empty if nothing.
    ///
    /// @param folder of the network, where the key of our address is kept
    Optional<NetOptions.Tor> tor(Path folder) {
        var listening = new ListenArgs(args, params);
        List<NetOptions.Bind> binds = listening.binds();
        if (!args.flag("listenonion", listening.listens())) {
            return Optional.empty();
        }
        if (!listening.listens()) {
            throw new ArgsFault("Cannot set -listen=0 together with -listenonion=1");
        }
        NetOptions.Bind target =
                binds.stream().filter(NetOptions.Bind::onion).findFirst().orElse(binds.getFirst());
        List<String> only = args.list("onlynet");
        NetOptions.Tor.Reach reach =
                only.isEmpty() || only.contains("onion")
                        ? NetOptions.Tor.Reach.ALL
                        : NetOptions.Tor.Reach.NAMED;
        boolean named = !args.text("onion").orElse("").isEmpty();
        var control =
                args.isSet("torcontrol")
                        ? ReachArgs.endpoint(args, "torcontrol", CONTROL_PORT)
                        : weft.wire.NetAddress.parse("127.0.0.1", CONTROL_PORT);
        return Optional.of(
                new NetOptions.Tor(
                        control,
                        args.text("torpassword").orElse(""),
                        folder.resolve("onion_v3_private_key"),
                        named ? NetOptions.Tor.Reach.NOTHING : reach,
                        params.identity().p2pPort(),
                        target.address()));
    }
}
