package weft.mempool;

import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import weft.consensus.Coin;
import weft.primitives.Check;
import weft.primitives.Transaction;
import weft.primitives.Txid;

/// A transaction on its way in, and what was found out about it so far.
final class Candidate {
    final Transaction tx;

    /// The coin of each input, in order.
    List<Coin> spent = List.of();

    /// Transactions of the mempool that must leave for it, without those that spend them.
    final NavigableSet<Txid> conflicts = new TreeSet<>(TxGraph::compareBytes);

    /// Its ancestors in the mempool, in the order of their ids' bytes.
    List<MempoolEntry> ancestors = List.of();

    /// Null without relative lock times.
    @Nullable LockPoints lockPoints;

    long fee;

    /// With what the operator added.
    long modifiedFee;

    long vsize;

    /// One of the conflicts is a sibling that spends another coin.
    boolean evictsSibling;

    private @Nullable MempoolEntry entry;

    Candidate(Transaction tx) {
        this.tx = tx;
    }

    MempoolEntry entry() {
        return Check.present(entry, "a transaction that passed the first checks has an entry");
    }

    void setEntry(MempoolEntry made) {
        entry = made;
        vsize = made.vsize();
        fee = made.fee();
    }

    FeeRate rate() {
        return FeeRate.of(modifiedFee, vsize);
    }
}
