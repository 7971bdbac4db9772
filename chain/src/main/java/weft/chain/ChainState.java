package weft.chain;

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
import weft.chain.store.StoreException;
import weft.primitives.Block;
import weft.primitives.BlockHash;
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

    private static final long SYNC_INTERVAL_NANOS = 1_000_000_000L;

    private final ChainParts parts;
    private final BlockConnector connector;
    private final ScriptVerifier verifier;
    private final ChainActivation activation;
    private final ChainLoader loader;
    private final BlockIntake intake;
    private final ChainControl control;
    private final BlockFeed feed;
    private final Snapshots snapshots;
    private final ChainVerification verification;
    private final Consumer<ChainEvent> out;
    private volatile @Nullable ChainSnapshot snapshot;
    private @Nullable Throwable failure;
    private @Nullable BlockImport reindex;
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
        this.verifier = verifier;
        this.out = out;
        this.activation =
                new ChainActivation(parts, connector, new ReadAhead(parts, verifier), out);
        this.loader = new ChainLoader(parts);
        this.intake = new BlockIntake(parts, activation);
        this.control = new ChainControl(parts, activation);
        this.feed = new BlockFeed(parts, activation);
        this.verification = new ChainVerification(parts, connector, log);
        this.snapshots = new Snapshots(parts, connector, activation, out, log);
        parts.pruner.beforeDeleting(snapshots::flush);
    }

    /// [#begin], then [#work] to its end.
    public void start(Now now) {
        begin(now);
        workToTheEnd(now);
    }

    private void workToTheEnd(Now now) {
        boolean more = true;
        while (more) {
            more = work(now);
        }
    }

    /// Loads what is on disk, creating genesis where there is nothing, and tells [ChainEvent.Loaded];
    /// where a [Reindex] is ordered, that is told when it is done.
    public void begin(Now now) {
        guarded(
                () -> {
                    loader.load();
                    parts.pruner.load();
                    if (parts.chain.tipOrNull() == null) {
                        activation.connectGenesis(now);
                    }
                    if (Reindex.isOrdered(parts.storage.database())) {
                        reindex = new BlockImport(parts, intake, verifier);
                    } else {
                        tellLoaded(now);
                    }
                    return true;
                },
                now);
    }

    /// Does a little of what is to be done unasked: takes in block files that must be read anew, connects
    /// blocks that a crash left unconnected. To be called when there is nothing else to do.
    ///
    /// @return whether there is more
    public boolean work(Now now) {
        return guarded(
                () -> {
                    BlockImport blocks = reindex;
                    if (blocks == null) {
                        return activation.advanceSome(now) || snapshots.step(now);
                    }
                    if (!blocks.step(now)) {
                        reindex = null;
                        parts.storage.sync();
                        Reindex.done(parts.storage.database());
                        parts.log.reindexed();
                        tellLoaded(now);
                    }
                    return true;
                },
                now);
    }

    /// Whether block files are being read anew; headers and blocks that others send wait meanwhile.
    public boolean isReindexing() {
        return reindex != null;
    }

    /// Whether blocks that lie on disk are still to be taken in or connected.
    public boolean isCatchingUp() {
        return reindex != null || activation.hasMore();
    }

    private void tellLoaded(Now now) {
        out.accept(loaded(now));
        parts.log.loaded(parts.tree.entry(parts.chain.tip()), now);
        snapshots.start();
        parts.pruner.begin();
        activation.pruneIfDue(now);
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

    /// As [#guarded], on a chain without blocks in flight.
    private <T> T settled(Supplier<T> action, Now now) {
        return guarded(
                () -> {
                    activation.settle(now);
                    return action.get();
                },
                now);
    }

    /// Waits for scripts that still run, and tells what came of them. In initial download [#submitBlock]
    /// returns while they do, and everything but the submission of blocks and headers must wait for them;
    /// whoever has nothing else to do calls this.
    public void settle(Now now) {
        settled(() -> true, now);
    }

    /// Takes in headers; answers with [ChainEvent.HeadersAccepted] or [ChainEvent.HeadersRejected].
    public void submitHeaders(ChainCommand.SubmitHeaders command, Now now) {
        guarded(
                () -> {
                    intake.headers(command, now);
                    parts.storage.writeIndex();
                    activation.tell();
                    return true;
                },
                now);
    }

    /// Takes in a block and goes to whatever branch then has most work. Tells [ChainEvent.BlockStored]
    /// or [ChainEvent.BlockRejected], then what happened to the chain.
    public SubmitResult submitBlock(ChainCommand.SubmitBlock command, Now now) {
        return guarded(
                () -> {
                    SubmitResult result = intake.block(command, now);
                    snapshots.step(now);
                    return result;
                },
                now);
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
        return settled(() -> Optional.ofNullable(test(block, checkPow, now)), now);
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
        int coins = ChainActivation.COINS_PER_TX * block.transactions().size();
        return connector.verdict(
                connector.connect(block, node, new CoinsOverlay(parts.coins, coins), true));
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
        return settled(
                () -> {
                    control.invalidate(entry, now);
                    return true;
                },
                now);
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
        return settled(
                () -> {
                    control.reconsider(entry, now);
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
        return settled(
                () -> {
                    control.prefer(entry, now);
                    return true;
                },
                now);
    }

    /// Takes in every block that lies in the block files but is not in the index, and connects them.
    public void importStoredBlocks(Now now) {
        settled(
                () -> {
                    reindex = new BlockImport(parts, intake, verifier);
                    return true;
                },
                now);
        workToTheEnd(now);
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

    /// Reads the last blocks of the active chain again and compares them with the coins; changes nothing.
    ///
    /// @param level 0 reads blocks; 1 checks them alone; 2 reads undo data; 3 takes blocks back; 4 applies
    ///     them again, with scripts
    /// @param blocks how many; 0 for all
    public VerifyResult verify(int level, int blocks, Now now) {
        return settled(() -> verification.verify(level, blocks), now);
    }

    /// Writes everything, safe against power loss.
    public void flush(Now now) {
        settled(
                () -> {
                    parts.storage.writeAll(parts.chain.tip().hash(), true);
                    snapshots.flush();
                    lastSyncNanos = now.monotonicNanos();
                    return true;
                },
                now);
    }

    /// Lets whatever is under way, or is asked later, end at the next block that connects; the next start
    /// goes on there. For a program that is told to stop; may be called from any thread.
    public void endSoon() {
        activation.endSoon();
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
                        snapshots.step(now);
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
            activation.takeBack();
            parts.storage.writeAll(parts.chain.tip().hash(), true);
            snapshots.flush();
        }
        closed = true;
    }

    /// Deletes block files that have no block above a height, by the operator's word; never the last
    /// blocks, and none that a lock still needs. Tells [ChainEvent.BlocksPruned].
    public void prune(int height, Now now) {
        settled(
                () -> {
                    activation.pruned(parts.pruner.pruneUpTo(height));
                    return true;
                },
                now);
    }

    /// What deletes old blocks; whoever needs some of them sets a lock there.
    public Pruner pruner() {
        return parts.pruner;
    }

    /// Makes a snapshot of all coins the active chain; the chain below is then validated in the
    /// background.
    ///
    /// @param header read from the file already
    /// @param hasMempool transactions wait, which a snapshot cannot be loaded under
    /// @return why not; in Core's words, empty if it is
    public Optional<String> loadSnapshot(
            SnapshotHeader header, SnapshotReader in, boolean hasMempool, Now now) {
        return settled(() -> snapshots.load(header, in, hasMempool, now), now);
    }

    /// What is known of a snapshot in use.
    public Snapshots snapshots() {
        return snapshots;
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
    ///
    /// @throws StoreException if it is damaged on disk: nobody shall get other transactions than were
    ///     checked
    public Optional<Block> block(HeaderNode node) {
        BlockEntry entry = parts.tree.entry(node);
        return entry.hasBlock() ? Optional.of(activation.readSound(entry)) : Optional.empty();
    }

    /// Reads the coins that a block spent; empty if the block never was part of the active chain.
    ///
    /// @throws StoreException if they cannot be read, which is in the log then
    public Optional<BlockUndo> undo(HeaderNode node) {
        BlockEntry entry = parts.tree.entry(node);
        if (!entry.is(BlockEntry.HAS_UNDO)) {
            return Optional.empty();
        }
        try {
            return Optional.of(parts.storage.readUndo(entry));
        } catch (StoreException e) {
            parts.log.undoUnreadable(entry, e);
            throw e;
        }
    }

    /// Whether the chain is still far from the network's tip.
    public boolean isInitialBlockDownload(Now now) {
        return parts.download.isRunning(parts.chain.tipOrNull(), now);
    }

    /// Part of the chain that is behind us, 0 to 1, estimated.
    public double verificationProgress(Now now) {
        return verificationProgress(parts.chain.tip(), now);
    }

    /// Part of the chain up to a block, 0 to 1, estimated.
    public double verificationProgress(HeaderNode at, Now now) {
        return parts.log.progress(parts.tree.entry(at), now);
    }

    /// What an operator should know.
    public List<String> warnings(Now now) {
        if (isInitialBlockDownload(now)) {
            return List.of();
        }
        var warnings = new ArrayList<String>();
        if (parts.invalid.hasMuchWork(parts.chain)) {
            warnings.add(
                    "Warning: We do not appear to fully agree with our peers! You may need to "
                            + "upgrade, or other nodes may need to upgrade.");
        }
        for (int bit : parts.rules.unknownRules(parts.chain.tip())) {
            warnings.add("Unknown new rules activated (versionbit " + bit + ")");
        }
        return List.copyOf(warnings);
    }

    /// The ends of all branches, the highest first.
    public List<ChainTip> chainTips() {
        return BranchEnds.of(parts);
    }
}
