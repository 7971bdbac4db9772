package weft.app.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import weft.app.Launchers;
import weft.app.rpc.RpcClient;

/// `weft bench start`: time from starting a node's process to its first answer over RPC, and to its end after
/// `stop`.
@Command(
        name = "start",
        description = "Time from the start of a node's process to its first RPC answer.",
        mixinStandardHelpOptions = true)
public final class StartBench implements Callable<Integer> {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int PORT_MAX = 65_534;

    @Option(names = "--runs", description = "How often (default: ${DEFAULT-VALUE}).")
    private int runs = 7;

    @Option(
            names = "--port",
            description = "Ports to use: this and the next (default: ${DEFAULT-VALUE}).")
    private int port = 18_700;

    @Option(
            names = "--daemon",
            description = "Program to start (default: weftd beside the launcher); may be bitcoind.")
    private String daemon = Launchers.weftd();

    private final PrintStream out;

    /// A command that prints to standard output.
    public StartBench() {
        this.out = System.out;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (runs < 1 || port < 1024 || port > PORT_MAX) {
            System.err.println("Error: --runs must be at least 1 and --port 1024 to " + PORT_MAX);
            return 1;
        }
        Path folder = Files.createTempDirectory("weft-bench-start-");
        long[] starts = new long[runs];
        long[] stops = new long[runs];
        try {
            for (int i = 0; i < runs; i++) {
                measure(folder, starts, stops, i);
            }
        } catch (IOException e) {
            System.err.println("Error: " + e.getMessage());
            return 1;
        } finally {
            remove(folder);
        }
        out.println(daemon + ", regtest, " + runs + " runs, milliseconds");
        print("start to first RPC answer", starts);
        print("stop to end of process", stops);
        return 0;
    }

    private void measure(Path folder, long[] starts, long[] stops, int run)
            throws IOException, InterruptedException {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                daemon,
                                "-regtest",
                                "-datadir=" + folder,
                                "-port=" + port,
                                "-bind=127.0.0.1:" + port,
                                "-rpcport=" + (port + 1),
                                "-listenonion=0",
                                "-dnsseed=0",
                                "-printtoconsole=0"));
        var rpc =
                new RpcClient("127.0.0.1", port + 1, folder.resolve("regtest").resolve(".cookie"));
        long begun = System.nanoTime();
        Process process =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
        try {
            awaitAnswer(rpc, process, begun);
            starts[run] = System.nanoTime() - begun;
            long stopping = System.nanoTime();
            rpc.call("stop");
            process.waitFor();
            stops[run] = System.nanoTime() - stopping;
        } finally {
            process.destroyForcibly();
        }
    }

    private void awaitAnswer(RpcClient rpc, Process process, long begun)
            throws IOException, InterruptedException {
        while (true) {
            try {
                rpc.call("getblockcount");
                return;
            } catch (RpcClient.RpcException e) {
                if (!process.isAlive()) {
                    throw new IOException(
                            daemon + " ended with exit code " + process.exitValue(), e);
                }
                if (System.nanoTime() - begun > PATIENCE.toNanos()) {
                    throw new IOException(daemon + " does not answer: " + e.getMessage(), e);
                }
            }
            Thread.sleep(2);
        }
    }

    private void print(String what, long[] nanos) {
        long[] sorted = nanos.clone();
        Arrays.sort(sorted);
        out.printf(
                "%-28s min %6d   median %6d   max %6d%n",
                what,
                sorted[0] / 1_000_000,
                sorted[sorted.length / 2] / 1_000_000,
                sorted[sorted.length - 1] / 1_000_000);
    }

    private static void remove(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
