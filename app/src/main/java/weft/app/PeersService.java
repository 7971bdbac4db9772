package weft.app;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import weft.app.log.FileLog;
import weft.app.node.MockableTime;
import weft.app.node.Running;
import weft.consensus.ChainParams;
import weft.net.MessageCapture;
import weft.p2p.PeerCommand;
import weft.p2p.PeerEngine;
import weft.p2p.PeerEvent;
import weft.p2p.PeerId;
import weft.p2p.PeerInput;
import weft.primitives.Now;
import weft.server.PeersApi;

/// What the RPC server sees of any running node.
abstract class PeersService implements PeersApi {
    private final Running runner;
    private final ChainParams params;
    private final MockableTime time;
    private final Settings settings;
    private final FileLog log;

    PeersService(
            Running runner, ChainParams params, MockableTime time, Settings settings, FileLog log) {
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
    public <T> T onPeers(Function<PeerEngine, T> question) {
        return runner.peers().ask(question);
    }

    @Override
    public List<PeerEvent> commandPeers(PeerCommand command) {
        return runner.peers().tell(command);
    }

    @Override
    public Now now() {
        return time.now();
    }

    @Override
    public void setMockTime(long unixSeconds) {
        time.set(unixSeconds);
        tick();
    }

    @Override
    public void forwardTime(Duration span) {
        time.forward(span);
        tick();
    }

    private void tick() {
        runner.peers().post(new PeerInput.Tick());
    }

    @Override
    public boolean isStopping() {
        return runner.isStopping();
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
    public Capture capture() {
        return new Capture() {
            @Override
            public State state() {
                MessageCapture.State now = runner.capture().state();
                return new State(
                        now.on(),
                        now.peers(),
                        now.folder().toString(),
                        now.bytes(),
                        now.bytesMax());
            }

            @Override
            public void on(Set<PeerId> peers) {
                runner.capture().on(peers);
            }

            @Override
            public void off() {
                runner.capture().off();
            }
        };
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
