package weft.app;

import java.util.function.Function;
import weft.app.log.FileLog;
import weft.app.node.LightRunner;
import weft.app.node.MockableTime;
import weft.consensus.ChainParams;
import weft.light.LightNode;
import weft.server.LightApi;

/// What the RPC server sees of the running light node.
final class LightService extends PeersService implements LightApi {
    private final LightRunner runner;

    LightService(
            LightRunner runner,
            ChainParams params,
            MockableTime time,
            Settings settings,
            FileLog log) {
        super(runner, params, time, settings, log);
        this.runner = runner;
    }

    @Override
    public <T> T onLight(Function<LightNode, T> question) {
        return runner.ask(question);
    }

    @Override
    public long bytesOnDisk() {
        return runner.bytesOnDisk();
    }
}
