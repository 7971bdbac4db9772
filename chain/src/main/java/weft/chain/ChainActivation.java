package weft.chain;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import weft.chain.api.BlockFailure;
import weft.chain.api.ChainEvent;
import weft.chain.api.HeaderNode;
import weft.chain.api.Origin;
import weft.chain.store.StoreException;
import weft.primitives.Block;
import weft.primitives.BlockHash;
import weft.primitives.Check;
import weft.primitives.Now;

/// Leads the active chain to the branch with most work: disconnects to the fork, connects the better
/// branch, and turns to the next best where a block breaks a rule. What happened is written to disk
/// before anyone hears of it.
///
/// In initial download blocks are connected while scripts of those below still run: see [BlocksInFlight].
/// The chain's tip, the events and what is written know only of blocks whose scripts passed.
final class ChainActivation {
    private static final int PENDING_EVENTS_MAX = 16;
    private static final int CONNECT_AHEAD_BLOCKS = 32;
    private static final int READ_AHEAD_BLOCKS = 3;
    static final int COINS_PER_TX = 5;
    private static final int ORIGINS_MAX = 10_000;
    private static final long TWO_WEEKS_SECONDS = 14 * 24 * 60 * 60;
    private static final String ROTTEN =
            "Corrupt block found indicating potential hardware failure.";

    private final ChainParts parts;
    private final BlockConnector connector;
    private final Consumer<ChainEvent> out;
    private final List<ChainEvent> pending = new ArrayList<>();
    private final BlocksInFlight inFlight = new BlocksInFlight();
    private final ReadAhead reading;
    private final Map<BlockHash, Origin> origins = new LinkedHashMap<>();
    private long lastWriteNanos = Long.MIN_VALUE;
    private @Nullable BlockHash watched;
    private @Nullable BlockFailure watchedFailure;
    private volatile boolean ending;

    /// How often a block was found invalid.
    private int failures;

    ChainActivation(
            ChainParts parts,
            BlockConnector connector,
            ReadAhead reading,
            Consumer<ChainEvent> out) {
        this.parts = parts;
        this.connector = connector;
        this.reading = reading;
        this.out = out;
    }

    /// Remembers who sent a block, until it connects or fails.
    void sentBy(BlockHash hash, Origin origin) {
        origins.putIfAbsent(hash, origin);
        if (origins.size() > ORIGINS_MAX) {
            origins.remove(origins.keySet().iterator().next());
        }
    }

    /// Tells something at once, in order with what is still to be told.
    void emit(ChainEvent event) {
        pending.add(event);
    }

    private @Nullable BlockEntry tip() {
        HeaderNode tip = parts.chain.tipOrNull();
        return tip == null ? null : parts.tree.entry(tip);
    }

    /// The block that the coins belong to.
    private @Nullable HeaderNode reached() {
        HeaderNode last = inFlight.last();
        return last == null ? parts.chain.tipOrNull() : last;
    }

    private boolean hasReached(@Nullable BlockEntry target) {
        return target == null || target.node().equals(reached());
    }

    /// Lets long ways to the best branch end at the next block; from any thread.
    void endSoon() {
        ending = true;
    }

    /// Goes to the branch with most work.
    ///
    /// @param arrived a block just stored, so that it need not be read again
    /// @return why `arrived` did not connect, if it was tried
    Optional<BlockFailure> activate(@Nullable Block arrived, Now now) {
        watched = arrived == null ? null : arrived.hash();
        watchedFailure = null;
        do {
            advance(arrived, Integer.MAX_VALUE, now);
        } while (!land(now) && !ending);
        return Optional.ofNullable(watchedFailure);
    }

    /// Goes some blocks towards the branch with most work; in initial download scripts may still run on
    /// return.
    ///
    /// @return whether there is more to do
    boolean advanceSome(Now now) {
        watched = null;
        watchedFailure = null;
        advance(null, CONNECT_AHEAD_BLOCKS, now);
        return hasMore();
    }

    /// Whether a branch that is all here has more work than what is connected.
    boolean hasMore() {
        return !hasReached(target());
    }

