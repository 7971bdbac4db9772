package weft.app.bench.crash;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import weft.app.rpc.RpcClient;

/// A `weftd` process on regtest that is started, asked, and killed.
final class CrashNode implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final long LOOK_MILLIS = 3;

    /// Where a node lives: loopback only.
    ///
    /// @param program the command that starts it, without options
    /// @param port for peers; RPC is on the next
    record Home(List<String> program, Path folder, int port) {
        String address() {
            return "127.0.0.1:" + port;
        }
    }

    private final Home home;
    private final RpcClient rpc;
    private @Nullable Process process;

    CrashNode(Home home) {
        this.home = home;
        this.rpc =
                new RpcClient(
                        "127.0.0.1",
                        home.port() + 1,
                        home.folder().resolve("regtest").resolve(".cookie"));
    }

    Home home() {
        return home;
    }

    /// Starts the process; it answers a moment later.
    void start(List<String> options) throws IOException {
        Files.createDirectories(home.folder());
        var command = new ArrayList<>(home.program());
        command.addAll(
                List.of(
                        "-regtest",
                        "-datadir=" + home.folder(),
                        "-port=" + home.port(),
                        "-bind=" + home.address(),
                        "-rpcport=" + (home.port() + 1),
                        "-listenonion=0",
                        "-dnsseed=0",
                        "-fixedseeds=0",
                        "-printtoconsole=0"));
        command.addAll(options);
        process =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(printed().toFile())
                        .start();
    }

    private Path printed() {
        return home.folder().resolve("printed.txt");
    }

    /// Starts the process and waits until it answers.
    ///
    /// @return milliseconds that took
    long startAndWait(List<String> options) throws IOException, InterruptedException {
        long begun = System.nanoTime();
        start(options);
        await(() -> answers("getblockcount"), "answer");
        return (System.nanoTime() - begun) / 1_000_000;
    }

    private boolean answers(String method) {
        try {
            rpc.call(method);
            return true;
        } catch (RpcClient.RpcException e) {
            return false;
        }
    }

    /// Asks the node.
    ///
    /// @throws RpcClient.RpcException if it answers with an error or not at all
    JsonNode call(String method, Object... params) {
        return rpc.call(method, params);
    }

    int height() {
        return call("getblockcount").asInt();
    }

    String hash(int height) {
        return call("getblockhash", height).asString();
    }

    /// Tip and hash of all coins.
    String coins() {
        JsonNode answer = call("gettxoutsetinfo");
        return answer.path("bestblock").asString()
                + " "
                + answer.path("hash_serialized_3").asString();
    }

    /// Waits until something holds.
    ///
    /// @throws IOException if the process ends instead, or it takes too long
    void await(BooleanSupplier holds, String what) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!holds.getAsBoolean()) {
            if (!isAlive()) {
                throw new IOException("the node ended: " + lastLine());
            }
            if (System.nanoTime() > deadline) {
                throw new IOException(
                        "no " + what + " within " + PATIENCE.toSeconds() + " s: " + lastLine());
            }
            Thread.sleep(LOOK_MILLIS);
        }
    }

    /// Whether its log has a text.
    boolean hasLogged(String text) {
        Path file = home.folder().resolve("regtest").resolve("debug.log");
        try {
            return Files.readString(file, StandardCharsets.UTF_8).contains(text);
        } catch (IOException e) {
            return false;
        }
    }

    boolean isAlive() {
        return process != null && process.isAlive();
    }

    private String lastLine() throws IOException {
        for (Path each : List.of(printed(), home.folder().resolve("regtest/debug.log"))) {
            if (Files.exists(each)) {
                List<String> lines = Files.readAllLines(each);
                if (!lines.isEmpty()) {
                    return lines.getLast();
                }
            }
        }
        return "(it said nothing)";
    }

    /// SIGKILL, as no program can expect it.
    void kill() throws InterruptedException {
        Process running = process;
        if (running != null) {
            running.destroyForcibly().waitFor();
        }
    }

    /// An orderly end.
    void stop() throws IOException, InterruptedException {
        Process running = process;
        if (running == null) {
            return;
        }
        call("stop");
        if (!running.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            throw new IOException("the node does not stop");
        }
    }

    @Override
    public void close() {
        if (process != null) {
            process.destroyForcibly();
        }
    }
}
