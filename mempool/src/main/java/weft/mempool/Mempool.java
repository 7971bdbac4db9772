package weft.mempool;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import weft.primitives.Check;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.Txid;
import weft.primitives.Wtxid;

/// The transactions that wait for a block: a set without conflicts, in order of acceptance, parents before
/// children. It judges nothing; [MempoolAcceptor] decides what comes in.
///
/// Owned by the chain engine's thread. Keys are ids and outpoints, which are `Comparable`, so that chosen
/// hash codes cannot slow the maps down.
public final class Mempool {
    private final SequencedMap<Txid, MempoolEntry> entries = new LinkedHashMap<>();
    private final Map<Wtxid, Txid> byWtxid = new HashMap<>();
    private final Map<OutPoint, Txid> spenders = new HashMap<>();
    private long vsizeTotal;
    private long feeTotal;
    private long bytesTotal;
    private long sequence;

    /// An empty mempool.
    public Mempool() {}

    /// Number of transactions.
    public int size() {
        return entries.size();
    }

    /// Sum of all virtual sizes.
    public long vsizeTotal() {
        return vsizeTotal;
    }

    /// Sum of all fees in satoshis.
    public long feeTotal() {
        return feeTotal;
    }

    /// Sum of all serialized sizes: what the limit of the mempool's size is compared with.
    public long bytesTotal() {
        return bytesTotal;
    }

    /// Number of changes of the set so far, as `getrawmempool`'s `mempool_sequence`.
    public long sequence() {
        return sequence;
    }

    /// All entries in order of acceptance; a read-only view.
    public Collection<MempoolEntry> entries() {
        return Collections.unmodifiableCollection(entries.values());
    }

    /// The entry of a transaction; null if it is not here.
    public @Nullable MempoolEntry find(Txid txid) {
        return entries.get(txid);
    }

    /// The entry of a transaction; null if it is not here with just this witness.
    public @Nullable MempoolEntry find(Wtxid wtxid) {
        Txid txid = byWtxid.get(wtxid);
        return txid == null ? null : entries.get(txid);
    }

    /// Whether a transaction is here.
    public boolean contains(Txid txid) {
        return entries.containsKey(txid);
    }

    /// The transaction that spends a coin; null if none does.
    public @Nullable MempoolEntry spender(OutPoint coin) {
        Txid txid = spenders.get(coin);
        return txid == null ? null : entries.get(txid);
    }

    /// Entries that spend a coin which `tx` spends too.
    public List<MempoolEntry> conflicts(Transaction tx) {
        var found = new LinkedHashMap<Txid, MempoolEntry>();
        for (TxIn input : tx.inputs()) {
            MempoolEntry spender = spender(input.prevout());
            if (spender != null && !spender.txid().equals(tx.txid())) {
                found.put(spender.txid(), spender);
            }
        }
        return List.copyOf(found.values());
    }

    void add(MempoolEntry entry) {
        Txid txid = entry.txid();
        Check.state(!entries.containsKey(txid), "a transaction is in the mempool once");
        entries.put(txid, entry);
        byWtxid.put(entry.tx().wtxid(), txid);
        for (TxIn input : entry.tx().inputs()) {
            Txid other = spenders.put(input.prevout(), txid);
            Check.state(other == null, "no two transactions of the mempool spend one coin");
        }
        vsizeTotal += entry.vsize();
        feeTotal += entry.fee();
        bytesTotal += entry.tx().totalSize();
        sequence++;
    }

    long nextSequence() {
        return sequence + 1;
    }

    /// Takes one transaction out; its children stay, so this is for transactions that a block confirmed.
    @Nullable MempoolEntry remove(Txid txid) {
        MempoolEntry entry = entries.remove(txid);
        if (entry == null) {
            return null;
        }
        byWtxid.remove(entry.tx().wtxid());
        for (TxIn input : entry.tx().inputs()) {
            spenders.remove(input.prevout());
        }
        vsizeTotal -= entry.vsize();
        feeTotal -= entry.fee();
        bytesTotal -= entry.tx().totalSize();
        sequence++;
        return entry;
    }

    /// Takes a transaction out with all that spend it, directly or not; children first in the answer.
    List<MempoolEntry> removeWithDescendants(Txid txid) {
        MempoolEntry entry = entries.get(txid);
        if (entry == null) {
            return List.of();
        }
        var doomed = new ArrayList<>(descendants(entry));
        doomed.add(entry);
        doomed.sort((a, b) -> Long.compare(b.sequence(), a.sequence()));
        doomed.forEach(each -> remove(each.txid()));
        return doomed;
    }

    /// Entries whose outputs `tx` spends, in order of acceptance.
    public List<MempoolEntry> parents(Transaction tx) {
        var ids = new TreeSet<Txid>();
        tx.inputs().forEach(input -> ids.add(input.prevout().txid()));
        return inOrder(ids.stream().map(entries::get).filter(java.util.Objects::nonNull).toList());
    }

    /// Entries that spend an output of `entry`, in order of acceptance.
    public List<MempoolEntry> children(MempoolEntry entry) {
        var found = new LinkedHashMap<Txid, MempoolEntry>();
        for (int i = 0; i < entry.tx().outputs().size(); i++) {
            MempoolEntry spender = spender(new OutPoint(entry.txid(), i));
            if (spender != null) {
                found.put(spender.txid(), spender);
            }
        }
        return inOrder(found.values());
    }

    /// All unconfirmed transactions that `tx` needs, itself left out, in order of acceptance.
    public List<MempoolEntry> ancestors(Transaction tx) {
        return closure(parents(tx), entry -> parents(entry.tx()));
    }

    /// All transactions that need `entry`, itself left out, in order of acceptance.
    public List<MempoolEntry> descendants(MempoolEntry entry) {
        return closure(children(entry), this::children);
    }

    private static List<MempoolEntry> closure(
            List<MempoolEntry> first,
            java.util.function.Function<MempoolEntry, List<MempoolEntry>> next) {
        Set<Txid> seen = new HashSet<>();
        Deque<MempoolEntry> open = new ArrayDeque<>(first);
        var found = new ArrayList<MempoolEntry>();
        while (!open.isEmpty()) {
            MempoolEntry entry = open.poll();
            if (seen.add(entry.txid())) {
                found.add(entry);
                open.addAll(next.apply(entry));
            }
        }
        return inOrder(found);
    }

    private static List<MempoolEntry> inOrder(Collection<MempoolEntry> entries) {
        return entries.stream().sorted((a, b) -> Long.compare(a.sequence(), b.sequence())).toList();
    }
}