    /// As [#activate], but in initial download scripts may still run on return: what comes of them is told
    /// by later calls, [#settle] at the latest.
    ///
    /// @return why `arrived` did not connect, if that is known already
    Optional<BlockFailure> activateAhead(Block arrived, Now now) {
        if (!parts.download.isRunning(parts.chain.tipOrNull(), now)) {
            return activate(arrived, now);
        }
        watched = arrived.hash();
        watchedFailure = null;
        advance(arrived, Integer.MAX_VALUE, now);
        return Optional.ofNullable(watchedFailure);
    }

    private void advance(@Nullable Block arrived, int stepsMax, Now now) {
        BlockEntry target = target();
        for (int steps = 0; steps < stepsMax && !hasReached(target) && !ending; steps++) {
            HeaderNode start = parts.chain.tipOrNull();
            do {
                boolean failed = target == null || step(target, arrived, now);
                if (failed || hasReached(target)) {
                    target = target();
                }
            } while (isBelow(start) && !hasReached(target));
            int failuresBefore = failures;
            publish(start, now);
            if (hasReached(target) || failures != failuresBefore || isStopDue()) {
                // Else the way to the target is as clear as before: looking at all of it after each
                // block would take time in proportion to its square.
                target = target();
            }
        }
        tell();
    }

    /// Where to go; null to stay.
    private @Nullable BlockEntry target() {
        return isStopDue() ? null : mostWork();
    }

    private boolean isStopDue() {
        HeaderNode reached = reached();
        int stop = parts.options.stopAtHeight();
        return stop > 0 && reached != null && reached.height() >= stop;
    }

    /// Waits until no block is in flight, tells what came of it, and goes to the branch that then has
    /// most work.
    void settle(Now now) {
        if (!land(now)) {
            activate(null, now);
        }
    }

    /// Waits until no block is in flight, and tells what came of it.
    ///
    /// @return false if a block failed, so that another branch may be the best now
    private boolean land(Now now) {
        if (inFlight.isEmpty()) {
            return true;
        }
        HeaderNode start = parts.chain.tipOrNull();
        boolean passed = settle(true, now);
        publish(start, now);
        return passed;
    }

    /// Connects the first block, of which nobody need hear.
    void connectGenesis(Now now) {
        connectTip(parts.tree.genesis(), parts.rules.genesis(), now);
        settle(true, now);
        pending.clear();
        parts.storage.writeAll(parts.chain.tip().hash(), true);
    }

    private boolean isBelow(@Nullable HeaderNode start) {
        HeaderNode reached = reached();
        return start != null
                && (reached == null
                        || Candidates.isWorse(parts.tree.entry(reached), parts.tree.entry(start)));
    }

    /// The best candidate whose blocks are all there and not invalid.
    private @Nullable BlockEntry mostWork() {
        while (true) {
            BlockEntry best = parts.candidates.best();
            if (best == null) {
                return null;
            }
            BlockEntry obstacle = obstacle(best);
            if (obstacle == null) {
                return best;
            }
            if (obstacle.isFailed()) {
                parts.invalid.note(best);
            }
            for (BlockEntry each = best;
                    each != null && !each.equals(obstacle);
                    each = each.parent()) {
                if (obstacle.isFailed()) {
                    parts.tree.markFailedChild(each);
                } else if (each.parent() != null) {
                    parts.candidates.await(each, each.parent());
                }
                parts.candidates.remove(each);
            }
            parts.candidates.remove(obstacle);
        }
    }

    private @Nullable BlockEntry obstacle(BlockEntry from) {
        for (BlockEntry each = from;
                each != null && !parts.chain.contains(each.node());
                each = each.parent()) {
            if (each.isFailed() || !each.hasBlock()) {
                return each;
            }
        }
        return null;
    }

