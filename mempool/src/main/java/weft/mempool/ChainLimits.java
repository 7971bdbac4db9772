package weft.mempool;

import java.util.Comparator;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import weft.primitives.Transaction;
import weft.primitives.TxIn;

/// Finds the unconfirmed ancestors of new transactions and says, in Core's words, which limit of chains they
/// would break. Ancestors are visited in the order of their ids' bytes, so that the same one is named.
final class ChainLimits {
    private static final Comparator<MempoolEntry> ID_ORDER =
            Comparator.comparing(MempoolEntry::txid, TxGraph::compareBytes);

    private final Mempool mempool;

    ChainLimits(Mempool mempool) {
        this.mempool = mempool;
    }

    /// Ancestors, or the limit that they break.
    ///
    /// @param ancestors all, the new transaction left out
    record Result(Slots ancestors, @Nullable String broken) {}

    /// The ancestors of one new transaction.
    Result ofOne(Transaction tx, long vsize, MempoolOptions.Limits limits) {
        var staged = new TreeSet<MempoolEntry>(ID_ORDER);
        if (!stageParents(tx, staged, 1, limits)) {
            return broken("too many unconfirmed parents [limit: %d]", limits.ancestors());
        }
        return walk(staged, vsize, 1, limits);
    }

    private boolean stageParents(
            Transaction tx,
            NavigableSet<MempoolEntry> staged,
            int count,
            MempoolOptions.Limits limits) {
        for (TxIn input : tx.inputs()) {
            MempoolEntry parent = mempool.find(input.prevout().txid());
            if (parent != null) {
                staged.add(parent);
                if (staged.size() + count > limits.ancestors()) {
                    return false;
                }
            }
        }
        return true;
    }

    /// Whether a package could break a limit, however its transactions hang together.
    ///
    /// @return the limit; null if none
    @Nullable String ofPackage(List<Transaction> txs, long vsize) {
        MempoolOptions.Limits limits = mempool.options().limits();
        int count = txs.size();
        if (count > limits.ancestors()) {
            return text("package count %d exceeds ancestor count", count, limits.ancestors());
        }
        if (count > limits.descendants()) {
            return text("package count %d exceeds descendant count", count, limits.descendants());
        }
        if (vsize > limits.ancestorVsize()) {
            return text("package size %d exceeds ancestor size", vsize, limits.ancestorVsize());
        }
        if (vsize > limits.descendantVsize()) {
            return text("package size %d exceeds descendant size", vsize, limits.descendantVsize());
        }
        var staged = new TreeSet<MempoolEntry>(ID_ORDER);
        for (Transaction tx : txs) {
            if (!stageParents(tx, staged, count, limits)) {
                return "too many unconfirmed parents [limit: " + limits.ancestors() + "]";
            }
        }
        Result result = walk(staged, vsize, count, limits);
        return result.broken == null ? null : "possibly " + result.broken;
    }

    private static String text(String begin, long value, long limit) {
        return begin.replace("%d", String.valueOf(value)) + " limit [limit: " + limit + "]";
    }

    private Result walk(
            NavigableSet<MempoolEntry> staged,
            long vsize,
            int count,
            MempoolOptions.Limits limits) {
        var found = new Slots();
        TxGraph graph = mempool.graph();
        var seen = new TreeSet<MempoolEntry>(ID_ORDER);
        long total = vsize;
        while (!staged.isEmpty()) {
            MempoolEntry stage = staged.first();
            staged.remove(stage);
            seen.add(stage);
            found.add(stage.slot);
            total += stage.vsize();
            if (graph.down.vsizes[stage.slot] + vsize > limits.descendantVsize()) {
                return broken(
                        "exceeds descendant size limit for tx " + stage.txid() + " [limit: %d]",
                        limits.descendantVsize());
            }
            if (graph.down.counts[stage.slot] + count > limits.descendants()) {
                return broken(
                        "too many descendants for tx " + stage.txid() + " [limit: %d]",
                        limits.descendants());
            }
            if (total > limits.ancestorVsize()) {
                return broken("exceeds ancestor size limit [limit: %d]", limits.ancestorVsize());
            }
            for (MempoolEntry parent : graph.inIdOrder(graph.parents(stage.slot))) {
                if (!seen.contains(parent)) {
                    staged.add(parent);
                }
                if (staged.size() + seen.size() + count > limits.ancestors()) {
                    return broken("too many unconfirmed ancestors [limit: %d]", limits.ancestors());
                }
            }
        }
        return new Result(found, null);
    }

    private static Result broken(String text, long limit) {
        return new Result(new Slots(), text.replace("%d", String.valueOf(limit)));
    }
}
