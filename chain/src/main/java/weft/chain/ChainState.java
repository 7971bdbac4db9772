package weft.chain;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import weft.chain.api.BlockFailure;
import weft.chain.api.ChainCommand;
import weft.chain.api.ChainEvent;
import weft.chain.api.ChainSnapshot;
import weft.chain.api.HeaderNode;
import weft.chain.api.Origin;
import weft.chain.store.BlockPosition;
import weft.chain.store.StoreException;
import weft.primitives.Block;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;
import weft.primitives.Check;
import weft.primitives.Now;
import weft.primitives.log.Log;

/// The headers, the blocks, and the coins of the branch with most work: takes in headers and blocks,
/// follows the best valid branch, and tells what happened as [ChainEvent]s, in order.
///
/// - A block is stored only if its header stands in the tree, passes every check that needs no coins,
///   and was asked for or could soon matter. *Rationale:* nobody shall fill our disk for nothing.
/// - Outside initial block download, what is told is on disk before; within it, writes are gathered.
/// - A failure of ours, such as a full disk, is never a verdict on a block: it is thrown as
/// [StoreException], nothing is marked invalid, and every later call fails. Only a new object on the
///   same stores goes on.
///
/// One thread owns the object (in the program `weft-chain`); only [#snapshot] may be called by others.
/// Nothing reads a clock: time comes with each call.
public final class ChainState implements AutoCloseable {
    /// Blocks so far above the tip are not kept unless they were asked for.
    public static final int BLOCKS_AHEAD_MAX = 288;

    private static final long RECENT_BLOCKS = 144;
    private static final long SYNC_INTERVAL_NANOS = 1_000_000_000L;

    private final ChainParts parts;
    private final BlockConnector connector;
    private final ChainActivation activation;
    private final ChainLoader loader;
    private final BlockFeed feed;
    private final Consumer<ChainEvent> out;
    private volatile @Nullable ChainSnapshot snapshot;
    private @Nullable Throwable failure;
    private BigInteger preciousWork = BigInteger.ZERO;
    private int preciousSequence = -1;
    private long lastSyncNanos = Long.MIN_VALUE;
    private boolean closed;

    /// A chain state that is not loaded yet: [#start] comes first.
    ///
    /// @param stores are not closed by this object
    /// @param out hears all events, on the calling thread
    public ChainState(
            ChainRules rules,
            ChainOptions options,
            ChainStores stores,
            ScriptVerifier verifier,
            Consumer<ChainEvent> out,
            Log log) {
        this.parts = new ChainParts(rules, options, stores, log);
        this.connector = new BlockConnector(rules, verifier, log);
        this.out = out;
        this.activation = new ChainActivation(parts, connector, out);
        this.loader = new ChainLoader(parts);
        this.feed = new BlockFeed(parts);
    }

    /// Loads what is on disk, creating genesis where there is nothing, tells [ChainEvent.Loaded], then
    /// connects blocks that a crash left unconnected.
    public void start(Now now) {
        guarded(
                () -> {
                    loader.load();
                    if (parts.chain.tipOrNull() == null) {
                        activation.connectGenesis(now);
                    }
                    out.accept(loaded(now));
                    parts.log.loaded(parts.tree.entry(parts.chain.tip()), now);
                    activation.activate(null, now);
                    return true;
                },
                now);
    }

    private ChainEvent loaded(Now now) {
        List<HeaderNode> headers = parts.tree.list(entry -> !entry.isFailed());
        List<HeaderNode> stored = parts.tree.list(entry -> !entry.isFailed() && entry.hasBlock());
        HeaderNode tip = parts.chain.tip();
        return new ChainEvent.Loaded(headers, stored, tip, parts.download.isRunning(tip, now));
    }

    private <T> T guarded(Supplier<T> action, Now now) {
        if (failure != null) {
            throw new StoreException(
                    "the chain state has stopped after: " + failure.getMessage(), failure);
        }
        Check.state(!closed, "a closed chain state is not used");
        try {
            T result = action.get();
            HeaderNode tip = parts.chain.tip();
            snapshot =
                    new ChainSnapshot(tip, parts.tree.best(), parts.download.isRunning(tip, now));
            return result;
        } catch (RuntimeException | Error e) {
            failure = e;
            throw e;
        }
    }