    /// Goes towards a block until the chain is better than before.
    ///
    /// @return whether a block on the way is invalid
    private boolean step(BlockEntry target, @Nullable Block arrived, Now now) {
        HeaderNode start = reached();
        boolean ahead = parts.download.isRunning(parts.chain.tipOrNull(), now);
        if (start != null && !target.node().hasAncestor(start)) {
            // Another branch: blocks are only taken back from a chain that is settled.
            ahead = false;
            if (!settle(true, now)) {
                return true;
            }
            HeaderNode fork = parts.chain.fork(target.node());
            while (!Objects.equals(parts.chain.tipOrNull(), fork)) {
                disconnectTip(now);
            }
        }
        while (!hasReached(target)) {
            HeaderNode reached = reached();
            int from = reached == null ? -1 : reached.height();
            int next = ahead ? READ_AHEAD_BLOCKS : CONNECT_AHEAD_BLOCKS;
            List<BlockEntry> path = path(target, Math.min(from + next, target.height()));
            if (ahead && arrived == null) {
                reading.begin(path);
            }
            for (BlockEntry each : path) {
                boolean isArrived = arrived != null && arrived.hash().equals(each.node().hash());
                if (!connect(each, isArrived ? arrived : null, ahead, now)) {
                    return true;
                }
                boolean better =
                        start == null || each.node().chainWork().compareTo(start.chainWork()) > 0;
                if (better) {
                    return false;
                }
            }
        }
        return false;
    }

    /// The next blocks to connect, in order.
    private List<BlockEntry> path(BlockEntry target, int height) {
        var path = new ArrayList<BlockEntry>();
        HeaderNode reached = reached();
        HeaderNode node = Check.present(target.node().ancestor(height), "a branch has all heights");
        while (node != null && !node.equals(reached)) {
            path.add(parts.tree.entry(node));
            node = node.parent();
        }
        return path.reversed();
    }

    /// Connects one block.
    ///
    /// @param ahead its scripts may go on
    /// @return whether no block was found invalid, neither this nor one below
    private boolean connect(BlockEntry entry, @Nullable Block arrived, boolean ahead, Now now) {
        if (!inFlight.isEmpty() && isWriteDue(now)) {
            // Only a settled chain is written.
            boolean passed = settle(true, now);
            write(now);
            if (!passed) {
                return false;
            }
        }
        return connectTip(entry, arrived, now) && settle(!ahead, now);
    }

    /// Applies a block to the coins and begins its scripts.
    ///
    /// @return whether no block was found invalid, neither this nor one below
    private boolean connectTip(BlockEntry entry, @Nullable Block arrived, Now now) {
        Block block = arrived;
        BlockFailure failure = null;
        if (block == null) {
            ReadAhead.Checked stored = reading.take(entry);
            block = stored.block();
            failure = stored.failure();
            if (failure != null && failure.kind() == BlockFailure.Kind.MUTATED) {
                throw new StoreException(ROTTEN);
            }
        }
        var view = new CoinsOverlay(parts.coins, COINS_PER_TX * block.transactions().size());
        if (failure == null) {
            BlockConnector.Result result =
                    connector.connect(block, entry.node(), view, runsScripts(entry.node()));
            failure = result.failure();
            if (failure == null) {
                view.moveInto(parts.coins);
                inFlight.add(
                        new BlocksInFlight.Flight(
                                entry, block, arrived == null, result.undo(), result.scripts()));
                return true;
            }
        }
        // If a block below fails, this one was applied to the wrong coins, and nothing is known of
        // it.
        if (settle(true, now)) {
            failed(entry, block, arrived == null, failure);
        }
        return false;
    }

    /// Takes blocks in flight whose scripts passed into the chain.
    ///
    /// @param all wait for all scripts, not only where too much is in flight
    /// @return false if a block failed; then none is in flight any more
    private boolean settle(boolean all, Now now) {
        while (!inFlight.isEmpty()) {
            BlocksInFlight.Flight first = inFlight.first();
            if (!all && !inFlight.isFull() && !first.scripts().isDone()) {
                return true;
            }
            BlockFailure failure = connector.await(first.scripts());
            if (failure != null) {
                takeBack();
                failed(first.entry(), first.block(), first.wasStored(), failure);
                return false;
            }
            connected(inFlight.removeFirst(), now);
        }
        return true;
    }

