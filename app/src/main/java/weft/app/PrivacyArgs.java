package weft.app;

import java.util.List;
import java.util.Optional;
import weft.app.args.Args;
import weft.app.args.ArgsFault;
import weft.net.NetOptions;
import weft.p2p.P2pOptions;
import weft.primitives.log.Log;
import weft.wire.NetworkId;

/// Whether our own transactions are handed out without a trace of who we are: `-privatebroadcast`.
final class PrivacyArgs {
    private static final String REQUESTED =
            "Private broadcast of own transactions requested (-privatebroadcast)";

    private PrivacyArgs() {}

    static boolean isOn(Args args) {
        return args.flag("privatebroadcast", false);
    }

    /// Refuses to start where it could not work.
    static void check(Args args, P2pOptions p2p, Optional<NetOptions.Tor> tor) {
        if (!isOn(args)) {
            return;
        }
        List<NetworkId> reachable = p2p.access().reachable();
        boolean hidden = reachable.contains(NetworkId.TORV3) || reachable.contains(NetworkId.I2P);
        // Tor may tell where its proxy is after the start.
        boolean later = tor.filter(each -> each.reach() == NetOptions.Tor.Reach.ALL).isPresent();
        if (!hidden && !later) {
            throw new ArgsFault(REQUESTED + ", but none of Tor or I2P networks is reachable");
        }
        if (!p2p.sources().automatic()) {
            throw new ArgsFault(
                    REQUESTED
                            + ", but -connect is also configured. They are incompatible because the"
                            + " private broadcast needs to open new connections to randomly chosen Tor or"
                            + " I2P peers. Consider using -maxconnections=0 -addnode=... instead");
        }
    }

    /// Tells of what makes it worth less.
    static void warn(Args args, Log log) {
        if (isOn(args) && !new ReachArgs(args).separates()) {
            log.warning(
                    REQUESTED
                            + " and -proxyrandomize is disabled. Tor circuits for private broadcast"
                            + " connections may be correlated to other connections over Tor. For maximum"
                            + " privacy set -proxyrandomize=1.");
        }
    }
}