    /// Takes in headers; answers with [ChainEvent.HeadersAccepted] or [ChainEvent.HeadersRejected].
    public void submitHeaders(ChainCommand.SubmitHeaders command, Now now) {
        guarded(
                () -> {
                    acceptHeaders(command, now);
                    parts.storage.writeIndex();
                    activation.tell();
                    return true;
                },
                now);
    }

    private void acceptHeaders(ChainCommand.SubmitHeaders command, Now now) {
        HeaderNode bestBefore = parts.tree.best();
        var nodes = new ArrayList<HeaderNode>();
        var added = new ArrayList<HeaderNode>();
        for (BlockHeader header : command.headers()) {
            HeaderTree.Accepted accepted = acceptHeader(header, command.minPowChecked(), now);
            BlockEntry entry = accepted.entry();
            BlockFailure refused = accepted.failure();
            if (refused != null || entry == null) {
                BlockFailure why =
                        Check.present(refused, "a header that is not taken has a failure");
                activation.emit(
                        new ChainEvent.HeadersRejected(
                                command.origin(), header.hash(), why, List.copyOf(added)));
                return;
            }
            nodes.add(entry.node());
            if (accepted.isNew()) {
                added.add(entry.node());
            }
        }
        activation.emit(
                new ChainEvent.HeadersAccepted(
                        command.origin(), List.copyOf(nodes), List.copyOf(added)));
        boolean hasBetter = !parts.tree.best().equals(bestBefore);
        if (hasBetter && parts.download.isRunning(parts.chain.tip(), now) && !nodes.isEmpty()) {
            parts.log.synchronizingHeaders(nodes.getLast(), now);
        }
    }

    private HeaderTree.Accepted acceptHeader(BlockHeader header, boolean minPowChecked, Now now) {
        HeaderTree.Accepted accepted = parts.tree.accept(header, minPowChecked, now);
        BlockEntry entry = accepted.entry();
        if (accepted.isNew() && entry != null) {
            parts.log.newHeader(entry.node(), parts.download.isRunning(parts.chain.tip(), now));
        }
        return accepted;
    }

    /// Takes in a block and goes to whatever branch then has most work. Tells [ChainEvent.BlockStored]
    /// or [ChainEvent.BlockRejected], then what happened to the chain.
    public SubmitResult submitBlock(ChainCommand.SubmitBlock command, Now now) {
        return guarded(() -> submit(command, now), now);
    }

    private SubmitResult submit(ChainCommand.SubmitBlock command, Now now) {
        Block block = command.block();
        BlockFailure refused = parts.rules.checkHeader(block.header(), block.hash());
        if (refused == null) {
            refused = parts.rules.checkBlock(block);
        }
        if (refused != null) {
            return rejected(command.origin(), block, refused);
        }
        boolean minPowChecked =
                command.origin().equals(Origin.SELF) || hasEnoughWork(block.header());
        HeaderTree.Accepted accepted = acceptHeader(block.header(), minPowChecked, now);
        BlockEntry entry = accepted.entry();
        refused = accepted.failure();
        if (refused != null || entry == null) {
            return rejected(
                    command.origin(),
                    block,
                    Check.present(refused, "a header that is not taken has a failure"));
        }
        if (entry.hasBlock()) {
            activation.emit(new ChainEvent.BlockStored(command.origin(), entry.node(), false));
            activation.activate(null, now);
            return SubmitResult.ignored();
        }
        if (!command.requested() && !isWorthStoring(entry)) {
            activation.tell();
            return SubmitResult.ignored();
        }
        refused = checkInContext(entry, block);
        if (refused != null) {
            return rejected(command.origin(), block, refused);
        }
        parts.storage.storeBlock(entry, block);
        activation.sentBy(block.hash(), command.origin());
        parts.candidates.received(entry, parts.tree.entry(parts.chain.tip()));
        activation.emit(new ChainEvent.BlockStored(command.origin(), entry.node(), true));
        activation.tell();
        return new SubmitResult(true, activation.activate(block, now));
    }

    private SubmitResult rejected(Origin origin, Block block, BlockFailure why) {
        parts.log.acceptBlockFailed(why);
        activation.emit(new ChainEvent.BlockRejected(origin, block.hash(), why));
        activation.tell();
        return SubmitResult.failed(why);
    }

