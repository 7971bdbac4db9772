package weft.p2p.tx;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import weft.chain.api.Origin;
import weft.primitives.Digest256;
import weft.primitives.Hash256;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.Txid;
import weft.primitives.Wtxid;

/// The mempool as chain events tell it, by reference.
final class MempoolMirror {
    private static final int ANCESTORS_COUNTED_MAX = 50;
    private static final long KILO = 1_000;

    /// A transaction of the mempool.
    ///
    /// @param fee in satoshis
    /// @param sequence rises with each transaction
    /// @param ancestors how many it had when it came, counted up to some limit
    record Entry(Transaction tx, long fee, long sequence, int ancestors) {
        /// Parents before children, then what pays the higher rate.
        static final Comparator<Entry> ORDER =
                Comparator.comparingInt(Entry::ancestors)
                        .thenComparing(Comparator.comparingDouble(Entry::rate).reversed())
                        .thenComparing(each -> each.tx().wtxid());

        private double rate() {
            return (double) fee / tx.vsize();
        }

        /// Whether it pays a rate, given in satoshis a kvB.
        boolean pays(long satoshisPerKvB) {
            return fee >= (satoshisPerKvB * tx.vsize() + KILO - 1) / KILO;
        }
    }

    private final Map<Txid, Entry> byTxid = new LinkedHashMap<>();
    private final Map<Wtxid, Entry> byWtxid = new HashMap<>();
    private final Set<Txid> own = new HashSet<>();
    private long sequence = 1;

    /// What a block gave back, peers may have from us at once: they knew it in the block.
    Entry add(Transaction tx, long fee, Origin origin) {
        long number = origin.equals(Origin.CHAIN) ? 0 : sequence++;
        var entry = new Entry(tx, fee, number, ancestors(tx));
        byTxid.put(tx.txid(), entry);
        byWtxid.put(tx.wtxid(), entry);
        return entry;
    }

    /// A transaction of our own users came.
    void setOwn(Txid txid) {
        own.add(txid);
    }

    /// Whether a transaction is our own users', and no peer got it from us yet.
    boolean isOwn(Txid txid) {
        return own.contains(txid);
    }

    /// Whether this is the first time that a peer gets a transaction of our own users.
    boolean isFirstServed(Txid txid) {
        return own.remove(txid);
    }

    void remove(Txid txid) {
        own.remove(txid);
        Entry entry = byTxid.remove(txid);
        if (entry != null) {
            byWtxid.remove(entry.tx().wtxid());
        }
    }

    /// Whether the transaction of an entry is in the mempool, still or again: what a block took and a
    /// reorganisation gave back is announced to those who have not heard of it.
    boolean has(Entry entry) {
        return byWtxid.containsKey(entry.tx().wtxid());
    }

    @Nullable Entry entry(Wtxid wtxid) {
        return byWtxid.get(wtxid);
    }

    @Nullable Entry entry(Digest256 hash, boolean wtxid) {
        return wtxid
                ? byWtxid.get(new Wtxid(hash.w0(), hash.w1(), hash.w2(), hash.w3()))
                : byTxid.get(new Txid(hash.w0(), hash.w1(), hash.w2(), hash.w3()));
    }

    boolean contains(Txid txid) {
        return byTxid.containsKey(txid);
    }

    Collection<Entry> all() {
        return byTxid.values();
    }

    int size() {
        return byTxid.size();
    }

    /// The number that the next transaction gets.
    long sequence() {
        return sequence;
    }

    private int ancestors(Transaction tx) {
        if (tx.inputs().stream().noneMatch(in -> byTxid.containsKey(in.prevout().txid()))) {
            return 0;
        }
        var seen = new HashSet<Txid>();
        var open = new ArrayDeque<Transaction>();
        open.add(tx);
        while (!open.isEmpty() && seen.size() < ANCESTORS_COUNTED_MAX) {
            for (TxIn in : open.remove().inputs()) {
                Entry parent = byTxid.get(in.prevout().txid());
                if (parent != null && seen.add(in.prevout().txid())) {
                    open.add(parent.tx());
                }
            }
        }
        return seen.size();
    }

    /// Any hash without its type.
    static Digest256 plain(Hash256 hash) {
        return new Digest256(hash.w0(), hash.w1(), hash.w2(), hash.w3());
    }
}
