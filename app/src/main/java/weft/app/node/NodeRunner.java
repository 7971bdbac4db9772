package weft.app.node;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import weft.chain.ChainStores;
import weft.chain.RebuildNeeded;
import weft.chain.ScriptCaches;
import weft.chain.api.ChainEvent;
import weft.chain.store.KeyValueStore;
import weft.chain.store.StoreException;
import weft.consensus.ChainParams;
import weft.crypto.SipHash;
import weft.net.ConnectionFactory;
import weft.net.Dialer;
import weft.net.Listener;
import weft.net.MessageCapture;
import weft.net.NetOptions;
import weft.net.PeerLoop;
import weft.node.ChainEngine;
import weft.p2p.P2pOptions;
import weft.p2p.PeerEngine;
import weft.p2p.PeerEvent;
import weft.p2p.PeerInput;
import weft.p2p.addr.AddrMan;
import weft.p2p.addr.AddrManFile;
import weft.p2p.addr.NetGroups;
import weft.p2p.peers.BanList;
import weft.p2p.sync.SyncRules;
import weft.primitives.Bytes;
import weft.primitives.log.Log;
import weft.store.BlockFileOptions;
import weft.store.Disk;
import weft.wire.AddressEntry;

/// A running node: the engines, their threads, their stores and sockets. Started top to bottom, closed bottom
/// to top.
public final class NodeRunner implements AutoCloseable {
    private static final Duration SAVE_INTERVAL = Duration.ofMinutes(15);
    private static final int XOR_KEY_BYTES = 8;
    private static final long FUTURE_SECONDS_MAX = Duration.ofHours(2).toSeconds();

    private final NodeSettings settings;
    private final MockableTime time;
    private final Log log;
    private final ArrayList<AutoCloseable> open = new ArrayList<>();
    private final CountDownLatch stop = new CountDownLatch(1);
    private final ChainLoop chain;
    private final PoolStore poolStore;
    private final FeeStore feeStore;
    private final PeerLoop peers;
    private final AddressFiles addresses;
    private final BanFile bans;
    private final Indexes indexes;
    private final InitialLoad load;
    private volatile @Nullable Throwable failure;

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
        ChainParams params = settings.params();
        log.info(
                settings.chain().assumeValid() == null
                        ? "Validating signatures for all blocks."
                        : "Assuming ancestors of block "
                                + settings.chain().assumeValid()
                                + " have valid signatures.");
        this.addresses =
                new AddressFiles(
                        settings.storage().folder(), params.identity().magic(), settings.book());
        this.bans = new BanFile(settings.storage().folder());
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
        PeerEngine peerEngine = peerEngine();
        indexes.filterSource().ifPresent(peerEngine.blocks()::serveFilters);
        this.peers = new PeerLoop(peerEngine, peerPorts(listeners), log);
        this.chain =
                new ChainLoop(
                        engine,
                        time::now,
                        event -> {
                            peers.post(new PeerInput.Chain(event));
                            indexes.onChainEvent(event);
                            listeners.chain().accept(event);
                        },
                        this::fail);
        this.poolStore =
                new PoolStore(settings.storage().folder(), chain, () -> stop.getCount() == 0, log);
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
        open.add(resource);
        return resource;
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

    private PeerEngine peerEngine() {
        var random = new SecureRandom();
        P2pOptions.Sources sources = settings.p2p().sources();
        var groups =
                new NetGroups(
                        sources.groups().allowLocal(),
                        AsMapFile.read(settings.book().asMap(), log));
        log.info("init message: Loading P2P addresses…");
        AddrMan book = addresses.read(groups, random, log);
        log.info("init message: Loading banlist…");
        var list = new BanList(settings.book().banTime(), random);
        list.load(bans.read(log), time.now().unixSeconds());
        var memory = new PeerEngine.Memory(book, list);
        SyncRules rules = SyncRules.of(settings.params(), settings.chain().minimumChainWork());
        List<AddressEntry> anchors = sources.automatic() ? addresses.takeAnchors(log) : List.of();
        P2pOptions options = settings.p2p().with(sources.withGroups(groups).withAnchors(anchors));
        var engine = new PeerEngine(options, memory, rules, random, log);
        OwnAddresses.learn(settings.net().binds(), options.self().port(), engine.locals(), log);
        return engine;
    }

