package weft.app;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import weft.app.args.Args;
import weft.app.args.OptionTable;
import weft.app.log.FileLog;
import weft.app.node.MockableTime;
import weft.app.node.NodeRunner;
import weft.app.node.NodeSettings;
import weft.app.rpc.RpcClient;
import weft.consensus.ChainParams;
import weft.store.Disk;

/// All that `weftd` runs, on regtest, inside of the test's own JVM: its engines, threads, stores, sockets and
/// RPC server, so that a test can break a class of it.
public final class WholeNode implements AutoCloseable {
    private final Path folder;
    private final List<AutoCloseable> parts = new ArrayList<>();
    private final int port;
    private final RpcClient rpc;

    private WholeNode(Path folder, List<String> options) throws IOException {
        this.folder = folder;
        this.port = FreePorts.one();
        int rpcPort = FreePorts.one();
        var all = new ArrayList<String>();
        all.add("-regtest");
        all.add("-datadir=" + folder);
        all.add("-bind=127.0.0.1:" + port);
        all.add("-rpcport=" + rpcPort);
        all.addAll(List.of("-listenonion=0", "-dnsseed=0", "-fixedseeds=0", "-printtoconsole=0"));
        // The node itself looks whether its structures hold, after every change.
        all.addAll(List.of("-checkmempool=1", "-checkaddrman=1"));
        all.addAll(options);
        try {
            start(Args.parse(all.toArray(String[]::new)));
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
        this.rpc = new RpcClient("127.0.0.1", rpcPort, networkFolder().resolve(".cookie"));
    }

    /// Starts a node; it answers when this returns.
    ///
    /// @param folder its data folder, which is made if there is none
    /// @param options beside those for a node that keeps to this machine
    public static WholeNode start(Path folder, List<String> options) throws IOException {
        Files.createDirectories(folder);
        return new WholeNode(folder, options);
    }

    private <T extends AutoCloseable> T keep(T part) {
        parts.add(part);
        return part;
    }

    private void start(Args args) throws IOException {
        args.readConfig(args.dataFolder(), OptionTable::isKnown);
        ChainParams params = ChainArgs.params(args);
        NodeSettings settings = NodeArgs.settings(args, params, networkFolder());
        var time = new MockableTime();
        DataFolder.create(networkFolder());
        Path blocks = settings.storage().blocks();
        Disk disk = keep(Disk.open(networkFolder(), blocks, ChainArgs.mark(params), "weft"));
        FileLog log = keep(LogArgs.open(args, networkFolder(), time));
        long now = Instant.now().getEpochSecond();
        RpcService service = keep(RpcService.start(args, settings, NodeRole.apply(args), now, log));
        NodeRunner runner =
                keep(NodeRunner.start(settings, disk, time, NodeRunner.Listeners.NONE, log));
        service.serve(runner, time);
    }

    /// Where peers reach it.
    public int port() {
        return port;
    }

    /// Where it keeps what belongs to its network.
    public Path networkFolder() {
        return folder.resolve("regtest");
    }

    /// Its log so far.
    public String log() throws IOException {
        return Files.readString(networkFolder().resolve("debug.log"));
    }

    /// Asks over RPC.
    public JsonNode call(String method, Object... params) {
        return rpc.call(method, params);
    }

    /// Stops the node in order.
    @Override
    public void close() throws IOException {
        for (AutoCloseable part : parts.reversed()) {
            try {
                part.close();
            } catch (IOException | RuntimeException e) {
                throw e;
            } catch (Exception e) {
                throw new IOException("close " + part, e);
            }
        }
        parts.clear();
    }
}
