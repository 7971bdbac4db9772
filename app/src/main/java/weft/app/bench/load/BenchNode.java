package weft.app.bench.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import tools.jackson.databind.JsonNode;
import weft.app.rpc.RpcClient;
import weft.primitives.Block;
import weft.primitives.Bytes;

/// A node in a process of its own on regtest, `weftd` or `bitcoind`, which takes what this machine's peers
/// announce without waiting for others first.
final class BenchNode implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final long LOOK_MILLIS = 20;

    private final Process process;
    private final Path printed;
    private final RpcClient rpc;

    /// Starts a node.
    ///
    /// @param folder for its data, empty
    /// @param port for peers; RPC is on the next
    /// @param extra further options
    BenchNode(String program, Path folder, int port, List<String> extra)
            throws IOException, InterruptedException {
        Files.createDirectories(folder);
        printed = folder.resolve("printed.txt");
        var command =
                new ArrayList<>(
                        List.of(
                                program,
                                "-regtest",
                                "-datadir=" + folder,
                                "-port=" + port,
                                "-bind=127.0.0.1:" + port,
                                "-rpcport=" + (port + 1),
                                "-maxtipage=1000000000",
                                // On regtest nodes look through all they have after each
                                // transaction.
                                "-checkmempool=0",
                                "-checkblockindex=0",
                                "-connect=0",
                                "-listen=1",
                                "-dnsseed=0",
                                "-listenonion=0",
                                "-printtoconsole=0"));
        command.addAll(extra);
        process =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(printed.toFile())
                        .start();
        rpc = new RpcClient("127.0.0.1", port + 1, folder.resolve("regtest").resolve(".cookie"));
        await(this::answers, "answer");
    }

    private boolean answers() {
        try {
            rpc.call("getblockcount");
            return true;
        } catch (RpcClient.RpcException e) {
            return false;
        }
    }

    JsonNode call(String method, Object... params) {
        return rpc.call(method, params);
    }

    void give(List<Block> blocks) throws IOException {
        for (Block block : blocks) {
            String refused =
                    call("submitblock", Bytes.wrap(block.toByteArray()).toHex()).asString("");
            if (!refused.isEmpty()) {
                throw new IOException("block refused: " + refused);
            }
        }
    }

    /// How many transactions wait in its mempool.
    int waiting() {
        return call("getmempoolinfo").path("size").asInt();
    }

    /// Processor time of all its threads so far; -1 where the system does not tell.
    double cpuSeconds() {
        return process.info().totalCpuDuration().map(used -> used.toNanos() / 1e9).orElse(-1.0);
    }

    /// Resident memory at most; -1 where the system does not tell.
    long peakBytes() {
        return statusBytes("VmHWM:");
    }

    /// Resident memory now; -1 where the system does not tell.
    long residentBytes() {
        return statusBytes("VmRSS:");
    }

    private long statusBytes(String name) {
        Path status = Path.of("/proc", Long.toString(process.pid()), "status");
        try {
            for (String line : Files.readAllLines(status)) {
                if (line.startsWith(name)) {
                    return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
                }
            }
        } catch (IOException e) {
            // This system has no such file.
            return -1;
        }
        return -1;
    }

    /// Waits until something holds.
    ///
    /// @throws IOException if the process ends instead, or it takes too long
    void await(BooleanSupplier holds, String what) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!holds.getAsBoolean()) {
            if (!process.isAlive()) {
                throw new IOException("the node ended: " + Files.readString(printed).strip());
            }
            if (System.nanoTime() > deadline) {
                throw new IOException("no " + what + " within " + PATIENCE.toSeconds() + " s");
            }
            Thread.sleep(LOOK_MILLIS);
        }
    }

    @Override
    public void close() {
        try {
            call("stop");
            if (process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                return;
            }
        } catch (RpcClient.RpcException e) {
            // It has ended already, or does not listen any more.
            process.destroyForcibly();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        process.destroyForcibly();
    }
}
