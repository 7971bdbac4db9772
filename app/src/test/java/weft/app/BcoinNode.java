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

/// A running bcoin, a full node in JavaScript, on regtest and in memory.
final class BcoinNode implements AutoCloseable {
    /// Where `npm ci` put it.
    private static final Path INSTALLED =
            Path.of(System.getProperty("weft.bcoin", "target/npm/node_modules/bcoin"))
                    .toAbsolutePath();

    private static final Path PRELOAD = Path.of("src/test/npm/preload.js").toAbsolutePath();
    private static final Duration SOON = Duration.ofSeconds(60);

    final int port = FreePorts.one();
    private final Path folder;
    private final Process process;
    private final RpcClient rpc;

    /// @param dialled port of this machine; the only one that it dials
    BcoinNode(Path folder, int dialled) throws IOException, InterruptedException {
        this.folder = folder;
        Files.createDirectories(folder);
        int rpcPort = FreePorts.one();
        var command =
                new ArrayList<>(List.of("node", "-r", PRELOAD.toString(), INSTALLED + "/bin/node"));
        command.addAll(
                List.of(
                        "--network=regtest",
                        "--memory=true",
                        "--prefix=" + folder,
                        "--listen=true",
                        "--host=127.0.0.1",
                        "--port=" + port,
                        "--http-host=127.0.0.1",
                        "--http-port=" + rpcPort,
                        "--no-auth=true",
                        "--no-wallet=true",
                        "--workers=false",
                        "--log-file=false",
                        "--log-level=debug",
                        "--max-outbound=1",
                        "--only=127.0.0.1:" + dialled));
        var builder =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(folder.resolve("console.txt").toFile());
        builder.environment().put("BCOIN", INSTALLED.toString());
        process = builder.start();
        Path cookie = Files.writeString(folder.resolve("cookie"), "any:any");
        rpc = new RpcClient("127.0.0.1", rpcPort, cookie);
        RunningNode.await(SOON, this::answers);
    }

    /// Skips a test on a machine without bcoin.
    static void assumeThere() {
        Assumptions.assumeTrue(
                Files.isExecutable(INSTALLED.resolve("bin/node")),
                "needs bcoin, which .ci/run installs, or -Dweft.bcoin=FOLDER of it");
    }

    private boolean answers() {
        try {
            return height() >= 0;
        } catch (RpcClient.RpcException e) {
            if (!process.isAlive()) {
                throw new AssertionError(console(), e);
            }
            return false;
        }
    }

    /// What it said.
    String console() {
        try {
            return Files.readString(folder.resolve("console.txt"));
        } catch (IOException e) {
            return e.toString();
        }
    }

    JsonNode call(String method, Object... params) {
        return rpc.call(method, params);
    }

    int height() {
        return call("getblockcount").asInt();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
