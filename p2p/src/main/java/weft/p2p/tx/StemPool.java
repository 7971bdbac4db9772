package weft.p2p.tx;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import weft.p2p.PeerId;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.Txid;
import weft.primitives.Wtxid;

/// Transactions on their stem: those that others handed to us, which are in no mempool, and our own, which
/// are in ours where peers do not see them.
///
/// What one peer may fill is bounded by count and by bytes, and so is the whole. No two transactions in it
/// spend the same coin. *Rationale:* what is here passed all rules of the mempool but takes no room in it, so
/// nothing else keeps an attacker from filling it with many ways to spend one coin.
final class StemPool {
    /// Transactions of one peer at a time. *Rationale:* one is public after some ten seconds, so this is more
    /// than all of Bitcoin's, some 7 a second, coming over one link.
    static final int PEER_COUNT_MAX = 100;

    /// Bytes of one peer at a time: the largest transaction that is relayed, whatever its witnesses.
    static final int PEER_BYTES_MAX = 400_000;

    /// Bytes in all. *Rationale:* peers that come back under another number begin anew with theirs.
    static final int BYTES_MAX = 5_000_000;

    private final Map<Wtxid, Stem> stems = new LinkedHashMap<>();
    private final Map<Txid, Stem> byTxid = new HashMap<>();
    private final Map<OutPoint, Stem> spenders = new HashMap<>();
    private final NavigableMap<Long, Stem> byEmbargo = new TreeMap<>();
    private final Map<PeerId, Budget> budgets = new HashMap<>();
    private int bytes;

    /// One transaction.
    static final class Stem {
        final Transaction tx;

        /// Who counts for it; null for our own.
        final @Nullable PeerId first;

        /// What our own pays, in satoshis.
        final long fee;

        /// Whether the mempool would take it.
        boolean tested;

        /// Who handed it to us.
        final Collection<PeerId> from = new LinkedHashSet<>();

        private long embargoNanos;

        private Stem(Transaction tx, @Nullable PeerId first, long fee) {
            this.tx = tx;
            this.first = first;
            this.fee = fee;
            this.tested = first == null;
            if (first != null) {
                from.add(first);
            }
        }

        boolean isOwn() {
            return first == null;
        }
    }

    /// What one peer has here.
    private record Budget(int count, int bytes) {
        static final Budget NONE = new Budget(0, 0);

        Budget with(int size) {
            return new Budget(count + 1, bytes + size);
        }

        Budget without(int size) {
            return new Budget(count - 1, bytes - size);
        }
    }

    /// Why a transaction of a peer may not come in; empty if it may.
    String refusal(PeerId peer, Transaction tx) {
        Budget budget = budgets.getOrDefault(peer, Budget.NONE).with(tx.totalSize());
        if (budget.count > PEER_COUNT_MAX) {
            return "too many of this peer";
        }
        if (budget.bytes > PEER_BYTES_MAX) {
            return "too many bytes of this peer";
        }
        if (bytes + tx.totalSize() > BYTES_MAX) {
            return "no room";
        }
        boolean conflicts = tx.inputs().stream().anyMatch(in -> spenders.containsKey(in.prevout()));
        return conflicts || byTxid.containsKey(tx.txid()) ? "spends what another spends" : "";
    }

    /// Takes a transaction in; what is here and spends the same leaves. *Rationale:* only our own comes in
    /// where something does, and ours is in the mempool.
    ///
    /// @param first who handed it to us; null if it is our own
    /// @param embargoNanos when it becomes public if nobody else makes it so
    Stem add(Transaction tx, @Nullable PeerId first, long fee, long embargoNanos) {
        rivals(tx).forEach(this::remove);
        var stem = new Stem(tx, first, fee);
        stem.embargoNanos = embargoNanos;
        while (byEmbargo.putIfAbsent(stem.embargoNanos, stem) != null) {
            stem.embargoNanos++;
        }
        stems.put(tx.wtxid(), stem);
        byTxid.put(tx.txid(), stem);
        tx.inputs().forEach(in -> spenders.put(in.prevout(), stem));
        if (first != null) {
            bytes += tx.totalSize();
            Budget before = budgets.getOrDefault(first, Budget.NONE);
            budgets.put(first, before.with(tx.totalSize()));
        }
        return stem;
    }

    void remove(Stem stem) {
        Transaction tx = stem.tx;
        if (!stems.remove(tx.wtxid(), stem)) {
            return;
        }
        byTxid.remove(tx.txid(), stem);
        byEmbargo.remove(stem.embargoNanos);
        tx.inputs().forEach(in -> spenders.remove(in.prevout(), stem));
        PeerId first = stem.first;
        if (first != null) {
            bytes -= tx.totalSize();
            budgets.computeIfPresent(
                    first, (_, each) -> each.count == 1 ? null : each.without(tx.totalSize()));
        }
    }

    @Nullable Stem find(Wtxid wtxid) {
        return stems.get(wtxid);
    }

    @Nullable Stem find(Txid txid) {
        return byTxid.get(txid);
    }

    /// What spends a coin that a transaction spends too, itself included.
    List<Stem> rivals(Transaction tx) {
        var found = new ArrayList<Stem>();
        for (TxIn in : tx.inputs()) {
            Stem stem = spenders.get(in.prevout());
            if (stem != null && !found.contains(stem)) {
                found.add(stem);
            }
        }
        return found;
    }

    /// Unconfirmed ancestors of a transaction that are here, parents before children.
    ///
    /// @param most so many are found at most
    List<Stem> ancestors(Transaction tx, int most) {
        var found = new LinkedHashSet<Stem>();
        addAncestors(tx, most, found);
        return List.copyOf(found);
    }

    private void addAncestors(Transaction tx, int most, Set<Stem> found) {
        for (TxIn in : tx.inputs()) {
            Stem parent = byTxid.get(in.prevout().txid());
            if (parent != null && !found.contains(parent) && found.size() < most) {
                addAncestors(parent.tx, most - 1, found);
                found.add(parent);
            }
        }
    }

    /// The next whose embargo ends by a time.
    @Nullable Stem due(long nanos) {
        Map.Entry<Long, Stem> next = byEmbargo.firstEntry();
        return next == null || next.getKey() > nanos ? null : next.getValue();
    }

    /// When the next embargo ends.
    long deadline() {
        return byEmbargo.isEmpty() ? Long.MAX_VALUE : byEmbargo.firstKey();
    }

    int size() {
        return stems.size();
    }
}
