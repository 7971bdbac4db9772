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
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;
import weft.app.Launchers;
import weft.app.OutFile;
import weft.primitives.Transaction;

/// `weft bench relay`: how many transactions a second nodes take from peers, from `inv` to mempool, over
/// loopback.
@Command(
        name = "relay",
        description = {
            "Make P2WPKH transactions from a seed, announce them to a node on regtest from peers of"
                    + " this",
            "program over loopback, send what it asks for, and measure how fast they come into its"
                    + " mempool."
        },
        mixinStandardHelpOptions = true)
public final class RelayBench implements Callable<Integer> {
    private static final int PORT_MAX = 65_534;
    private static final int COUNT_MAX = 200_000;
    private static final int PEERS_MAX = 100;
    private static final double MEBIBYTE = 1 << 20;
    private static final long SETTLE_MILLIS = 2_000;

    @Option(
            names = "--seed",
            description = "What the transactions are made from (default: ${DEFAULT-VALUE}).")
    private long seed = 1;

    @Option(names = "--count", description = "Transactions (default: ${DEFAULT-VALUE}).")
    private int count = 50_000;

    @Option(
            names = "--peers",
            description = "Peers that announce a part each (default: ${DEFAULT-VALUE}).")
    private int peers = 4;

    @Option(
            names = "--node",
            description =
                    "Program to measure; may be given again, and may be bitcoind "
                            + "(default: weftd beside the launcher).")
    private @Nullable List<String> nodes;

    @Option(names = "--runs", description = "How often (default: ${DEFAULT-VALUE}).")
    private int runs = 1;

    @Option(
            names = "--port",
            description = "Ports to use: this and the next (default: ${DEFAULT-VALUE}).")
    private int port = 18_730;

    @Option(names = "--arg", description = "Further option for the nodes; may be given again.")
    private List<String> extra = new ArrayList<>();

    @Option(names = "--json", description = "Also write the results to this file.")
    private @Nullable Path json;

    private final PrintStream out;
    private final ObjectNode results = JsonMapper.builder().build().createObjectNode();

    /// A command that prints to standard output.
    public RelayBench() {
        this.out = System.out;
    }

    @Override
    public Integer call() throws InterruptedException {
        try {
            if (runs < 1 || port < 1024 || port > PORT_MAX) {
                throw new IllegalArgumentException(
                        "--runs must be at least 1 and --port 1024 to " + PORT_MAX);
            }
            if (count < 1 || count > COUNT_MAX || peers < 1 || peers > PEERS_MAX) {
                throw new IllegalArgumentException(
                        "--count must be 1 to " + COUNT_MAX + " and --peers 1 to " + PEERS_MAX);
            }
            OutFile.check(json);
            run();
            return 0;
        } catch (IOException | IllegalArgumentException | ExecutionException e) {
            System.err.println("Error: " + e.getMessage());
            return 1;
        }
    }

    private void run() throws IOException, InterruptedException, ExecutionException {
        System.err.println("making " + count + " transactions");
        RelayLoad load = RelayLoad.make(seed, count, 0);
        results.put("seed", seed)
                .put("transactions", count)
                .put("peers", peers)
                .put("cores", Runtime.getRuntime().availableProcessors());
        out.printf(
                Locale.ROOT,
                "%,d P2WPKH transactions of one input and two outputs, from %d peers over"
                        + " loopback%n",
                count,
                peers);
        out.printf(
                "%-12s %9s %9s %9s %9s %9s%n",
                "node", "seconds", "tx/s", "CPU s", "µs/tx", "peak MiB");
        for (String node : nodes == null ? List.of(Launchers.weftd()) : nodes) {
            for (int i = 0; i < runs; i++) {
                Path folder = Files.createTempDirectory("weft-bench-relay");
                try {
                    measure(load, node, folder);
                } finally {
                    delete(folder);
                }
            }
        }
        if (json != null) {
            Files.writeString(json, results.toPrettyString() + "\n");
        }
    }

    private void measure(RelayLoad load, String program, Path folder)
            throws IOException, InterruptedException, ExecutionException {
        var options = new ArrayList<>(extra);
        options.add("-whitelist=noban,relay@127.0.0.1");
        try (var node = new BenchNode(program, folder, port, options)) {
            node.give(load.blocks());
            // What starting and connecting left to do is no part of it.
            Thread.sleep(SETTLE_MILLIS);
            double cpuBefore = node.cpuSeconds();
            double seconds = announce(load, node);
            double cpu = cpuBefore < 0 ? -1 : node.cpuSeconds() - cpuBefore;
            print(Path.of(program).getFileName().toString(), seconds, cpu, node.peakBytes());
        }
    }

    private double announce(RelayLoad load, BenchNode node)
            throws IOException, InterruptedException, ExecutionException {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var connected = new ArrayList<RelayPeer>();
            try {
                for (int i = 0; i < peers; i++) {
                    var peer = new RelayPeer(port, part(load.transactions(), i));
                    connected.add(peer);
                    peer.greet();
                }
                long begun = System.nanoTime();
                var running = new ArrayList<Future<?>>();
                for (RelayPeer peer : connected) {
                    running.add(
                            threads.submit(
                                    () -> {
                                        peer.run();
                                        return peer;
                                    }));
                }
                node.await(() -> node.waiting() >= count, count + " transactions");
                double seconds = (System.nanoTime() - begun) / 1e9;
                for (Future<?> each : running) {
                    each.get();
                }
                return seconds;
            } finally {
                // A peer that still waits for the node ends so.
                for (RelayPeer peer : connected) {
                    peer.close();
                }
            }
        }
    }

    private List<Transaction> part(List<Transaction> all, int number) {
        long size = all.size();
        return all.subList((int) (size * number / peers), (int) (size * (number + 1) / peers));
    }

    private void print(String name, double seconds, double cpu, long peak) {
        out.printf(
                Locale.ROOT,
                "%-12s %9.2f %9.0f %9.2f %9.0f %9.0f%n",
                name,
                seconds,
                count / seconds,
                cpu,
                cpu * 1e6 / count,
                peak / MEBIBYTE);
        results.withArray("runs")
                .addObject()
                .put("node", name)
                .put("seconds", seconds)
                .put("transactionsPerSecond", count / seconds)
                .put("cpuSeconds", cpu)
                .put("peakBytes", peak);
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