    /// Takes all blocks in flight out of the coins, as if they had never been tried.
    void takeBack() {
        while (!inFlight.isEmpty()) {
            BlocksInFlight.Flight last = inFlight.removeLast();
            last.scripts().cancel();
            var view = new CoinsOverlay(parts.coins);
            connector.disconnect(last.block(), last.entry().node(), last.undo(), view);
            view.moveInto(parts.coins);
        }
    }

    private void failed(BlockEntry entry, Block block, boolean wasStored, BlockFailure failure) {
        if (wasStored && isRotten(block, entry)) {
            throw new StoreException(ROTTEN);
        }
        BlockHash hash = entry.node().hash();
        parts.log.connectFailed(hash, failure);
        if (hash.equals(watched)) {
            watchedFailure = failure;
        }
        emit(new ChainEvent.BlockRejected(sender(hash), hash, failure));
        invalidFound(entry);
    }

    private Origin sender(BlockHash hash) {
        Origin origin = origins.remove(hash);
        return origin == null ? Origin.SELF : origin;
    }

    private void connected(BlocksInFlight.Flight flight, Now now) {
        BlockEntry entry = flight.entry();
        parts.storage.storeUndo(entry, flight.undo());
        if (!entry.is(BlockEntry.VALID_SCRIPTS)) {
            entry.mark(BlockEntry.VALID_SCRIPTS);
            parts.tree.markDirty(entry);
        }
        origins.remove(entry.node().hash());
        parts.chain.setTip(entry.node());
        parts.candidates.pruneBelow(entry);
        parts.log.updateTip(entry, parts.coins, now);
        happened(new ChainEvent.BlockConnected(entry.node(), flight.block()), now);
    }

    /// Whether a stored block has other witnesses than the ones that were checked before it was stored.
    /// *Rationale:* its id does not cover them, so bytes that rotted on our disk look like wrong signatures;
    /// the block must not be blamed for that.
    private boolean isRotten(Block block, BlockEntry entry) {
        HeaderNode parent = Check.present(entry.node().parent(), "genesis breaks no rule");
        BlockFailure found = parts.rules.checkBlockInContext(block, parent);
        return found != null && found.kind() == BlockFailure.Kind.MUTATED;
    }

    /// Reads a stored block, and makes sure that its transactions and witnesses are those that were checked
    /// when it came.
    Block readSound(BlockEntry entry) {
        Block block = parts.storage.read(entry);
        BlockFailure found = parts.rules.checkBlock(block);
        boolean mutated = found != null && found.kind() == BlockFailure.Kind.MUTATED;
        if (mutated || (entry.parent() != null && isRotten(block, entry))) {
            throw new StoreException(
                    "the block " + entry.node().hash() + " is damaged on disk; " + ROTTEN);
        }
        return block;
    }

    /// Takes back the last block of the active chain, whose transactions wait again.
    private void disconnectTip(Now now) {
        disconnectTip(false, now);
    }

    /// Takes back the last block of the active chain.
    ///
    /// @param givesUp whether its transactions shall leave the mempool
    void disconnectTip(boolean givesUp, Now now) {
        BlockEntry entry = Check.present(tip(), "there is a tip to disconnect");
        BlockEntry parent = Check.present(entry.parent(), "genesis is never disconnected");
        Block block;
        var view = new CoinsOverlay(parts.coins);
        try {
            block = readSound(entry);
            connector.disconnect(block, entry.node(), parts.storage.readUndo(entry), view);
        } catch (StoreException e) {
            // The log has the cause; the operator is told in Core's words, which do not name it.
            parts.log.disconnectFailed(entry.node().hash(), e);
            throw new StoreException("Failed to disconnect block.");
        }
        view.moveInto(parts.coins);
        parts.chain.setTip(parent.node());
        parts.log.updateTip(parent, parts.coins, now);
        happened(new ChainEvent.BlockDisconnected(entry.node(), block, givesUp), now);
    }

    private void happened(ChainEvent event, Now now) {
        pending.add(event);
        boolean many = pending.size() >= PENDING_EVENTS_MAX || parts.coins.isFull();
        if (many && inFlight.isEmpty()) {
            write(now);
            tell();
        }
    }

