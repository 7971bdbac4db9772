package weft.app.node;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import weft.chain.ChainStores;
import weft.chain.RebuildNeeded;
import weft.chain.ScriptCaches;
import weft.chain.api.ChainEvent;
import weft.chain.store.KeyValueStore;
import weft.consensus.ChainParams;
import weft.crypto.SipHash;
import weft.net.MessageCapture;
import weft.net.PeerLoop;
import weft.node.ChainEngine;
import weft.p2p.PeerEngine;
import weft.p2p.PeerEvent;
import weft.p2p.PeerInput;
import weft.primitives.Bytes;
import weft.primitives.log.Log;
import weft.store.BlockFileOptions;
import weft.store.Disk;

/// A running node: the engines, their threads, their stores and sockets. Started top to bottom, closed bottom
/// to top.
public final class NodeRunner implements Running {
    private static final int XOR_KEY_BYTES = 8;
    private static final long FUTURE_SECONDS_MAX = Duration.ofHours(2).toSeconds();

    private final NodeSettings settings;
    private final MockableTime time;
    private final Log log;
    private final OpenParts open = new OpenParts();
    private final StopSignal stop;
    private final ChainLoop chain;
    private final PoolStore poolStore;
    private final FeeStore feeStore;
    private final PeerLoop peers;
    private final PeerSide peerSide;
    private final Indexes indexes;
    private final InitialLoad load;

    /// What the rest of the program hears.
    ///
    /// @param chain every event of the chain engine, on its thread; must not block
    /// @param peers what happens among the peers, on their thread; must not block
    public record Listeners(Consumer<ChainEvent> chain, Consumer<PeerEvent> peers) {
        /// Nobody listens.
        public static final Listeners NONE = new Listeners(event -> {}, event -> {});
    }

    private NodeRunner(
            NodeSettings settings, Disk disk, MockableTime time, Listeners listeners, Log log) {
        this.settings = settings;
        this.time = time;
        this.log = log;
        this.stop = new StopSignal(log);
        ChainParams params = settings.params();
        logAssumed();
        this.peerSide = new PeerSide(settings, time, open, log);
        ChainStores stores = openStores(disk);
        boolean anew = settings.storage().rebuild() == NodeSettings.Rebuild.ALL;
        this.indexes = keep(new Indexes(disk, params, settings.indexes(), anew, stores.blocks()));
        var scripts =
                keep(
                        new PooledScriptVerifier(
                                settings.scripts().threads(), scriptCaches(settings.scripts())));
        var engine =
                new ChainEngine(
                        new ChainEngine.Parts(
                                params,
                                settings.chain(),
                                settings.pool().mempool(),
                                settings.pool().templates(),
                                stores,
                                scripts,
                                log));
        engine.checkMempoolEvery(settings.pool().checkEvery());
        indexes.lockBlocks(engine.chain().pruner());
        PeerEngine peerEngine = peerSide.engine(indexes.filterSource());
        this.peers = new PeerLoop(peerEngine, peerPorts(listeners), log);
        peerSide.drivenBy(peers);
        this.chain =
                new ChainLoop(
                        engine,
                        time::now,
                        event -> {
                            peers.post(new PeerInput.Chain(event));
                            indexes.onChainEvent(event);
                            listeners.chain().accept(event);
                        },
                        stop::fail);
        this.poolStore = new PoolStore(settings.storage().folder(), chain, stop::isRequested, log);
        this.load =
                new InitialLoad(
                        chain,
                        params.identity().magic(),
                        settings.storage().load(),
                        this::isStopping,
                        log,
                        () -> poolStore.loadOwn(settings.pool().mempool().persist()));
        this.feeStore = new FeeStore(settings.storage().folder(), chain, log);
    }

    private void logAssumed() {
        log.info(
                settings.chain().assumeValid() == null
                        ? "Validating signatures for all blocks."
                        : "Assuming ancestors of block "
                                + settings.chain().assumeValid()
                                + " have valid signatures.");
    }

    private ScriptCaches scriptCaches(NodeSettings.Scripts limits) {
        byte[] salt = new byte[32];
        new SecureRandom().nextBytes(salt);
        var caches = new ScriptCaches(salt, limits.cacheBytes());
        for (String what : List.of("signature", "script execution")) {
            log.info(
                    "Using "
                            + ((limits.cacheBytes() / 2) >> 20)
                            + " MiB for "
                            + what
                            + " cache, able to store "
                            + caches.capacity()
                            + " elements");
        }
        return caches;
    }

    private <T extends AutoCloseable> T keep(T resource) {
        return open.keep(resource);
    }

