package weft.server.rpc;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;
import weft.chain.BlockPlace;
import weft.chain.ChainOptions;
import weft.chain.ChainStores;
import weft.chain.InlineScriptVerifier;
import weft.chain.index.FollowedBlock;
import weft.chain.index.IndexSet;
import weft.chain.index.IndexWriter;
import weft.chain.store.MemoryBlockStore;
import weft.chain.store.MemoryKeyValueStore;
import weft.consensus.ChainParams;
import weft.mempool.MempoolOptions;
import weft.mining.TemplateOptions;
import weft.node.ChainEngine;
import weft.p2p.PeerCommand;
import weft.p2p.PeerEngine;
import weft.p2p.PeerEvent;
import weft.primitives.BlockHash;
import weft.primitives.Bytes;
import weft.primitives.Now;
import weft.primitives.log.Log;
import weft.server.NodeApi;
import weft.server.json.Json;

/// A node without threads, sockets and files: a real chain engine in memory, whose clock the test turns.
public final class OpenNode implements NodeApi {
    /// Anyone may spend what is paid to it.
    static final Bytes ANYONE = Bytes.parse("51");

    static final Logging NO_LOG =
            new Logging() {
                @Override
                public List<String> names() {
                    return List.of();
                }

                @Override
                public boolean isOn(String name) {
                    return false;
                }

                @Override
                public boolean set(String name, boolean on) {
                    return false;
                }
            };

    private final ChainParams params;
    private final ChainEngine engine;
    private final List<PeerCommand> told = new ArrayList<>();
    private long seconds = 1_700_000_000L;
    private volatile boolean stopping;

    public OpenNode(ChainParams params) {
        this(params, TemplateOptions.DEFAULT);
    }

    OpenNode(ChainParams params, TemplateOptions templates) {
        this.params = params;
        MempoolOptions lax =
                MempoolOptions.DEFAULT.withForm(
                        MempoolOptions.DEFAULT.form().withStandardOnly(false));
        this.engine =
                new ChainEngine(
                        new ChainEngine.Parts(
                                params,
                                ChainOptions.DEFAULT,
                                lax,
                                templates,
                                new ChainStores(new MemoryKeyValueStore(), new MemoryBlockStore()),
                                new InlineScriptVerifier(),
                                Log.NONE));
        engine.start(now(), event -> {});
    }

    /// Calls a method as the server would.
    JsonNode call(List<RpcCommand> commands, String method, JsonNode... arguments) {
        var table = new RpcTable().add(commands);
        table.warmUpFinished();
        var list = Json.array();
        List.of(arguments).forEach(list::add);
        return table.execute(method, list, "test", "/");
    }

    /// Mines blocks a second apart, as far as the network lets a test.
    List<BlockHash> mine(int count) {
        var hashes = new ArrayList<BlockHash>();
        for (int i = 0; i < count; i++) {
            seconds++;
            hashes.addAll(onChain(chain -> chain.mine(1, ANYONE, 1_000_000)));
        }
        return hashes;
    }

    List<PeerCommand> told() {
        return told;
    }

    void stop() {
        stopping = true;
    }

    @Override
    public ChainParams params() {
        return params;
    }

    @Override
    public synchronized <T> T onChain(Function<ChainEngine, T> question) {
        engine.during(now(), event -> {});
        T answer = question.apply(engine);
        engine.settle(now(), event -> {});
        return answer;
    }

    @Override
    public <T> T onPeers(Function<PeerEngine, T> question) {
        throw new UnsupportedOperationException("there are no peers");
    }

    @Override
    public List<PeerEvent> commandPeers(PeerCommand command) {
        told.add(command);
        return List.of();
    }

    @Override
    public Capture capture() {
        throw new UnsupportedOperationException("there are no peers");
    }

    @Override
    public synchronized Now now() {
        return new Now(seconds * 1_000_000_000L, Instant.ofEpochSecond(seconds));
    }

    @Override
    public synchronized void setMockTime(long unixSeconds) {
        seconds = unixSeconds;
    }

    @Override
    public synchronized void forwardTime(Duration span) {
        seconds += span.toSeconds();
    }

    @Override
    public IndexSet indexes() {
        return IndexSet.NONE;
    }

    @Override
    public boolean awaitIndex(IndexWriter writer) {
        return true;
    }

    @Override
    public FollowedBlock read(BlockPlace place) {
        throw new UnsupportedOperationException("there are no indexes");
    }

    @Override
    public boolean isLoaded() {
        return true;
    }

    @Override
    public boolean isStopping() {
        return stopping;
    }

    @Override
    public PoolFile poolFile() {
        throw new UnsupportedOperationException("there are no files");
    }

    @Override
    public void requestStop() {
        stopping = true;
    }

    @Override
    public Settings settings() {
        var folder = new Folder(".", "debug.log");
        return new Settings(280_100, Set.of(), folder, seconds, "full", Proxying.NONE, false);
    }

    @Override
    public Logging logging() {
        return NO_LOG;
    }
}
