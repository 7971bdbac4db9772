package weft.app.compare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;
import weft.app.rpc.RpcClient;

/// A node on regtest: a process of its own that is asked over RPC.
final class NodeJudge implements Judge {
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final long LOOK_MILLIS = 50;

    /// How to start one.
    ///
    /// @param program the command, without options
    /// @param folder of its own
    /// @param port for RPC
    record Home(String name, List<String> program, Path folder, int port) {}

    private final Home home;
    private final RpcClient rpc;
    private final Process process;

    private NodeJudge(Home home, Process process) {
        this.home = home;
        this.process = process;
        this.rpc =
                new RpcClient(
                        "127.0.0.1", home.port, home.folder.resolve("regtest").resolve(".cookie"));
    }

    /// Starts a node and waits until it answers.
    static NodeJudge start(Home home, List<String> options)
            throws IOException, InterruptedException {
        Files.createDirectories(home.folder);
        var command = new ArrayList<>(home.program);
        command.addAll(
                List.of(
                        "-regtest",
                        "-datadir=" + home.folder,
                        "-rpcport=" + home.port,
                        "-listen=0",
                        "-connect=0",
                        "-dnsseed=0",
                        "-printtoconsole=0"));
        command.addAll(options);
        Process process =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(home.folder.resolve("printed.txt").toFile())
                        .start();
        var node = new NodeJudge(home, process);
        node.await();
        return node;
    }

    private void await() throws IOException, InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            try {
                rpc.call("getblockcount");
                return;
            } catch (RpcClient.RpcException e) {
                if (!process.isAlive() || System.nanoTime() > deadline) {
                    close();
                    throw new IOException(home.name + " does not answer: " + e.getMessage(), e);
                }
            }
            Thread.sleep(LOOK_MILLIS);
        }
    }

    @Override
    public String name() {
        return home.name;
    }

    @Override
    public String answer(Question question, Names names) throws IOException {
        try {
            JsonNode result = rpc.call(question.method(), question.params().toArray());
            return names.shorten(result.isString() ? result.stringValue() : result.toString());
        } catch (RpcClient.RpcException e) {
            if (e.code() == 0) {
                throw new IOException(home.name + ": " + e.getMessage(), e);
            }
            return names.shorten("error " + e.code() + " " + e.getMessage()).replace('\n', ' ');
        }
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
