package weft.app;

import java.nio.file.Path;
import java.time.Duration;
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
import weft.server.NodeApi;

/// What the RPC server sees of the running full node.
final class NodeService extends PeersService implements NodeApi {
    private final NodeRunner runner;
    private final MockableTime time;

    NodeService(
            NodeRunner runner,
            ChainParams params,
            MockableTime time,
            Settings settings,
            FileLog log) {
        super(runner, params, time, settings, log);
        this.runner = runner;
        this.time = time;
    }

    @Override
    public <T> T onChain(Function<ChainEngine, T> question) {
        return runner.chain().ask(question);
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
        super.forwardTime(span);
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
}
