package weft.app;

import java.util.List;
import java.util.stream.Collectors;
import weft.app.args.Args;
import weft.app.args.ArgsFault;
import weft.consensus.ChainParams;
import weft.consensus.Network;
import weft.primitives.Bytes;

/// From options to the parameters of the network. An option that belongs to one network does nothing on the
/// others, as in Bitcoin Core.
final class ChainArgs {
    private ChainArgs() {}

    /// The network's parameters with what the operator changes.
    ///
    /// @throws ArgsFault for values that make no sense, and for settings at the top of a configuration file
    ///     that hold for the main network only
    static ChainParams params(Args args) {
        Network network = args.network();
        String unsuitable =
                args.unsuitable().stream()
                        .map(name -> unsuitable(name, network.chainName()))
                        .collect(Collectors.joining(" "));
        if (!unsuitable.isEmpty()) {
            throw new ArgsFault(unsuitable);
        }
        ChainParams params = ChainParams.of(network);
        return switch (network) {
            case SIGNET -> signet(args, params);
            case REGTEST -> regtest(args, params);
            case MAIN, TESTNET3, TESTNET4 -> params;
        };
    }

    private static String unsuitable(String name, String chain) {
        return "Config setting for -"
                + name
                + " only applied on "
                + chain
                + " network when in ["
                + chain
                + "] section.";
    }

    /// What a data folder is marked with: one line that no other network has.
    static String mark(ChainParams params) {
        String mark = params.network().chainName() + " " + params.genesis().hash();
        Bytes magic = params.identity().magic();
        // Every signet has the same first block.
        boolean usual = magic.equals(ChainParams.of(params.network()).identity().magic());
        return usual ? mark : mark + " " + magic.toHex();
    }

    private static ChainParams signet(Args args, ChainParams usual) {
        ChainParams params = usual;
        if (args.isSet("signetchallenge")) {
            List<String> challenges = args.list("signetchallenge");
            if (challenges.size() != 1) {
                throw new ArgsFault("-signetchallenge cannot be multiple values.");
            }
            try {
                params = params.withSignetChallenge(Bytes.parse(challenges.getFirst()));
            } catch (IllegalArgumentException e) {
                throw new ArgsFault(
                        "-signetchallenge must be hex, not '" + challenges.getFirst() + "'.");
            }
        }
        if (!args.isSet("signetseednode")) {
            return params;
        }
        return params.withSeeds(
                args.list("signetseednode").stream()
                        .map(host -> new ChainParams.DnsSeed(host, ""))
                        .toList());
    }

    private static ChainParams regtest(Args args, ChainParams usual) {
        ChainParams params = usual;
        for (String text : args.list("testactivationheight")) {
            int at = text.indexOf('@');
            if (at < 0) {
                throw new ArgsFault(
                        "Invalid format (" + text + ") for -testactivationheight=name@height.");
            }
            int height = height(text.substring(at + 1));
            if (height < 0) {
                throw new ArgsFault(
                        "Invalid height value ("
                                + text
                                + ") for -testactivationheight=name@height.");
            }
            try {
                params = params.withActivationHeight(text.substring(0, at), height);
            } catch (IllegalArgumentException e) {
                throw new ArgsFault(
                        "Invalid name (" + text + ") for -testactivationheight=name@height.");
            }
        }
        return params;
    }

    /// A height; negative for what is none.
    private static int height(String text) {
        try {
            int height = Integer.parseInt(text);
            return height == Integer.MAX_VALUE ? -1 : height;
        } catch (NumberFormatException _) {
            return -1;
        }
    }
}
