package weft.mempool;

import java.util.ArrayList;
import java.util.List;

/// How a block is filled sees the mempool: transactions by the fee rate that they and their unconfirmed
/// ancestors pay together, the best first. Slots are small numbers that name transactions while the view
/// lasts. The mempool stays as it is.
public final class MiningView {
    private final TxGraph graph;
    private final SlotHeap.Drain best;

    MiningView(TxGraph graph) {
        this.graph = graph;
        this.best = graph.byAncestorRate.drain();
    }

    /// One more than the highest slot.
    public int capacity() {
        return graph.capacity();
    }

    /// Whether there is a [#peek].
    public boolean hasNext() {
        return !best.isEmpty();
    }

    /// The best that was not taken yet.
    public int peek() {
        return best.first();
    }

    /// Takes the best, which goes from the view.
    public int next() {
        return best.next();
    }

    /// The transaction of a slot.
    public MempoolEntry entry(int slot) {
        return graph.entry(slot);
    }

    /// Its fee with what the operator added.
    public long fee(int slot) {
        return graph.fees[slot];
    }

    /// Virtual size of it and all its ancestors.
    public long ancestorVsize(int slot) {
        return graph.up.vsizes[slot];
    }

    /// Fees of it and all its ancestors.
    public long ancestorFees(int slot) {
        return graph.up.fees[slot];
    }

    /// Signature operations of it and all its ancestors.
    public long ancestorSigops(int slot) {
        return graph.up.sigops[slot];
    }

    /// Number of its ancestors, itself counted.
    public int ancestorCount(int slot) {
        return graph.up.counts[slot];
    }

    /// All that it needs, itself left out.
    public int[] ancestors(int slot) {
        return graph.up.counts[slot] == 1 ? new int[0] : graph.ancestors(slot).toArray();
    }

    /// All that need it, itself left out.
    public int[] descendants(int slot) {
        return graph.down.counts[slot] == 1 ? new int[0] : graph.descendants(slot).toArray();
    }

    /// Whether one slot comes before another where both have the same rate: by their ids' bytes.
    public boolean isBefore(int a, int b) {
        return TxGraph.compareBytes(graph.entry(a).txid(), graph.entry(b).txid()) < 0;
    }

    /// The entries of some slots.
    public List<MempoolEntry> entries(int[] slots) {
        var list = new ArrayList<MempoolEntry>(slots.length);
        for (int slot : slots) {
            list.add(graph.entry(slot));
        }
        return list;
    }
}
