package weft.app.village;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import weft.app.rpc.RpcClient;

/// One inhabitant: a real `weftd` process of its own, with its own port, folder and name, reached over RPC as
/// any operator would reach it.
final class VillageNode implements AutoCloseable {
    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(10);

    /// What a node does besides relaying.
    enum Role {
        FULL,
        MINER
    }

    /// Where a node lives.
    ///
    /// @param friend the only address that the node is told; empty for the first
    record Home(String name, Role role, int port, int rpcPort, Path folder, String friend) {
        String address() {
            return "127.0.0.1:" + port;
        }
    }

    private final Home home;
    private final List<String> command;
    private @Nullable Process process;
    private @Nullable RpcClient rpc;
    private boolean closed;

    /// @param launcher the command that starts `weftd`, without options
    VillageNode(Home home, List<String> launcher) {
        this(home, launcher, List.of());
    }

    /// @param more options of `weftd` beside those that every inhabitant has
    VillageNode(Home home, List<String> launcher, List<String> more) {
        this.home = home;
        var all = new ArrayList<>(command(home, launcher));
        all.addAll(more);
        this.command = List.copyOf(all);
    }

    private static List<String> command(Home home, List<String> launcher) {
        var command = new ArrayList<>(launcher);
        command.addAll(
                List.of(
                        "-regtest",
                        "-datadir=" + home.folder(),
                        "-port=" + home.port(),
                        "-rpcport=" + home.rpcPort(),
                        "-bind=" + home.address(),
                        "-externalip=" + home.address(),
                        "-allowlocal=1",
                        "-listenonion=0",
                        "-dnsseed=0",
                        "-fixedseeds=0",
                        "-uacomment=" + home.name(),
                        "-debug=net",
                        "-printtoconsole=0"));
        if (!home.friend().isEmpty()) {
            command.add("-addnode=" + home.friend());
        }
        return List.copyOf(command);
    }

    Home home() {
        return home;
    }

    boolean isAlive() {
        return process != null && process.isAlive();
    }

    long pid() {
        return process == null ? -1 : process.pid();
    }

    /// Starts the process; it answers RPC a moment later ([#awaitRpc]).
    ///
    /// @throws IOException if it cannot, or if the village is being closed
    synchronized void start() throws IOException {
        if (closed) {
            throw new IOException("the village is closing");
        }
        Files.createDirectories(home.folder());
        Path output = home.folder().resolve("village.out");
        process =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()))
                        .start();
        rpc =
                new RpcClient(
                        "127.0.0.1",
                        home.rpcPort(),
                        home.folder().resolve("regtest").resolve(".cookie"));
    }

    /// Waits until the node answers.
    ///
    /// @throws IOException if the process ended instead, or took too long
    void awaitRpc(Duration patience) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (true) {
            try {
                call("getblockcount");
                return;
            } catch (RpcClient.RpcException e) {
                if (!isAlive() || System.nanoTime() > deadline) {
                    throw new IOException(
                            home.name() + " does not answer: " + e.getMessage() + tail(), e);
                }
            }
            Thread.sleep(50);
        }
    }

    private String tail() {
        try {
            List<String> lines = Files.readAllLines(home.folder().resolve("village.out"));
            return lines.isEmpty() ? "" : " (" + lines.getLast() + ")";
        } catch (IOException e) {
            return "";
        }
    }

    /// Asks the node.
    ///
    /// @throws RpcClient.RpcException if it answers with an error or not at all
    JsonNode call(String method, Object... params) {
        RpcClient client = rpc;
        if (client == null) {
            throw new RpcClient.RpcException(0, home.name() + " was never started");
        }
        return client.call(method, params);
    }

    /// Ends the process without a word to it, as a power cut would.
    void kill() throws InterruptedException {
        Process running = process;
        if (running != null) {
            running.destroyForcibly().waitFor();
        }
    }

    /// The process that must end; none can start any more.
    private synchronized @Nullable Process last() {
        closed = true;
        return process;
    }

    /// Asks the process to stop, and makes it if it does not.
    @Override
    public void close() {
        Process running = last();
        if (running == null || !running.isAlive()) {
            return;
        }
        running.destroy();
        try {
            if (!running.waitFor(STOP_TIMEOUT)) {
                running.destroyForcibly();
            }
        } catch (InterruptedException e) {
            running.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