    private @Nullable BlockFailure checkInContext(BlockEntry entry, Block block) {
        HeaderNode parent = Check.present(entry.node().parent(), "genesis is there from the start");
        BlockFailure refused = parts.rules.checkBlockInContext(block, parent);
        if (refused != null) {
            parts.log.acceptBlock(refused);
            if (refused.kind() != BlockFailure.Kind.MUTATED) {
                activation.invalidFound(entry);
            }
        }
        return refused;
    }

    /// Whether a block that nobody asked for could soon become the tip.
    private boolean isWorthStoring(BlockEntry entry) {
        HeaderNode tip = parts.chain.tip();
        return entry.txCount() == 0
                && entry.node().chainWork().compareTo(tip.chainWork()) >= 0
                && entry.height() <= tip.height() + BLOCKS_AHEAD_MAX
                && entry.node().chainWork().compareTo(parts.options.minimumChainWork()) >= 0;
    }

    /// Whether a header's branch has so much work that nobody made it just to waste our memory.
    private boolean hasEnoughWork(BlockHeader header) {
        HeaderNode parent = parts.tree.find(header.parent());
        if (parent == null) {
            return false;
        }
        HeaderNode tip = parts.chain.tip();
        BigInteger recent =
                parts.rules.work(tip.header()).multiply(BigInteger.valueOf(RECENT_BLOCKS));
        BigInteger near = tip.chainWork().subtract(recent.min(tip.chainWork()));
        BigInteger work = parent.chainWork().add(parts.rules.work(header));
        return work.compareTo(near.max(parts.options.minimumChainWork())) >= 0;
    }

    /// Reads a block; empty if it is not stored. Answers with [ChainEvent.BlockFetched].
    public void fetchBlock(ChainCommand.FetchBlock command, Now now) {
        guarded(
                () -> {
                    HeaderNode node = parts.tree.find(command.hash());
                    Optional<Block> block = node == null ? Optional.empty() : block(node);
                    out.accept(
                            new ChainEvent.BlockFetched(command.origin(), command.hash(), block));
                    return true;
                },
                now);
    }

    /// Checks a block on top of the tip as if it were submitted, and forgets it (Core:
    /// `TestBlockValidity`).
    ///
    /// @param checkPow false for block templates, which have no proof of work
    /// @return why the block is not valid; empty if it is
    public Optional<BlockFailure> testBlock(Block block, boolean checkPow, Now now) {
        return guarded(() -> Optional.ofNullable(test(block, checkPow, now)), now);
    }

    private @Nullable BlockFailure test(Block block, boolean checkPow, Now now) {
        HeaderNode tip = parts.chain.tip();
        if (!block.header().parent().equals(tip.hash())) {
            return new BlockFailure(
                    BlockFailure.Kind.MISSING_PREV, "inconclusive-not-best-prevblk", "");
        }
        BlockFailure refused = parts.rules.checkHeaderInContext(block.header(), tip, now);
        if (refused == null && checkPow) {
            refused = parts.rules.checkHeader(block.header(), block.hash());
        }
        if (refused == null) {
            refused = checkPow ? parts.rules.checkBlock(block) : parts.rules.checkTemplate(block);
        }
        if (refused == null) {
            refused = parts.rules.checkBlockInContext(block, tip);
        }
        if (refused == null) {
            refused =
                    parts.tree.withTrial(
                            block.header(), block.hash(), node -> connectTrial(block, node));
        }
        return refused;
    }

    private @Nullable BlockFailure connectTrial(Block block, HeaderNode node) {
        return connector.connect(block, node, new CoinsOverlay(parts.coins), true).failure();
    }

    /// Marks a block invalid by the operator's word, with all that stand on it, and leaves them.
    ///
    /// @return whether the block is known
    /// @throws IllegalArgumentException for genesis
    public boolean invalidateBlock(BlockHash hash, Now now) {
        BlockEntry entry = parts.tree.entryOrNull(hash);
        if (entry == null) {
            return false;
        }
        Check.argument(entry.parent() != null, "genesis cannot be invalid");
        return guarded(
                () -> {
                    HeaderNode start = parts.chain.tip();
                    while (parts.chain.contains(entry.node())) {
                        BlockEntry tip = parts.tree.entry(parts.chain.tip());
                        activation.disconnectTip(now);
                        parts.candidates.remove(tip);
                        if (!tip.equals(entry)) {
                            parts.tree.markFailedChild(tip);
                        }
                    }
                    activation.invalidFound(entry);
                    offerAll();
                    activation.publish(start, now);
                    activation.activate(null, now);
                    return true;
                },
                now);
    }

