package weft.mempool;

import java.util.ArrayList;
import java.util.List;
import weft.primitives.Transaction;

/// What transactions that are judged together have in common.
final class Subpackage {
    /// Something must leave for one of them.
    boolean replaces;

    /// All that must leave.
    List<MempoolEntry> allConflicts = List.of();

    long conflictFees;
    long conflictVsize;
    long totalFees;
    long totalVsize;

    private final List<Transaction> replaced = new ArrayList<>();

    Subpackage() {}

    void setConflicts(List<MempoolEntry> all, Mempool mempool) {
        allConflicts = all;
        for (MempoolEntry entry : all) {
            conflictFees += mempool.modifiedFee(entry);
            conflictVsize += entry.vsize();
        }
    }

    void noteReplaced(Transaction tx) {
        replaced.add(tx);
    }

    boolean hasReplaced() {
        return !replaced.isEmpty();
    }

    int replacedCount() {
        return replaced.size();
    }

    /// All that left; whoever is told first tells.
    List<Transaction> takeReplaced() {
        List<Transaction> all = List.copyOf(replaced);
        replaced.clear();
        return all;
    }
}
