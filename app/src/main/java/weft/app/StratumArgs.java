package weft.app;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Optional;
import weft.app.args.Args;
import weft.app.args.ArgsFault;
import weft.consensus.ChainParams;
import weft.consensus.Network;
import weft.mining.stratum.StratumSession;
import weft.primitives.Bytes;
import weft.primitives.address.Address;
import weft.primitives.address.AddressFault;
import weft.primitives.log.Log;
import weft.server.NodeApi;
import weft.server.stratum.StratumOptions;
import weft.server.stratum.StratumServer;

/// The options of the Stratum server.
final class StratumArgs {
    private static final int PORT_MAX = 65_535;

    private StratumArgs() {}

    /// What the options ask for; empty if there shall be no server.
    ///
    /// @throws ArgsFault if they make no sense
    static Optional<StratumOptions> options(Args args, ChainParams params) {
        if (!args.isSet("stratum") || args.isNegated("stratum")) {
            for (String other :
                    List.of(
                            "stratumbind",
                            "stratumaddress",
                            "stratumdifficulty",
                            "stratumvardiff")) {
                if (args.isSet(other)) {
                    throw new ArgsFault("-" + other + " needs -stratum");
                }
            }
            return Optional.empty();
        }
        if (params.network() == Network.SIGNET) {
            throw new ArgsFault(
                    "-stratum cannot be used on signet: each try there needs a signature of its"
                            + " own");
        }
        long port = args.number("stratum", 0);
        if (port < 1 || port > PORT_MAX) {
            throw new ArgsFault("-stratum must be a port, 1 to " + PORT_MAX);
        }
        return Optional.of(
                new StratumOptions(
                        new InetSocketAddress(bind(args), (int) port),
                        args.text("stratumaddress").map(text -> script(text, params)),
                        shares(args, params)));
    }

    /// On regtest blocks are easier than any share; they wait for shares there if the operator says how hard
    /// those shall be.
    private static StratumSession.Shares shares(Args args, ChainParams params) {
        boolean isNamed = args.isSet("stratumdifficulty") && !args.isNegated("stratumdifficulty");
        return new StratumSession.Shares(
                difficulty(args),
                args.flag("stratumvardiff", true),
                isNamed && params.network() == Network.REGTEST);
    }

    private static InetAddress bind(Args args) {
        String text = args.text("stratumbind").orElse("127.0.0.1");
        try {
            if (text.chars().allMatch(c -> "0123456789abcdefABCDEF.:[]".indexOf(c) >= 0)) {
                return InetAddress.getByName(text);
            }
        } catch (UnknownHostException e) {
            // Said below.
        }
        throw new ArgsFault("-stratumbind must be an IP address: " + text);
    }

    private static Bytes script(String text, ChainParams params) {
        try {
            return Address.parse(text, params.addressPrefixes()).scriptPubKey();
        } catch (AddressFault e) {
            throw new ArgsFault("-stratumaddress is no address of this network: " + text);
        }
    }

    private static double difficulty(Args args) {
        String text = args.text("stratumdifficulty").orElse("1");
        try {
            double value = Double.parseDouble(text);
            if (value > 0 && value < Double.MAX_VALUE) {
                return value;
            }
        } catch (NumberFormatException e) {
            // Said below.
        }
        throw new ArgsFault("-stratumdifficulty must be a number above 0: " + text);
    }

    /// Opens the server.
    ///
    /// @throws ArgsFault if the port cannot be had
    static StratumServer start(NodeApi node, StratumOptions options, Log log) {
        try {
            return StratumServer.start(node, options, log);
        } catch (IOException e) {
            throw new ArgsFault(
                    "Unable to listen for miners on " + options.bind() + ": " + e.getMessage());
        }
    }
}
