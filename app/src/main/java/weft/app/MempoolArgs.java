package weft.app;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Optional;
import weft.app.args.Args;
import weft.app.args.ArgsFault;
import weft.app.node.NodeSettings;
import weft.consensus.ChainParams;
import weft.consensus.Network;
import weft.mempool.FeeRate;
import weft.mempool.MempoolOptions;
import weft.mining.TemplateOptions;

/// From options to what the mempool accepts and keeps, and to what the miner takes of it.
final class MempoolArgs {
    private static final long MEGABYTE = 1_000_000;
    private static final int KILO = 1_000;
    private static final int BLOCKS_ONLY_MEGABYTES = 5;

    private static final int CHECK_EVERY_MAX = 1_000_000;

    private final Args args;

    MempoolArgs(Args args) {
        this.args = args;
    }

    /// Mempool and miner.
    ///
    /// @throws ArgsFault if a value cannot be used
    NodeSettings.Pool pool(ChainParams params) {
        return new NodeSettings.Pool(
                options(params), templates(params), staleFees(params), checkEvery());
    }

    private MempoolOptions options(ChainParams params) {
        MempoolOptions standard = MempoolOptions.DEFAULT;
        long megabytes = standard.bytesMax() / MEGABYTE;
        if (args.flag("blocksonly", false)) {
            megabytes = BLOCKS_ONLY_MEGABYTES;
        }
        FeeRate incremental = rate(args, "incrementalrelayfee", standard.incremental());
        FeeRate minimum = rate(args, "minrelaytxfee", standard.minRelay());
        if (!args.isSet("minrelaytxfee") && incremental.compareTo(minimum) > 0) {
            minimum = incremental;
        }
        var options =
                new MempoolOptions(
                        args.number("maxmempool", megabytes) * MEGABYTE,
                        Duration.ofHours(args.number("mempoolexpiry", standard.expiry().toHours())),
                        limits(),
                        minimum,
                        incremental,
                        form(params),
                        args.flag("mempoolfullrbf", standard.fullRbf()),
                        args.flag("persistmempool", standard.persist()),
                        args.flag("persistmempoolv1", standard.persistV1()));
        String problem = options.problem();
        if (problem != null) {
            throw new ArgsFault(problem);
        }
        return options;
    }

    /// Off unless asked for, also on regtest, where Core's is on: it takes time in proportion to the mempool
    /// for each transaction.
    private int checkEvery() {
        return Math.clamp(args.number("checkmempool", 0), 0, CHECK_EVERY_MAX);
    }

    private boolean staleFees(ChainParams params) {
        boolean isWanted = args.flag("acceptstalefeeestimates", false);
        if (isWanted && params.network() != Network.REGTEST) {
            throw new ArgsFault(
                    "acceptstalefeeestimates is not supported on "
                            + params.network().chainName()
                            + " chain.");
        }
        return isWanted;
    }

    private MempoolOptions.Limits limits() {
        MempoolOptions.Limits standard = MempoolOptions.Limits.DEFAULT;
        return new MempoolOptions.Limits(
                args.number("limitancestorcount", standard.ancestors()),
                args.number("limitancestorsize", standard.ancestorVsize() / KILO) * KILO,
                args.number("limitdescendantcount", standard.descendants()),
                args.number("limitdescendantsize", standard.descendantVsize() / KILO) * KILO);
    }

    private MempoolOptions.Form form(ChainParams params) {
        MempoolOptions.Form standard = MempoolOptions.Form.DEFAULT;
        boolean anyForm = args.flag("acceptnonstdtxn", false);
        if (anyForm && params.network() == Network.MAIN) {
            throw new ArgsFault("acceptnonstdtxn is not currently supported for main chain");
        }
        boolean carriesData = args.flag("datacarrier", true);
        return new MempoolOptions.Form(
                !anyForm,
                carriesData ? (Integer) whole("datacarriersize", 83) : null,
                args.flag("permitbaremultisig", standard.bareMultisig()),
                rate(args, "dustrelayfee", standard.dustRelay()),
                whole("bytespersigop", standard.bytesPerSigop()),
                args.flag("ephemeraldust", standard.ephemeralDust()));
    }

    private TemplateOptions templates(ChainParams params) {
        TemplateOptions standard = TemplateOptions.DEFAULT;
        boolean mayChoose = params.network() == Network.REGTEST;
        return new TemplateOptions(
                whole("blockmaxweight", standard.weightMax()),
                rate(args, "blockmintxfee", standard.minRate()),
                mayChoose ? whole("blockversion", standard.version()) : standard.version());
    }

    private int whole(String name, int otherwise) {
        return Math.clamp(args.number(name, otherwise), Integer.MIN_VALUE, Integer.MAX_VALUE);
    }

    /// A fee rate given in coins per 1,000 virtual bytes.
    ///
    /// @throws ArgsFault if it is no amount
    static FeeRate rate(Args args, String name, FeeRate otherwise) {
        Optional<String> text = args.text(name);
        if (text.isEmpty()) {
            return otherwise;
        }
        try {
            long satoshis = new BigDecimal(text.get()).movePointRight(8).longValueExact();
            if (satoshis >= 0) {
                return new FeeRate(satoshis);
            }
        } catch (ArithmeticException | NumberFormatException _) {
            // Told below, as a negative one.
        }
        throw new ArgsFault("Invalid amount for -" + name + "=<amount>: '" + text.get() + "'");
    }
}
