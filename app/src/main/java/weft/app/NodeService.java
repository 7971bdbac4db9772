package weft.app;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import weft.app.log.FileLog;
import weft.app.node.MockableTime;
import weft.app.node.NodeRunner;
import weft.app.node.PoolStore;
import weft.chain.BlockPlace;
import weft.chain.index.FollowedBlock;
import weft.chain.index.IndexSet;
import weft.chain.index.IndexWriter;
import weft.consensus.ChainParams;
import weft.mempool.MempoolImport;
import weft.node.ChainEngine;
import weft.p2p.PeerCommand;
import weft.p2p.PeerEngine;
import weft.p2p.PeerInput;
import weft.primitives.Now;
import weft.server.NodeApi;

/// What the RPC server sees of the running node.
final class NodeService implements NodeApi {
    private final NodeRunner runner;
    private final ChainParams params;
    private final MockableTime time;
    private final Settings settings;
    private final FileLog log;

    NodeService(
            NodeRunner runner,
            ChainParams params,
            MockableTime time,
            Settings settings,
            FileLog log) {
        this.runner = runner;
        this.params = params;
        this.time = time;
        this.settings = settings;
        this.log = log;
    }

    @Override
    public ChainParams params() {
        return params;
    }

    @Override
    public <T> T onChain(Function<ChainEngine, T> question) {
        return runner.chain().ask(question);
    }

    @Override
    public <T> T onPeers(Function<PeerEngine, T> question) {
        return runner.peers().ask(question);
    }

    @Override
    public void tellPeers(PeerCommand command) {
        runner.peers().post(new PeerInput.Command(command));
        runner.peers().ask(engine -> true);
    }

    @Override
    public Now now() {
        return time.now();
    }

    @Override
    public void setMockTime(long unixSeconds) {
        time.set(unixSeconds);
        runner.peers().post(new PeerInput.Tick());
    }

    @Override
    public void forwardTime(Duration span) {
        if (!time.isMocked()) {
            runner.chain()
                    .ask(
                            engine -> {
                                engine.forward(span);
                                return true;
                            });
        }
        time.forward(span);
        runner.peers().post(new PeerInput.Tick());
        runner.feeStore().forward(span, time::now);
    }

    @Override
    public IndexSet indexes() {
        return runner.indexes().set();
    }

    @Override
    public boolean awaitIndex(IndexWriter writer) {
        return runner.indexes().await(writer);
    }

    @Override
    public FollowedBlock read(BlockPlace place) {
        return runner.indexes().read(place);
    }

    @Override
    public boolean isLoaded() {
        return runner.isLoaded();
    }

    @Override
    public boolean isStopping() {
        return runner.isStopping();
    }

    @Override
    public PoolFile poolFile() {
        PoolStore store = runner.poolStore();
        return new PoolFile() {
            @Override
            public Optional<String> save() {
                return store.save().map(Path::toString);
            }

            @Override
            public boolean load(String path, MempoolImport.Use use) {
                return store.load(Path.of(path), use);
            }
        };
    }

    @Override
    public void requestStop() {
        runner.requestStop();
    }

    @Override
    public Settings settings() {
        return settings;
    }

    @Override
    public Logging logging() {
        return new Logging() {
            @Override
            public List<String> names() {
                return FileLog.names();
            }

            @Override
            public boolean isOn(String name) {
                return log.isOn(name);
            }

            @Override
            public boolean set(String name, boolean on) {
                return log.set(name, on);
            }
        };
    }
}
