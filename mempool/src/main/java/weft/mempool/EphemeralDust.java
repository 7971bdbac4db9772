package weft.mempool;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import weft.chain.api.TxFailure;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.Txid;

/// Dust that never comes into the set of coins: an output too small to keep is allowed where its transaction
/// pays no fee, so that nobody mines it alone, and a child spends it. Only with
/// [MempoolOptions.Form#ephemeralDust].
final class EphemeralDust {
    private EphemeralDust() {}

    /// Whether a transaction has dust that is allowed.
    static boolean has(Transaction tx, MempoolOptions.Form form) {
        return form.ephemeralDust() && tx.outputs().stream().anyMatch(out -> isDust(out, form));
    }

    private static boolean isDust(TxOut out, MempoolOptions.Form form) {
        return RelayPolicy.isDust(out, form.dustRelay());
    }

    /// Who has dust pays nothing.
    static @Nullable TxFailure checkFee(Candidate candidate, MempoolOptions.Form form) {
        boolean pays = candidate.fee != 0 || candidate.modifiedFee != 0;
        return pays && form.standardOnly() && has(candidate.tx, form)
                ? new TxFailure(
                        TxFailure.Kind.NOT_STANDARD, "dust", "tx with dust output must be 0-fee")
                : null;
    }

    /// Who spends a transaction with dust spends the dust too.
    ///
    /// @param txs all that are judged together
    /// @return the first that does not; null if all do
    static @Nullable Transaction findUnspent(List<Transaction> txs, Mempool mempool) {
        MempoolOptions.Form form = mempool.options().form();
        if (!form.ephemeralDust()) {
            return null;
        }
        for (Transaction tx : txs) {
            Set<Txid> parents = new TreeSet<>();
            Set<OutPoint> spent = new TreeSet<>();
            for (TxIn input : tx.inputs()) {
                parents.add(input.prevout().txid());
                spent.add(input.prevout());
            }
            for (Txid id : parents) {
                Transaction parent = find(id, txs, mempool);
                if (parent != null && leavesDust(parent, spent, form)) {
                    return tx;
                }
            }
        }
        return null;
    }

    private static @Nullable Transaction find(Txid id, List<Transaction> txs, Mempool mempool) {
        MempoolEntry entry = mempool.find(id);
        return entry == null
                ? txs.stream().filter(tx -> tx.txid().equals(id)).findFirst().orElse(null)
                : entry.tx();
    }

    private static boolean leavesDust(
            Transaction parent, Set<OutPoint> spent, MempoolOptions.Form form) {
        for (int i = 0; i < parent.outputs().size(); i++) {
            boolean isDust = isDust(parent.outputs().get(i), form);
            if (isDust && !spent.contains(new OutPoint(parent.txid(), i))) {
                return true;
            }
        }
        return false;
    }

    static TxFailure failure(Transaction tx) {
        return new TxFailure(
                TxFailure.Kind.MEMPOOL_POLICY,
                "missing-ephemeral-spends",
                "tx "
                        + tx.txid()
                        + " (wtxid="
                        + tx.wtxid()
                        + ") did not spend parent's ephemeral dust");
    }
}