    /// Offers every block that could now be better than the tip.
    private void offerAll() {
        BlockEntry tip = parts.tree.entry(parts.chain.tip());
        for (BlockEntry entry : parts.tree.entries()) {
            parts.candidates.offer(entry, tip);
        }
    }

    /// Takes back [#invalidateBlock] for a block, those below it and those that stand on it, and goes to
    /// the best branch.
    ///
    /// @return whether the block is known
    public boolean reconsiderBlock(BlockHash hash, Now now) {
        BlockEntry entry = parts.tree.entryOrNull(hash);
        if (entry == null) {
            return false;
        }
        return guarded(
                () -> {
                    for (BlockEntry each : parts.tree.entries()) {
                        boolean related =
                                each.node().hasAncestor(entry.node())
                                        || entry.node().hasAncestor(each.node());
                        if (parts.tree.clearFailed(each, related)) {
                            activation.emit(new ChainEvent.HeaderValidity(each.node(), true));
                        }
                    }
                    parts.tree.findBest();
                    activation.forgetInvalid();
                    offerAll();
                    activation.activate(null, now);
                    return true;
                },
                now);
    }

    /// Prefers a block to others with the same work, as if it had come first.
    ///
    /// @return whether the block is known
    public boolean preciousBlock(BlockHash hash, Now now) {
        BlockEntry entry = parts.tree.entryOrNull(hash);
        if (entry == null) {
            return false;
        }
        return guarded(
                () -> {
                    HeaderNode tip = parts.chain.tip();
                    if (entry.node().chainWork().compareTo(tip.chainWork()) < 0) {
                        return true;
                    }
                    if (tip.chainWork().compareTo(preciousWork) > 0) {
                        preciousSequence = -1;
                    }
                    preciousWork = tip.chainWork();
                    parts.candidates.setSequence(entry, preciousSequence--);
                    parts.candidates.offer(entry, parts.tree.entry(tip));
                    activation.activate(null, now);
                    return true;
                },
                now);
    }

    /// Takes in every block that lies in the block files but is not in the index, for a database that
    /// was deleted.
    public void importStoredBlocks(Now now) {
        guarded(
                () -> {
                    loader.importBlocks((block, position) -> importBlock(block, position, now));
                    activation.activate(null, now);
                    return true;
                },
                now);
    }

    private boolean importBlock(Block block, BlockPosition position, Now now) {
        if (parts.rules.checkBlock(block) != null) {
            return false;
        }
        BlockEntry entry = acceptHeader(block.header(), true, now).entry();
        if (entry == null || entry.isFailed()) {
            return false;
        }
        if (entry.parent() != null && !entry.hasBlock() && checkInContext(entry, block) == null) {
            parts.storage.placed(entry, block, position);
            parts.candidates.received(entry, parts.tree.entry(parts.chain.tip()));
            activation.activate(block, now);
        }
        return true;
    }

    /// The next step of a follower, such as an index, that stands at a block.
    ///
    /// @param best null before genesis
    /// @param blocksMax blocks in each direction at most
    /// @return empty if there is no way from that block: the follower has to begin anew
    public Optional<BlockFeed.Step> follow(@Nullable BlockHash best, int blocksMax, Now now) {
        return guarded(() -> feed.step(best, blocksMax, now), now);
    }

    /// Where a block and its undo data lie, for whoever reads them on another thread; empty if the block is
    /// not stored.
    public Optional<BlockPlace> place(HeaderNode node) {
        return Optional.ofNullable(feed.place(node));
    }

    /// Writes everything, safe against power loss.
    public void flush(Now now) {
        guarded(
                () -> {
                    parts.storage.writeAll(parts.chain.tip().hash(), true);
                    lastSyncNanos = now.monotonicNanos();
                    return true;
                },
                now);
    }

