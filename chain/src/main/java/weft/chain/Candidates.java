package weft.chain;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import weft.primitives.Check;

/// Blocks that could become the tip: all blocks of their branch are there, they are not known to be
/// invalid, and they are at least as good as the tip. Owned by the chain's thread.
final class Candidates {
    private final TreeSet<BlockEntry> byWork = new TreeSet<>(BlockEntry.BY_WORK);
    private final Map<BlockEntry, List<BlockEntry>> waiting = new HashMap<>();
    private int nextSequence = 2;

    Candidates() {}

    @Nullable BlockEntry best() {
        return byWork.isEmpty() ? null : byWork.last();
    }

    static boolean isWorse(BlockEntry entry, BlockEntry than) {
        return BlockEntry.BY_WORK.compare(entry, than) < 0;
    }

    /// Adds a block unless the tip is better.
    void offer(BlockEntry entry, @Nullable BlockEntry tip) {
        boolean usable = entry.isBranchComplete() && !entry.isFailed();
        if (usable && (tip == null || !isWorse(entry, tip))) {
            byWork.add(entry);
        }
    }

    void remove(BlockEntry entry) {
        byWork.remove(entry);
    }

    /// Drops all that are worse than the tip; the tip itself stays.
    void pruneBelow(BlockEntry tip) {
        byWork.headSet(tip, false).clear();
        byWork.add(tip);
    }

    /// A block's bytes are there now; so blocks that waited for it may have their whole branch.
    void received(BlockEntry entry, @Nullable BlockEntry tip) {
        Check.state(entry.txCount() > 0, "a block has a transaction");
        BlockEntry parent = entry.parent();
        if (parent != null && !parent.isBranchComplete()) {
            await(entry, parent);
            return;
        }
        var queue = new ArrayDeque<BlockEntry>();
        queue.add(entry);
        while (!queue.isEmpty()) {
            BlockEntry each = queue.remove();
            byWork.remove(each);
            each.setChainTxCount(
                    each.txCount() + (each.parent() == null ? 0 : each.parent().chainTxCount()));
            each.setSequence(nextSequence++);
            offer(each, tip);
            List<BlockEntry> children = waiting.remove(each);
            if (children != null) {
                queue.addAll(children);
            }
        }
    }

    /// Remembers a block whose parent's bytes are missing.
    void await(BlockEntry entry, BlockEntry parent) {
        List<BlockEntry> children = waiting.computeIfAbsent(parent, _ -> new ArrayList<>());
        if (!children.contains(entry)) {
            children.add(entry);
        }
    }

    /// Gives a block another place among equals.
    void setSequence(BlockEntry entry, int sequence) {
        boolean was = byWork.remove(entry);
        entry.setSequence(sequence);
        if (was) {
            byWork.add(entry);
        }
    }
}