    private PeerLoop.Ports peerPorts(Listeners listeners) {
        return new PeerLoop.Ports(
                time::now,
                command -> chain().post(command),
                () -> chain().waiting(),
                event -> {
                    if (event instanceof PeerEvent.BansChanged) {
                        saveBans();
                    }
                    listeners.peers().accept(event);
                },
                this::fail);
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
        NetOptions net = settings.net();
        Optional<MessageCapture> capture =
                settings.captureMessages()
                        ? Optional.of(
                                new MessageCapture(
                                        settings.storage().folder().resolve("message_capture"),
                                        time::now))
                        : Optional.empty();
        var connections =
                new ConnectionFactory(net, peers, new SecureRandom()::nextBytes, capture, log);
        List<Listener> listeners = new ArrayList<>();
        keep(() -> listeners.forEach(Listener::close));
        Listener.openAll(net.binds(), connections, listeners, log);
        log.info("init message: Loading block index…");
        chain.start(this::verifyBlocks);
        keep(this::closeChain);
        feeStore.load(settings.pool().staleFees());
        chain.onTick(feeStore::tick);
        keep(this::closePool);
        keep(indexes::stop);
        indexes.start(chain, this::fail, log);
        keep(this::closePeers);
        log.info("init message: Starting network threads…");
        peers.start(new Dialer(net, connections, peers, log));
        Thread.ofVirtual().name("weft-scheduler").start(this::saveNowAndThen);
        keep(load);
        load.start();
    }

    private void closePool() {
        if (failure == null) {
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
        if (failure == null) {
            chain.end(engine -> engine.chain().close());
        }
        chain.close();
    }

    private void closePeers() {
        saveAddresses();
        if (settings.p2p().sources().automatic()) {
            addresses.writeAnchors(peers.ask(engine -> engine.anchors(time.now())), log);
        }
        saveBans();
        peers.close();
    }

    private void saveNowAndThen() {
        log.info("scheduler thread start");
        try {
            while (!stop.await(SAVE_INTERVAL.toSeconds(), java.util.concurrent.TimeUnit.SECONDS)) {
                saveAddresses();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void saveAddresses() {
        Bytes book =
                peers.ask(
                        engine ->
                                AddrManFile.write(
                                        engine.addrMan(), settings.params().identity().magic()));
        addresses.write(book, log);
    }

    /// On the thread of the peer engine, which alone may read the list.
    private void saveBans() {
        bans.write(peers().ask(engine -> engine.bans().entries(time.now().unixSeconds())), log);
    }

    private void fail(Throwable cause) {
        Throwable first = cause;
        while (first instanceof StoreException && first.getCause() instanceof StoreException) {
            first = first.getCause();
        }
        log.error("A fatal internal error occurred: " + first);
        failure = first;
        stop.countDown();
    }

    /// Asks the node to stop; [#awaitStop] then returns.
    public void requestStop() {
        stop.countDown();
    }

    /// Whether the node was asked to stop, or must.
    public boolean isStopping() {
        return stop.getCount() == 0;
    }

    /// Waits until the node is asked to stop, or must.
    ///
    /// @return why it must; empty if it was asked to
    public Optional<Throwable> awaitStop() throws InterruptedException {
        stop.await();
        return Optional.ofNullable(failure);
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

    /// The peer engine's loop.
    public PeerLoop peers() {
        return peers;
    }

    @Override
    public void close() {
        stop.countDown();
        chain.endSoon();
        for (AutoCloseable each : open.reversed()) {
            try {
                each.close();
            } catch (Exception e) {
                log.error(
                        "closing "
                                + each.getClass().getSimpleName()
                                + " failed: "
                                + e.getMessage());
            }
        }
        open.clear();
    }
}