    /// Whether the scripts of a block must run, or are assumed valid because they are buried deep enough
    /// below a block that the operator trusts.
    boolean runsScripts(HeaderNode node) {
        BlockHash trusted = parts.options.assumeValid();
        HeaderNode assumed = trusted == null ? null : parts.tree.find(trusted);
        HeaderNode best = parts.tree.best();
        if (assumed == null
                || !assumed.hasAncestor(node)
                || !best.hasAncestor(node)
                || best.chainWork().compareTo(parts.options.minimumChainWork()) < 0) {
            return true;
        }
        BigInteger seconds =
                best.chainWork()
                        .subtract(node.chainWork())
                        .multiply(BigInteger.valueOf(parts.rules.targetSpacingSeconds()))
                        .divide(parts.rules.work(best.header()));
        return seconds.compareTo(BigInteger.valueOf(TWO_WEEKS_SECONDS)) <= 0;
    }

    /// A block breaks a rule: it and all that stand on it are out.
    void invalidFound(BlockEntry entry) {
        failures++;
        parts.tree.markFailed(entry);
        parts.candidates.remove(entry);
        parts.tree.findBest();
        parts.invalid.note(entry);
        parts.log.invalidChainFound(entry.node(), parts.chain.tip());
        emit(new ChainEvent.HeaderValidity(entry.node(), false));
    }

    /// Writes what must be written, then tells what happened since the tip was at `start`.
    void publish(@Nullable HeaderNode start, Now now) {
        write(now);
        tell();
        HeaderNode tip = parts.chain.tip();
        if (start != null && !tip.equals(start)) {
            boolean initial = parts.download.isRunning(tip, now);
            if (initial) {
                BlockEntry entry = parts.tree.entry(tip);
                int best = parts.tree.best().height();
                double part = parts.log.progress(entry, now);
                parts.syncProgress.look(entry, best, part, parts.coins.bytes(), now);
            }
            out.accept(new ChainEvent.TipChanged(start, tip, HeaderNode.fork(start, tip), initial));
        }
        if (parts.invalid.hasMuchWork(parts.chain) && !parts.download.isRunning(tip, now)) {
            parts.log.longInvalidChain();
        }
    }

    /// Deletes old block files, if they have grown beyond their limit and the chain is settled.
    void pruneIfDue(Now now) {
        if (inFlight.isEmpty() && parts.pruner.isDue()) {
            boolean initial = parts.download.isRunning(parts.chain.tip(), now);
            pruned(parts.pruner.pruneToTarget(initial));
        }
    }

    /// Tells that blocks are gone.
    void pruned(List<HeaderNode> gone) {
        if (!gone.isEmpty()) {
            out.accept(new ChainEvent.BlocksPruned(gone));
        }
    }

    private boolean isWriteDue(Now now) {
        if (lastWriteNanos == Long.MIN_VALUE) {
            lastWriteNanos = now.monotonicNanos();
        }
        return parts.coins.isFull()
                || parts.pruner.isDue()
                || now.monotonicNanos() - lastWriteNanos > parts.options.flushInterval().toNanos();
    }

    private void write(Now now) {
        HeaderNode tip = parts.chain.tip();
        boolean initial = parts.download.isRunning(tip, now);
        parts.storage.poll();
        boolean due = isWriteDue(now);
        if (!initial && !inFlight.isEmpty()) {
            // From here on nothing is told that is not on disk; a block that fails is noted all the
            // same.
            settle(true, now);
            tip = parts.chain.tip();
        }
        if (!inFlight.isEmpty()) {
            parts.storage.writeIndex();
        } else if (!initial) {
            parts.storage.writeAll(tip.hash(), parts.options.syncEachBlock());
        } else if (due) {
            parts.storage.startWrite(tip.hash());
            lastWriteNanos = now.monotonicNanos();
        } else {
            parts.storage.writeIndex();
        }
        pruneIfDue(now);
    }

    /// Hands over all events that wait.
    void tell() {
        while (!pending.isEmpty()) {
            List<ChainEvent> events = List.copyOf(pending);
            pending.clear();
            events.forEach(out);
        }
    }
}
