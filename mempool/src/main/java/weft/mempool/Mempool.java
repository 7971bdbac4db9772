package weft.mempool;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import weft.chain.api.ChainEvent.RemovalReason;
import weft.primitives.Amount;
import weft.primitives.Check;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.Txid;
import weft.primitives.Wtxid;
import weft.primitives.log.Log;
import weft.primitives.log.LogCategory;

/// The transactions that wait for a block: a set without conflicts, closed under its links between parents
/// and children. It judges nothing; [MempoolAcceptor] decides what comes in, [MempoolUpdater] what leaves.
///
/// Owned by the chain engine's thread. Keys are ids and outpoints, which are `Comparable`, so that chosen
/// hash codes cannot slow the maps down.
public final class Mempool {
    private final MempoolOptions options;
    private final Log log;
    private final BiConsumer<MempoolEntry, RemovalReason> removed;
    private final TxGraph graph = new TxGraph();
    private final Map<Txid, MempoolEntry> byTxid = new HashMap<>();
    private final Map<Wtxid, MempoolEntry> byWtxid = new HashMap<>();
    private final Map<OutPoint, MempoolEntry> spenders = new HashMap<>();
    private final NavigableMap<Txid, Long> deltas = new TreeMap<>(TxGraph::compareBytes);
    private final NavigableSet<Txid> unbroadcast = new TreeSet<>();
    private final RollingMinimum minimum;
    private long vsizeTotal;
    private long feeTotal;
    private long innerBytes;
    private int sampleCapacity;
    private long sequence = 1;
    private long changes;

    /// An empty mempool.
    ///
    /// @param removed hears of every transaction that leaves, and why
    public Mempool(
            MempoolOptions options, Log log, BiConsumer<MempoolEntry, RemovalReason> removed) {
        this.options = options;
        this.log = log;
        this.removed = removed;
        this.minimum = new RollingMinimum(options.incremental());
    }

    /// Limits and forms.
    public MempoolOptions options() {
        return options;
    }

    TxGraph graph() {
        return graph;
    }

    RollingMinimum minimum() {
        return minimum;
    }

    Log log() {
        return log;
    }

    /// Number of transactions.
    public int size() {
        return graph.size();
    }

    /// Sum of all virtual sizes.
    public long vsizeTotal() {
        return vsizeTotal;
    }

    /// Sum of all fees in satoshis, without what the operator added.
    public long feeTotal() {
        return feeTotal;
    }

    /// Memory as Core counts it: what the limit of the mempool's size is compared with.
    public long memoryBytes() {
        return MemoryUsage.ENTRY * graph.size()
                + MemoryUsage.SPEND * spenders.size()
                + MemoryUsage.DELTA * deltas.size()
                + MemoryUsage.samples(sampleCapacity)
                + MemoryUsage.LINK * graph.links()
                + innerBytes;
    }

    /// Memory of the transactions alone.
    long innerBytes() {
        return innerBytes;
    }

    /// How many coins it spends.
    int spends() {
        return spenders.size();
    }

    int sampleCapacity() {
        return sampleCapacity;
    }

    /// The rate below which nothing comes in for lack of room; zero while there is room.
    public FeeRate minFee(long seconds) {
        return minimum.rate(memoryBytes(), options.bytesMax(), seconds);
    }

    /// Number of arrivals and departures so far, counted from 1, as `getrawmempool`'s `mempool_sequence`.
    public long sequence() {
        return sequence;
    }

    /// Counts whatever may change what a block template should have.
    public long changes() {
        return changes;
    }

    /// All entries in no order that means anything, but the same for the same history; a copy.
    public List<MempoolEntry> entries() {
        var all = new ArrayList<MempoolEntry>(graph.size());
        for (SlotHeap.Drain each = graph.byTime.drain(); !each.isEmpty(); ) {
            all.add(graph.entry(each.next()));
        }
        return all;
    }

    /// All entries, those with few ancestors first, and among these the ones that pay more for their size:
    /// parents come before children.
    public List<MempoolEntry> sorted() {
        List<MempoolEntry> all = entries();
        all.sort(
                Comparator.<MempoolEntry>comparingInt(entry -> ancestorCount(entry))
                        .thenComparing(Mempool::compareScores));
        return all;
    }

    private static int compareScores(MempoolEntry a, MempoolEntry b) {
        int order = Double.compare((double) b.fee() * a.vsize(), (double) a.fee() * b.vsize());
        return order == 0 ? TxGraph.compareBytes(b.txid(), a.txid()) : order;
    }