    private ChainStores openStores(Disk disk) {
        boolean prunes = settings.chain().pruning().isOn();
        var random = new SecureRandom();
        byte[] key = new byte[XOR_KEY_BYTES];
        random.nextBytes(key);
        NodeSettings.Storage storage = settings.storage();
        var options =
                new BlockFileOptions(
                        settings.params().identity().magic(),
                        storage.blockFileBytes(),
                        storage.xor(),
                        Bytes.wrap(key),
                        BlockFileOptions.FREE_BYTES_MIN);
        ChainFolder chain = keep(ChainFolder.open(disk, storage, options, prunes, log));
        byte[] salt = new byte[16];
        random.nextBytes(salt);
        return new ChainStores(
                crashing(chain.database(), storage.crashes(), random),
                chain.blocks(),
                keep(new ChainWriter()),
                SipHash.of(salt));
    }

    private KeyValueStore crashing(
            KeyValueStore database, NodeSettings.Crashes crashes, SecureRandom random) {
        return crashes.ratio() == 0
                ? database
                : new CrashingStore(database, crashes, random, log, CrashingStore::endProcess);
    }

    private PeerLoop.Ports peerPorts(Listeners listeners) {
        return new PeerLoop.Ports(
                time::now,
                command -> chain().post(command),
                () -> chain().isBehind(),
                event -> {
                    peerSide.hear(event);
                    listeners.peers().accept(event);
                },
                stop::fail);
    }

    /// Starts a node: loads the chain, then opens the sockets.
    ///
    /// @param disk the locked folder; stays open
    /// @throws NodeFault or another exception with one line for the operator, if it cannot start; nothing
    ///     stays open
    public static NodeRunner start(
            NodeSettings settings, Disk disk, MockableTime time, Listeners listeners, Log log) {
        var runner = new NodeRunner(settings, disk, time, listeners, log);
        try {
            runner.begin();
            return runner;
        } catch (RuntimeException | Error e) {
            runner.close();
            throw e;
        }
    }

    private void begin() {
        peerSide.listen();
        log.info("init message: Loading block index…");
        chain.start(this::verifyBlocks);
        keep(this::closeChain);
        feeStore.load(settings.pool().staleFees());
        chain.onTick(feeStore::tick);
        keep(this::closePool);
        keep(indexes::stop);
        indexes.start(chain, stop::fail, log);
        peerSide.start(stop);
        keep(load);
        load.start();
    }

    private void closePool() {
        if (!stop.hasFailed()) {
            poolStore.saveAtEnd(settings.pool().mempool().persist());
            feeStore.saveAtEnd();
        }
    }

    /// A chain that is being built anew has nothing to compare.
    private void verifyBlocks(ChainEngine engine) {
        NodeSettings.BlockCheck check = settings.storage().check();
        if (engine.chain().isReindexing() || engine.tip().height() == 0) {
            return;
        }
        if (engine.tip().time() > time.now().unixSeconds() + FUTURE_SECONDS_MAX) {
            throw new RebuildNeeded(
                    "The block database contains a block which appears to be from the future. This "
                            + "may be due to your computer's date and time being set incorrectly. "
                            + "Only rebuild the block database if you are sure that your "
                            + "computer's date and time are correct");
        }
        log.info("init message: Verifying blocks…");
        switch (engine.chain().verify(check.level(), check.blocks(), time.now())) {
            case WHOLE, BLOCKS_MISSING -> {}
            case COINS_SKIPPED -> {
                if (check.isWanted()) {
                    throw new NodeFault("Insufficient dbcache for block verification");
                }
            }
            case DAMAGED -> throw new RebuildNeeded("Corrupted block database detected");
        }
    }

    private void closeChain() {
        if (!stop.hasFailed()) {
            chain.end(engine -> engine.chain().close());
        }
        chain.close();
    }

    @Override
    public void requestStop() {
        stop.request();
    }

    @Override
    public boolean isStopping() {
        return stop.isRequested();
    }

    @Override
    public Optional<Throwable> awaitStop() throws InterruptedException {
        return stop.await();
    }

    /// Whether all is in that the node takes in by itself after a start: block files that are read anew, and
    /// those of others.
    public boolean isLoaded() {
        return load.isDone();
    }

    /// The chain engine's loop.
    public ChainLoop chain() {
        return chain;
    }

    /// The file of the mempool.
    public PoolStore poolStore() {
        return poolStore;
    }

    /// The file of fee estimates.
    public FeeStore feeStore() {
        return feeStore;
    }

    /// The indexes that are kept.
    public Indexes indexes() {
        return indexes;
    }

    @Override
    public MessageCapture capture() {
        return peerSide.capture();
    }

    @Override
    public PeerLoop peers() {
        return peers;
    }

    @Override
    public void close() {
        stop.request();
        chain.endSoon();
        open.close(log);
    }
}
