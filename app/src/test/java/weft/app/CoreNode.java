package weft.app;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import tools.jackson.databind.JsonNode;
import weft.app.rpc.RpcClient;

/// A running `bitcoind` on regtest.
final class CoreNode implements AutoCloseable {
    private static final String PROGRAM = System.getProperty("weft.bitcoind", "");
    private static final Duration SOON = Duration.ofSeconds(60);

    final int port = FreePorts.one();
    final int rpcPort = FreePorts.one();
    final Path folder;
    private final List<String> command;
    private final RpcClient rpc;
    private Process process;

    CoreNode(Path folder, String... options) throws IOException, InterruptedException {
        this.folder = folder;
        Files.createDirectories(folder);
        command =
                new ArrayList<>(
                        List.of(
                                PROGRAM,
                                "-regtest",
                                "-datadir=" + folder,
                                "-bind=127.0.0.1:" + port,
                                "-rpcport=" + rpcPort,
                                "-listenonion=0",
                                "-dnsseed=0",
                                "-fixedseeds=0",
                                "-printtoconsole=0"));
        command.addAll(List.of(options));
        process = new ProcessBuilder(command).inheritIO().start();
        rpc = new RpcClient("127.0.0.1", rpcPort, folder.resolve("regtest").resolve(".cookie"));
        RunningNode.await(SOON, this::answers);
    }

    /// Starts it again after it was killed.
    void startAgain() throws IOException, InterruptedException {
        process = new ProcessBuilder(command).inheritIO().start();
        RunningNode.await(SOON, this::answers);
    }

    /// What it logged.
    String log() throws IOException {
        return Files.readString(folder.resolve("regtest").resolve("debug.log"));
    }

    private boolean answers() {
        try {
            return call("getblockcount").isNumber();
        } catch (RpcClient.RpcException e) {
            return false;
        }
    }

    JsonNode call(String method, Object... params) {
        return rpc.call(method, params);
    }

    /// Skips a test on a machine without Bitcoin Core.
    static void assumeThere() {
        Assumptions.assumeTrue(
                !PROGRAM.isEmpty() && Files.isExecutable(Path.of(PROGRAM)),
                "needs -Dweft.bitcoind=PATH of Bitcoin Core's bitcoind");
    }

    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    JsonNode onlyPeer() {
        return call("getpeerinfo").get(0);
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(SOON)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