    /// The entry of a transaction; null if it is not here.
    public @Nullable MempoolEntry find(Txid txid) {
        return byTxid.get(txid);
    }

    /// The entry of a transaction; null if it is not here with just this witness.
    public @Nullable MempoolEntry find(Wtxid wtxid) {
        return byWtxid.get(wtxid);
    }

    /// Whether a transaction is here.
    public boolean contains(Txid txid) {
        return byTxid.containsKey(txid);
    }

    /// Whether a transaction is here with just this witness.
    public boolean contains(Wtxid wtxid) {
        return byWtxid.containsKey(wtxid);
    }

    /// The transaction that spends a coin; null if none does.
    public @Nullable MempoolEntry spender(OutPoint coin) {
        return spenders.get(coin);
    }

    /// Number of a transaction's unconfirmed ancestors, itself counted.
    public int ancestorCount(MempoolEntry entry) {
        return graph.up.counts[slot(entry)];
    }

    /// Virtual size of a transaction and its unconfirmed ancestors.
    public long ancestorVsize(MempoolEntry entry) {
        return graph.up.vsizes[slot(entry)];
    }

    /// Fees of a transaction and its unconfirmed ancestors, with what the operator added.
    public long ancestorFees(MempoolEntry entry) {
        return graph.up.fees[slot(entry)];
    }

    /// Weight of the signature operations of a transaction and its unconfirmed ancestors.
    public long ancestorSigops(MempoolEntry entry) {
        return graph.up.sigops[slot(entry)];
    }

    /// Number of a transaction's descendants, itself counted.
    public int descendantCount(MempoolEntry entry) {
        return graph.down.counts[slot(entry)];
    }

    /// Virtual size of a transaction and its descendants.
    public long descendantVsize(MempoolEntry entry) {
        return graph.down.vsizes[slot(entry)];
    }

    /// Fees of a transaction and its descendants, with what the operator added.
    public long descendantFees(MempoolEntry entry) {
        return graph.down.fees[slot(entry)];
    }

    /// The fee with what the operator added.
    public long modifiedFee(MempoolEntry entry) {
        return graph.fees[slot(entry)];
    }

    static int slot(MempoolEntry entry) {
        Check.state(entry.slot >= 0, "the transaction is in the mempool");
        return entry.slot;
    }

    /// Entries whose outputs an entry spends, in the order of their ids' bytes.
    public List<MempoolEntry> parents(MempoolEntry entry) {
        return graph.inIdOrder(graph.parents(slot(entry)));
    }

    /// Entries that spend an output of an entry, in the order of their ids' bytes.
    public List<MempoolEntry> children(MempoolEntry entry) {
        return graph.inIdOrder(graph.children(slot(entry)));
    }

    /// All unconfirmed transactions that an entry needs, itself left out, in the order of their ids' bytes.
    public List<MempoolEntry> ancestors(MempoolEntry entry) {
        return graph.inIdOrder(graph.ancestors(slot(entry)));
    }

    /// All transactions that need an entry, itself left out, in the order of their ids' bytes.
    public List<MempoolEntry> descendants(MempoolEntry entry) {
        return graph.inIdOrder(graph.descendants(slot(entry)));
    }

    /// The transactions by the fee rate that they and their ancestors pay together; reads the mempool as it
    /// is now and must not outlive a change of it.
    public MiningView miningView() {
        return new MiningView(graph);
    }

    /// Slots of those whose outputs a transaction spends, each once.
    Slots parentsOf(Transaction tx) {
        graph.newEpoch();
        var found = new Slots(2);
        for (TxIn input : tx.inputs()) {
            MempoolEntry parent = byTxid.get(input.prevout().txid());
            if (parent != null && graph.mark(parent.slot)) {
                found.add(parent.slot);
            }
        }
        return found;
    }

    /// Takes a transaction in that conflicts with none.
    void add(MempoolEntry entry) {
        Txid txid = entry.txid();
        Check.state(!byTxid.containsKey(txid), "a transaction is in the mempool once");
        Slots parents = parentsOf(entry.tx());
        Slots ancestors = graph.withAncestors(parents);
        graph.add(entry, entry.fee() + deltas.getOrDefault(txid, 0L), parents, ancestors);
        byTxid.put(txid, entry);
        byWtxid.put(entry.tx().wtxid(), entry);
        for (TxIn input : entry.tx().inputs()) {
            MempoolEntry other = spenders.put(input.prevout(), entry);
            Check.state(other == null, "no two transactions of the mempool spend one coin");
        }
        vsizeTotal += entry.vsize();
        feeTotal += entry.fee();
        innerBytes += entry.memoryBytes();
        if (graph.size() > sampleCapacity) {
            sampleCapacity = Math.max(1, sampleCapacity * 2);
        }
        changes++;
    }

