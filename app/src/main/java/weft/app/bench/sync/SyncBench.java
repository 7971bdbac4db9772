package weft.app.bench.sync;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;
import weft.app.Launchers;
import weft.app.OutFile;

/// `weft bench sync`: how fast nodes replay a synthetic chain, with every script checked and with
/// `-assumevalid`.
@Command(
        name = "sync",
        description = {
            "Make a regtest chain from a seed, or use one made before, and measure how fast nodes replay it:",
            "with all scripts checked, and with -assumevalid."
        },
        mixinStandardHelpOptions = true)
public final class SyncBench implements Callable<Integer> {
    private static final int PORT_MAX = 65_534;
    private static final double MEBIBYTE = 1 << 20;

    @Option(
            names = "--seed",
            description = "What the chain is made from (default: ${DEFAULT-VALUE}).")
    private long seed = 1;

    @Option(names = "--size", description = "Megabytes of blocks (default: ${DEFAULT-VALUE}).")
    private int megabytes = 300;

    @Option(
            names = "--coins",
            description = "About so many unspent coins (default: ${DEFAULT-VALUE}).")
    private int coins = 300_000;

    @Option(
            names = "--mix",
            description =
                    "Kinds of coins, as p2wpkh=60,p2tr_key=40 (default: a bit of everything).")
    private @Nullable String mix;

    @Option(
            names = "--folder",
            description = "Where the chain is kept (default: weft-bench in the temporary folder).")
    private @Nullable Path folder;

    @Option(
            names = "--node",
            description =
                    "Program to measure; may be given again, and may be bitcoind "
                            + "(default: weftd beside the launcher).")
    private @Nullable List<String> nodes;

    @Option(names = "--dbcache", description = "Mebibytes (default: ${DEFAULT-VALUE}).")
    private int dbcache = 450;

    @Option(names = "--runs", description = "How often (default: ${DEFAULT-VALUE}).")
    private int runs = 1;

    @Option(
            names = "--port",
            description = "Ports to use: this and the next (default: ${DEFAULT-VALUE}).")
    private int port = 18_710;

    @Option(names = "--arg", description = "Further option for the nodes; may be given again.")
    private List<String> extra = new ArrayList<>();

    @Option(names = "--make-only", description = "Only make the chain.")
    private boolean makeOnly;

    @Option(names = "--json", description = "Also write the results to this file.")
    private @Nullable Path json;

    private final PrintStream out;
    private final ObjectNode results = JsonMapper.builder().build().createObjectNode();

    /// A command that prints to standard output.
    public SyncBench() {
        this.out = System.out;
    }

    @Override
    public Integer call() throws InterruptedException {
        try {
            if (runs < 1 || port < 1024 || port > PORT_MAX || dbcache < 4) {
                throw new IllegalArgumentException(
                        "--runs must be at least 1, --dbcache 4 and --port 1024 to " + PORT_MAX);
            }
            var spec =
                    new ChainSpec(
                            seed,
                            megabytes,
                            coins,
                            mix == null ? CoinMix.usual() : CoinMix.parse(mix));
            OutFile.check(json);
            run(spec);
            return 0;
        } catch (IOException | IllegalArgumentException | ExecutionException e) {
            System.err.println("Error: " + e.getMessage());
            return 1;
        }
    }

    private void run(ChainSpec spec) throws IOException, InterruptedException, ExecutionException {
        Path home =
                folder != null
                        ? folder
                        : Path.of(System.getProperty("java.io.tmpdir"), "weft-bench");
        Files.createDirectories(home);
        ChainFolder chain = ChainFolder.open(home, spec, this::progress);
        printChain(chain);
        if (makeOnly) {
            return;
        }
        int cores = Runtime.getRuntime().availableProcessors();
        SignatureRate rate = SignatureRate.measure(cores);
        double least = rate.seconds(chain.fact("ecdsaChecks"), chain.fact("schnorrChecks"));
        out.printf(
                Locale.ROOT,
                "%d cores verify %,.0f ECDSA or %,.0f Schnorr signatures a second: %.1f s for all of them%n",
                cores,
                rate.ecdsaPerSecond(),
                rate.schnorrPerSecond(),
                least);
        out.printf(
                "%-12s %-12s %9s %9s %9s %9s %8s %8s %9s %8s%n",
                "node",
                "scripts",
                "seconds",
                "CPU s",
                "blocks/s",
                "inputs/s",
                "of rate",
                "of CPU",
                "peak MiB",
                "MiB out");
        results.set("chain", chain.facts());
        results.put("signatureSeconds", least).put("dbcache", dbcache).put("cores", cores);
        for (String node : nodes == null ? List.of(Launchers.weftd()) : nodes) {
            for (int i = 0; i < runs; i++) {
                measure(chain, home, node, false, least);
                measure(chain, home, node, true, least);
            }
        }
        if (json != null) {
            Files.writeString(json, results.toPrettyString() + "\n");
        }
    }

    private void progress(String text) {
        System.err.println(text);
    }

    private void printChain(ChainFolder chain) {
        out.printf(
                "chain of %,d blocks, %,d bytes, %,d transactions, %,d inputs,%n"
                        + "%,d ECDSA and %,d Schnorr checks%n"
                        + "tip %s%n",
                chain.fact("height"),
                chain.fact("bytes"),
                chain.fact("transactions"),
                chain.fact("inputs"),
                chain.fact("ecdsaChecks"),
                chain.fact("schnorrChecks"),
                chain.tip());
    }

    private static String percent(double part) {
        return part <= 0 ? "-" : String.format(Locale.ROOT, "%.0f%%", 100 * part);
    }

    private void measure(
            ChainFolder chain, Path home, String node, boolean assumeValid, double least)
            throws IOException, InterruptedException {
        int cores = Runtime.getRuntime().availableProcessors();
        Path datadir = home.resolve("replay");
        var setup = new Replay.Setup(node, dbcache, assumeValid ? chain.tip() : "0", port, extra);
        Replay replay = Replay.run(chain, datadir, setup);
        ChainFolder.delete(datadir);
        String scripts = assumeValid ? "assumevalid" : "all";
        double blocks = chain.fact("height") / replay.seconds();
        double inputs = chain.fact("inputs") / replay.seconds();
        out.printf(
                Locale.ROOT,
                "%-12s %-12s %9.2f %9.2f %9.0f %9.0f %8s %8s %9.0f %8.0f%n",
                Path.of(node).getFileName(),
                scripts,
                replay.seconds(),
                replay.cpuSeconds(),
                blocks,
                inputs,
                percent(assumeValid ? 0 : least / replay.seconds()),
                percent(assumeValid ? 0 : least * cores / replay.cpuSeconds()),
                replay.peakBytes() / MEBIBYTE,
                replay.writtenBytes() / MEBIBYTE);
        results.withArray("replays")
                .addObject()
                .put("node", node)
                .put("scripts", scripts)
                .put("seconds", replay.seconds())
                .put("cpuSeconds", replay.cpuSeconds())
                .put("blocksPerSecond", blocks)
                .put("inputsPerSecond", inputs)
                .put("peakBytes", replay.peakBytes())
                .put("writtenBytes", replay.writtenBytes());
    }
}