    /// To be called once a second or so: makes what was written safe against power loss, and headers
    /// with it.
    public void tick(Now now) {
        if (now.monotonicNanos() - lastSyncNanos >= SYNC_INTERVAL_NANOS
                || lastSyncNanos == Long.MIN_VALUE) {
            guarded(
                    () -> {
                        if (!parts.download.isRunning(parts.chain.tip(), now)) {
                            parts.storage.sync();
                        }
                        lastSyncNanos = now.monotonicNanos();
                        return true;
                    },
                    now);
        }
    }

    /// Writes everything, unless the state has failed; the stores stay open.
    @Override
    public void close() {
        if (!closed && failure == null && parts.chain.tipOrNull() != null) {
            parts.storage.writeAll(parts.chain.tip().hash(), true);
        }
        closed = true;
    }

    /// How the chain stands; may be called from any thread once started.
    public ChainSnapshot snapshot() {
        return Check.present(snapshot, "the chain state is started");
    }

    /// The active chain, by height.
    public ActiveChain chain() {
        return parts.chain;
    }

    /// All headers.
    public HeaderTree headers() {
        return parts.tree;
    }

    /// The coins of the active chain.
    public CoinsView coins() {
        return parts.coins;
    }

    /// The coins on disk, which lag behind the chain until [#flush].
    public CoinsStore coinsStore() {
        return parts.coinsStore;
    }

    /// Memory that coins take now, in bytes.
    public long coinsCacheBytes() {
        return parts.coins.bytes();
    }

    /// Bytes of all block and undo files.
    public long bytesOnDisk() {
        return parts.storage.blocks().bytesUsed();
    }

    /// Reads a block; empty if it is not stored.
    public Optional<Block> block(HeaderNode node) {
        BlockEntry entry = parts.tree.entry(node);
        return entry.hasBlock() ? Optional.of(parts.storage.read(entry)) : Optional.empty();
    }

    /// Reads the coins that a block spent; empty if the block never was part of the active chain.
    public Optional<BlockUndo> undo(HeaderNode node) {
        BlockEntry entry = parts.tree.entry(node);
        return entry.is(BlockEntry.HAS_UNDO)
                ? Optional.of(parts.storage.readUndo(entry))
                : Optional.empty();
    }

    /// Whether the chain is still far from the network's tip.
    public boolean isInitialBlockDownload(Now now) {
        return parts.download.isRunning(parts.chain.tipOrNull(), now);
    }

    /// Part of the chain that is behind us, 0 to 1, estimated.
    public double verificationProgress(Now now) {
        return parts.log.progress(parts.tree.entry(parts.chain.tip()), now);
    }

    /// What an operator should know.
    public List<String> warnings(Now now) {
        return activation.hasLargeWorkInvalidChain() && !isInitialBlockDownload(now)
                ? List.of(
                        "Warning: We do not appear to fully agree with our peers! You may need to "
                                + "upgrade, or other nodes may need to upgrade.")
                : List.of();
    }

    /// The ends of all branches, the highest first.
    public List<ChainTip> chainTips() {
        var tips = new ArrayList<ChainTip>();
        HeaderNode active = parts.chain.tip();
        boolean listed = false;
        for (BlockEntry leaf : parts.tree.leaves()) {
            listed |= leaf.node().equals(active);
            tips.add(tip(leaf));
        }
        if (!listed) {
            tips.add(tip(parts.tree.entry(active)));
            tips.sort((a, b) -> Integer.compare(b.node().height(), a.node().height()));
        }
        return tips;
    }

    private ChainTip tip(BlockEntry entry) {
        HeaderNode fork =
                Check.present(parts.chain.fork(entry.node()), "all branches share genesis");
        return new ChainTip(entry.node(), entry.height() - fork.height(), tipStatus(entry));
    }

    private ChainTip.Status tipStatus(BlockEntry entry) {
        if (entry.node().equals(parts.chain.tip())) {
            return ChainTip.Status.ACTIVE;
        }
        if (entry.isFailed()) {
            return ChainTip.Status.INVALID;
        }
        if (!entry.isBranchComplete()) {
            return ChainTip.Status.HEADERS_ONLY;
        }
        return entry.is(BlockEntry.VALID_SCRIPTS)
                ? ChainTip.Status.VALID_FORK
                : ChainTip.Status.VALID_HEADERS;
    }
}