    /// The arrival was told: it has its number.
    void countArrival() {
        sequence++;
    }

    /// Takes out a transaction that a block confirms; its children stay.
    void removeConfirmed(MempoolEntry entry) {
        Check.state(entry.slot >= 0, "the transaction is in the mempool");
        graph.remove(entry);
        forget(entry, RemovalReason.BLOCK);
    }

    /// Takes transactions out with all that spend them, directly or not.
    ///
    /// @return how many
    int removeWithDescendants(Slots roots, RemovalReason reason) {
        List<MempoolEntry> entries = graph.inIdOrder(graph.withDescendants(roots));
        graph.removeClosed(entries);
        entries.forEach(entry -> forget(entry, reason));
        return entries.size();
    }

    /// Takes a transaction out with all that spend it, whether it is here itself or not.
    void removeRecursively(Transaction tx, RemovalReason reason) {
        MempoolEntry entry = byTxid.get(tx.txid());
        var roots = new Slots();
        if (entry != null) {
            roots.add(entry.slot);
        } else {
            for (int i = 0; i < tx.outputs().size(); i++) {
                MempoolEntry child = spenders.get(new OutPoint(tx.txid(), i));
                if (child != null) {
                    roots.add(child.slot);
                }
            }
        }
        removeWithDescendants(roots, reason);
    }

    private void forget(MempoolEntry entry, RemovalReason reason) {
        byTxid.remove(entry.txid());
        byWtxid.remove(entry.tx().wtxid());
        for (TxIn input : entry.tx().inputs()) {
            spenders.remove(input.prevout());
        }
        if (unbroadcast.contains(entry.txid())) {
            noteBroadcast(entry.txid(), " before confirmation that txn was sent out");
        }
        vsizeTotal -= entry.vsize();
        feeTotal -= entry.fee();
        innerBytes -= entry.memoryBytes();
        int left = byTxid.size();
        if (left > 0 && left * 2 < sampleCapacity) {
            sampleCapacity = left;
        }
        sequence++;
        changes++;
        removed.accept(entry, reason);
    }

    /// Adds to what a transaction seems to pay, whether it is here or comes later.
    ///
    /// @param delta in satoshis, may be negative
    public void prioritise(Txid txid, long delta) {
        long sum = TxGraph.saturated(deltas.getOrDefault(txid, 0L), delta);
        MempoolEntry entry = byTxid.get(txid);
        if (entry != null) {
            graph.addFee(entry.slot, delta);
            changes++;
        }
        String where = txid + (entry == null ? " (not in mempool)" : " (in mempool)");
        if (sum == 0) {
            deltas.remove(txid);
            log.info("PrioritiseTransaction: " + where + " delta cleared");
        } else {
            deltas.put(txid, sum);
            log.info(
                    "PrioritiseTransaction: "
                            + where
                            + " fee += "
                            + Amount.shorten(delta)
                            + ", new delta="
                            + Amount.shorten(sum));
        }
    }

    /// What the operator added to a transaction's fee, in satoshis.
    public long delta(Txid txid) {
        return deltas.getOrDefault(txid, 0L);
    }

    /// All that the operator added to fees, also of transactions that are not here, in the order of the ids'
    /// bytes; a read-only view.
    public NavigableMap<Txid, Long> deltas() {
        return Collections.unmodifiableNavigableMap(deltas);
    }

    void clearDelta(Txid txid) {
        deltas.remove(txid);
    }

    /// A transaction of our own users is here: until a peer has asked for it, it is announced again and
    /// again.
    public void addUnbroadcast(Txid txid) {
        if (byTxid.containsKey(txid)) {
            unbroadcast.add(txid);
        }
    }

    /// A peer has asked for a transaction and got it.
    public void noteBroadcast(Txid txid) {
        if (unbroadcast.contains(txid)) {
            noteBroadcast(txid, "");
        }
    }

    private void noteBroadcast(Txid txid, String when) {
        unbroadcast.remove(txid);
        log.debug(
                LogCategory.MEMPOOL,
                () -> "Removed " + txid + " from set of unbroadcast txns" + when);
    }

    /// Transactions of our own users that no peer has asked for yet; a read-only view.
    public Collection<Txid> unbroadcast() {
        return Collections.unmodifiableCollection(unbroadcast);
    }

    /// Whether a transaction is one of [#unbroadcast].
    public boolean isUnbroadcast(Txid txid) {
        return unbroadcast.contains(txid);
    }
}
