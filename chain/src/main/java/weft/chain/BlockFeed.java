package weft.chain;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import weft.chain.api.HeaderNode;
import weft.primitives.BlockHash;
import weft.primitives.Check;
import weft.primitives.Now;

/// Says to followers, such as indexes, where to go next: at most to the block whose coins are safe against
/// power loss. Owned by the chain's thread; reads no block.
///
/// *Rationale:* a follower that knew of a block that the chain lost in a crash could not find the way back.
public final class BlockFeed {
    private static final long WRITE_INTERVAL_NANOS = 1_000_000_000L;

    private final ChainParts parts;
    private final ChainActivation activation;
    private long lastWriteNanos = Long.MIN_VALUE;

    BlockFeed(ChainParts parts, ChainActivation activation) {
        this.parts = parts;
        this.activation = activation;
    }

    /// A way from one block to another: some blocks back, then some on.
    ///
    /// @param leave blocks to disconnect, the highest first
    /// @param join blocks to connect, the lowest first
    /// @param goal where all steps together lead
    /// @param isTip whether that is the tip of the chain
    /// @param isPruned the next block was deleted: there is no way to the goal any more
    public record Step(
            List<BlockPlace> leave,
            List<BlockPlace> join,
            HeaderNode goal,
            boolean isTip,
            boolean isPruned) {
        /// Copies the lists.
        public Step {
            leave = List.copyOf(leave);
            join = List.copyOf(join);
        }

        /// The same step, as one that does not lead to the tip.
        public Step beforeTip() {
            return new Step(leave, join, goal, false, isPruned);
        }

        /// Whether there is nothing to do.
        public boolean isEmpty() {
            return leave.isEmpty() && join.isEmpty();
        }
    }

    /// The next step of a follower.
    ///
    /// @param best where it stands; null before genesis
    /// @param blocksMax length of each list at most
    /// @return empty if its block is unknown, or the way back from it is not stored any more
    Optional<Step> step(@Nullable BlockHash best, int blocksMax, Now now) {
        HeaderNode goal = safeTip(now);
        boolean isTip = goal.equals(parts.chain.tip());
        HeaderNode at = best == null ? null : parts.tree.find(best);
        if (best != null && at == null) {
            return Optional.empty();
        }
        HeaderNode fork = at == null ? null : HeaderNode.fork(at, goal);
        var leave = new ArrayList<BlockPlace>();
        while (at != null && !at.equals(fork)) {
            BlockPlace place = place(at);
            if (place == null || place.undo() == null) {
                return Optional.empty();
            }
            if (leave.size() == blocksMax) {
                return Optional.of(new Step(leave, List.of(), goal, false, false));
            }
            leave.add(place);
            at = at.parent();
        }
        List<BlockPlace> join = join(at, goal, blocksMax);
        boolean isPruned =
                leave.isEmpty() && join.isEmpty() && !goal.equals(at) && isNextPruned(at, goal);
        return Optional.of(new Step(leave, join, goal, isTip, isPruned));
    }

    private boolean isNextPruned(@Nullable HeaderNode from, HeaderNode goal) {
        HeaderNode next =
                Check.present(
                        goal.ancestor(from == null ? 0 : from.height() + 1),
                        "the goal is above where a follower stands");
        BlockEntry entry = parts.tree.entry(next);
        return entry.txCount() > 0 && !entry.hasBlock() && parts.pruner.hasPruned();
    }

    private List<BlockPlace> join(@Nullable HeaderNode from, HeaderNode goal, int blocksMax) {
        var join = new ArrayList<BlockPlace>();
        int first = from == null ? 0 : from.height() + 1;
        int last = (int) Math.min(goal.height(), first + (long) blocksMax - 1);
        for (int height = first; height <= last; height++) {
            HeaderNode node =
                    Check.present(goal.ancestor(height), "a branch has every height below its tip");
            BlockPlace place = place(node);
            if (place == null || (height > 0 && place.undo() == null)) {
                break;
            }
            join.add(place);
        }
        return join;
    }

    /// Where a block lies; null if it is not there.
    @Nullable BlockPlace place(HeaderNode node) {
        BlockEntry entry = parts.tree.entry(node);
        var block = entry.hasBlock() ? entry.block() : null;
        return block == null ? null : new BlockPlace(node, block, entry.undo());
    }

    /// The block whose coins are safe against power loss; writes them where that is cheap.
    private HeaderNode safeTip(Now now) {
        HeaderNode tip = parts.chain.tip();
        BlockHash onDisk = parts.coinsStore.tip();
        boolean isDue =
                !parts.download.isRunning(tip, now)
                        || lastWriteNanos == Long.MIN_VALUE
                        || now.monotonicNanos() - lastWriteNanos >= WRITE_INTERVAL_NANOS;
        if (tip.hash().equals(onDisk)) {
            parts.storage.sync();
            return tip;
        }
        if (isDue && parts.coins.hasFewChanges() && !parts.coins.isWriting()) {
            lastWriteNanos = now.monotonicNanos();
            // Coins are never written while blocks above the tip are in them.
            activation.settle(now);
            HeaderNode settled = parts.chain.tip();
            parts.storage.writeAll(settled.hash(), true);
            return settled;
        }
        HeaderNode written = onDisk == null ? null : parts.tree.find(onDisk);
        return written == null ? parts.tree.genesis().node() : written;
    }
}
