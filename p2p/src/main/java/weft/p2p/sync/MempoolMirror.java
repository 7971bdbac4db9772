package weft.p2p.sync;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import weft.chain.api.ChainEvent;
import weft.primitives.Transaction;
import weft.primitives.Txid;

/// Transactions that may turn up in a compact block: the mempool's, by reference, and some that it did not
/// keep.
final class MempoolMirror {
    private static final int EXTRA_BYTES_MAX = 100_000;

    private final Map<Txid, Transaction> transactions = new LinkedHashMap<>();
    private final ArrayDeque<Transaction> extra = new ArrayDeque<>();
    private final int extraMax;

    MempoolMirror(int extraMax) {
        this.extraMax = extraMax;
    }

    void add(Transaction tx) {
        transactions.put(tx.txid(), tx);
    }

    void hide(Txid txid) {
        transactions.remove(txid);
    }

    void remove(Txid txid, ChainEvent.RemovalReason reason) {
        Transaction tx = transactions.remove(txid);
        if (tx != null && reason == ChainEvent.RemovalReason.REPLACED) {
            addExtra(tx);
        }
    }

    void addExtra(Transaction tx) {
        if (extraMax > 0 && tx.totalSize() < EXTRA_BYTES_MAX) {
            if (extra.size() == extraMax) {
                extra.removeFirst();
            }
            extra.add(tx);
        }
    }

    Collection<Transaction> transactions() {
        return transactions.values();
    }

    Collection<Transaction> extra() {
        return extra;
    }
}
