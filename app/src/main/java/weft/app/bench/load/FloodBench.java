package weft.app.bench.load;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;
import weft.app.Launchers;
import weft.app.OutFile;

/// `weft bench flood`: what an honest peer, and the operator, notice of a node that is attacked by all its
/// other peers.
@Command(
        name = "flood",
        description = {
            "Let peers flood a node on regtest over loopback (pings, announcements, requests for"
                    + " old blocks,",
            "addresses, orphans, malformed messages, silence), and measure how fast blocks and"
                    + " transactions",
            "reach an honest peer meanwhile."
        },
        mixinStandardHelpOptions = true)
public final class FloodBench implements Callable<Integer> {
    private static final int PORT_MAX = 65_534;
    private static final int PEERS_MAX = 1_000;
    private static final int SECONDS_MAX = 3_600;
    private static final int TRANSACTIONS = 24_000;
    private static final int BLOCKS_A_SECOND = 4;
    private static final int OUTBOUND = 11;
    private static final int HONEST = 2;

    /// What the launchers hand to Java, and so to the nodes.
    private static final String JAVA_OPTIONS = "WEFT_JAVA_OPTS";

    private static final double MEBIBYTE = 1 << 20;
    private static final double MILLIS = 1e3;

    @Option(
            names = "--seed",
            description = "What everything is made from (default: ${DEFAULT-VALUE}).")
    private long seed = 1;

    @Option(names = "--peers", description = "Attackers (default: ${DEFAULT-VALUE}).")
    private int peers = 123;

    @Option(
            names = "--seconds",
            description = "How long it is measured (default: ${DEFAULT-VALUE}).")
    private int seconds = 30;

    @Option(
            names = "--node",
            description =
                    "Program to measure; may be given again, and may be bitcoind "
                            + "(default: weftd beside the launcher).")
    private @Nullable List<String> nodes;

    @Option(
            names = "--port",
            description = "Ports to use: this and the next (default: ${DEFAULT-VALUE}).")
    private int port = 18_740;

    @Option(names = "--arg", description = "Further option for the nodes; may be given again.")
    private List<String> extra = new ArrayList<>();

    @Option(names = "--json", description = "Also write the results to this file.")
    private @Nullable Path json;

    private final PrintStream out;
    private final ObjectNode results = JsonMapper.builder().build().createObjectNode();

    /// A command that prints to standard output.
    public FloodBench() {
        this.out = System.out;
    }

    @Override
    public Integer call() throws InterruptedException {
        try {
            if (seconds < 1 || seconds > SECONDS_MAX || port < 1024 || port > PORT_MAX) {
                throw new IllegalArgumentException(
                        "--seconds must be 1 to "
                                + SECONDS_MAX
                                + " and --port 1024 to "
                                + PORT_MAX);
            }
            if (peers < 1 || peers > PEERS_MAX) {
                throw new IllegalArgumentException("--peers must be 1 to " + PEERS_MAX);
            }
            OutFile.check(json);
            run();
            return 0;
        } catch (IOException | IllegalArgumentException e) {
            System.err.println("Error: " + e.getMessage());
            return 1;
        }
    }

    private void run() throws IOException, InterruptedException {
        System.err.println("making blocks");
        RelayLoad load = RelayLoad.make(seed, TRANSACTIONS, BLOCKS_A_SECOND * seconds);
        results.put("seed", seed)
                .put("peers", peers)
                .put("seconds", seconds)
                .put("cores", Runtime.getRuntime().availableProcessors())
                .put("javaOptions", Objects.requireNonNullElse(System.getenv(JAVA_OPTIONS), ""));
        for (String program : nodes == null ? List.of(Launchers.weftd()) : nodes) {
            Path folder = Files.createTempDirectory("weft-bench-flood");
            var options = new ArrayList<>(extra);
            options.add("-maxconnections=" + (peers + HONEST + OUTBOUND));
            try (var node = new BenchNode(program, folder, port, options);
                    var flood = new FloodRun(node, port, load, seed)) {
                print(Path.of(program).getFileName().toString(), flood.run(peers, seconds));
            } finally {
                delete(folder);
            }
        }
        if (json != null) {
            Files.writeString(json, results.toPrettyString() + "\n");
        }
    }

    private void print(String name, FloodRun.Result result) {
        FloodRun.Load cost = result.load();
        out.printf(
                Locale.ROOT,
                "%s: %d attackers, %,.0f messages/s, hung up on %,d times%n",
                name,
                peers,
                cost.messages(),
                cost.drops());
        print("block to an honest peer", result.blocks().times());
        print("its ping", result.pings());
        print("its transaction to another", result.transactions());
        print("getblockcount", result.questions());
        out.printf(
                Locale.ROOT,
                "  blocks missing %d, honest peers hung up on: %s%n",
                result.blocks().missing(),
                result.blocks().hungUp() ? "yes" : "no");
        out.printf(
                Locale.ROOT,
                "  busy cores %.2f, ten seconds later %.2f;"
                        + " resident MiB before %.0f, most %.0f, later %.0f%n",
                cost.cores(),
                cost.coresAfter(),
                cost.memory().before() / MEBIBYTE,
                cost.memory().peak() / MEBIBYTE,
                cost.memory().after() / MEBIBYTE);
        results.withArray("runs").addObject().put("node", name).putPOJO("result", result);
    }

    private void print(String what, Figures figures) {
        out.printf(
                Locale.ROOT,
                "  %-28s %5d times, ms: p50 %8.1f  p99 %8.1f  most %8.1f%n",
                what,
                figures.count(),
                figures.p50() * MILLIS,
                figures.p99() * MILLIS,
                figures.max() * MILLIS);
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path each : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(each);
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }
}
