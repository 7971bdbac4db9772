package weft.app;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import weft.app.rpc.RpcClient;
import weft.consensus.ChainParams;
import weft.consensus.Network;
import weft.primitives.Check;

/// A `weftd` process, on regtest unless told otherwise, that a test started, on free ports of this machine's
/// loopback interface.
final class RunningNode implements AutoCloseable {
    private static final Duration START_TIMEOUT = Duration.ofSeconds(60);

    final Path folder;
    private final Network network;
    final int port;
    final int rpcPort;
    private final List<String> program;
    private final List<String> options;
    private @Nullable Process process;
    private @Nullable RpcClient rpc;

    private RunningNode(Network network, Path folder, List<String> program, List<String> options)
            throws IOException {
        this.network = network;
        this.folder = folder;
        this.program = program;
        this.options = options;
        this.port = FreePorts.one();
        this.rpcPort = FreePorts.one();
    }

    /// Starts a node and waits until it answers.
    static RunningNode start(Path folder, String... options)
            throws IOException, InterruptedException {
        return startOn(Network.REGTEST, folder, options);
    }

    /// Starts a node of any network, which dials nobody but whom its options name.
    static RunningNode startOn(Network network, Path folder, String... options)
            throws IOException, InterruptedException {
        return start(network, folder, TestProgram.weftd(), options);
    }

    /// Starts a node on regtest by the JVM that operators have, as fast as it gets.
    static RunningNode startFast(Path folder, String... options)
            throws IOException, InterruptedException {
        return start(Network.REGTEST, folder, TestProgram.fastWeftd(), options);
    }

    private static RunningNode start(
            Network network, Path folder, List<String> program, String... options)
            throws IOException, InterruptedException {
        var node = new RunningNode(network, folder, program, List.of(options));
        node.startAgain();
        return node;
    }

    /// Where it keeps what belongs to its network.
    Path networkFolder() {
        return folder.resolve(ChainParams.of(network).identity().subfolder());
    }

    void startAgain() throws IOException, InterruptedException {
        Files.createDirectories(folder);
        var command = new ArrayList<>(program);
        command.addAll(
                List.of(
                        "-chain=" + network.chainName(),
                        "-datadir=" + folder,
                        "-port=" + port,
                        "-bind=127.0.0.1:" + port,
                        "-rpcport=" + rpcPort,
                        "-listenonion=0",
                        "-dnsseed=0",
                        "-fixedseeds=0",
                        "-printtoconsole=0",
                        "-debug=net"));
        command.addAll(options);
        process =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(folder.resolve("console.txt").toFile())
                        .start();
        rpc = new RpcClient("127.0.0.1", rpcPort, networkFolder().resolve(".cookie"));
        long deadline = System.nanoTime() + START_TIMEOUT.toNanos();
        while (true) {
            try {
                call("getblockcount");
                return;
            } catch (RpcClient.RpcException e) {
                if (!process().isAlive() || System.nanoTime() > deadline) {
                    throw new IOException(
                            "no answer; console: "
                                    + Files.readString(folder.resolve("console.txt")),
                            e);
                }
            }
            Thread.sleep(20);
        }
    }

    JsonNode call(String method, Object... params) {
        return Check.present(rpc, "the node was started").call(method, params);
    }

    private Process process() {
        return Check.present(process, "the node was started");
    }

    /// Names of the threads that weft itself started and that have a kernel thread each, as far as the system
    /// keeps them; empty where it does not tell.
    List<String> threads() throws IOException {
        Path tasks = Path.of("/proc", Long.toString(process().pid()), "task");
        if (!Files.isDirectory(tasks)) {
            return List.of();
        }
        try (var all = Files.list(tasks)) {
            var names = new ArrayList<String>();
            for (Path each : all.toList()) {
                names.add(Files.readString(each.resolve("comm")).strip());
            }
            return names.stream().filter(name -> name.startsWith("weft-")).sorted().toList();
        }
    }

    int height() {
        return call("getblockcount").asInt();
    }

    void kill() throws InterruptedException {
        process().destroyForcibly().waitFor();
    }

    /// Asks the node to stop; its exit code.
    int stop() throws InterruptedException {
        call("stop");
        return process().waitFor();
    }

    /// Waits until something holds.
    static void await(Duration patience, java.util.function.BooleanSupplier holds)
            throws InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (!holds.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("not within " + patience.toSeconds() + " s");
            }
            Thread.sleep(20);
        }
    }

    @Override
    public void close() {
        process().destroy();
        try {
            if (!process().waitFor(Duration.ofSeconds(10))) {
                process().destroyForcibly();
            }
        } catch (InterruptedException e) {
            process().destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
