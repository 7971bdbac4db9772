package weft.mempool;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import weft.mempool.PackageResult.PackageFailure;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.Txid;

/// What a list of transactions must look like to be judged as one.
final class PackageForm {
    private static final int COUNT_MAX = 25;
    private static final int WEIGHT_MAX = 404_000;

    private PackageForm() {}

    /// Not too many, not too large, each once, parents first, without conflicts.
    static @Nullable PackageFailure check(List<Transaction> txs) {
        if (txs.size() > COUNT_MAX) {
            return PackageFailure.policy("package-too-many-transactions", "");
        }
        long weight = txs.stream().mapToLong(Transaction::weight).sum();
        if (txs.size() > 1 && weight > WEIGHT_MAX) {
            return PackageFailure.policy("package-too-large", "");
        }
        Set<Txid> later = new HashSet<>();
        txs.forEach(tx -> later.add(tx.txid()));
        if (later.size() != txs.size()) {
            return PackageFailure.policy("package-contains-duplicates", "");
        }
        for (Transaction tx : txs) {
            if (spendsOneOf(tx, later)) {
                return PackageFailure.policy("package-not-sorted", "");
            }
            later.remove(tx.txid());
        }
        return hasConflict(txs) ? PackageFailure.policy("conflict-in-package", "") : null;
    }

    private static boolean spendsOneOf(Transaction tx, Set<Txid> ids) {
        return tx.inputs().stream().anyMatch(input -> ids.contains(input.prevout().txid()));
    }

    private static boolean hasConflict(List<Transaction> txs) {
        Set<OutPoint> seen = new HashSet<>();
        for (Transaction tx : txs) {
            boolean spendsSeen = tx.inputs().stream().map(TxIn::prevout).anyMatch(seen::contains);
            if (tx.inputs().isEmpty() || spendsSeen) {
                return true;
            }
            tx.inputs().forEach(input -> seen.add(input.prevout()));
        }
        return false;
    }

    /// Whether the last spends each of the others.
    static boolean isChildWithParents(List<Transaction> txs) {
        if (txs.size() < 2) {
            return false;
        }
        Set<Txid> spent = new HashSet<>();
        txs.getLast().inputs().forEach(input -> spent.add(input.prevout().txid()));
        return txs.subList(0, txs.size() - 1).stream().allMatch(tx -> spent.contains(tx.txid()));
    }
}
