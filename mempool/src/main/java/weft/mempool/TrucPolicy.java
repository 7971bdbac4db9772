package weft.mempool;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.Txid;

/// Transactions of version 3: with unconfirmed relatives they come as one parent and one small child, so that
/// nobody can pin them. See BIP-0431.
final class TrucPolicy {
    private static final int VSIZE_MAX = 10_000;
    private static final int CHILD_VSIZE_MAX = 1_000;
    private static final int ANCESTORS_MAX = 2;
    private static final int DESCENDANTS_MAX = 2;

    private TrucPolicy() {}

    /// A rule that is broken.
    ///
    /// @param sibling the child whose place a new one could take; null if none
    record Violation(String text, @Nullable MempoolEntry sibling) {}

    static boolean isTruc(Transaction tx) {
        return tx.version() == RelayPolicy.TRUC_VERSION;
    }

    /// Checks one transaction against its ancestors in the mempool.
    static @Nullable Violation checkOne(Candidate candidate, Mempool mempool) {
        Transaction tx = candidate.tx;
        for (MempoolEntry ancestor : candidate.ancestors) {
            if (isTruc(tx) != isTruc(ancestor.tx())) {
                return violation(mixed(tx, ancestor.tx()));
            }
        }
        if (!isTruc(tx)) {
            return null;
        }
        if (candidate.vsize > VSIZE_MAX) {
            return violation(tooBig("version=3 tx ", tx, candidate.vsize, VSIZE_MAX));
        }
        if (candidate.ancestors.size() + 1 > ANCESTORS_MAX) {
            return violation("tx " + name(tx) + " would have too many ancestors");
        }
        if (candidate.ancestors.isEmpty()) {
            return null;
        }
        if (candidate.vsize > CHILD_VSIZE_MAX) {
            return violation(tooBig("version=3 child tx ", tx, candidate.vsize, CHILD_VSIZE_MAX));
        }
        return checkSiblings(candidate, candidate.ancestors.getFirst(), mempool);
    }

    private static @Nullable Violation checkSiblings(
            Candidate candidate, MempoolEntry parent, Mempool mempool) {
        List<MempoolEntry> children = mempool.children(parent);
        boolean makesRoom =
                children.stream().anyMatch(child -> candidate.conflicts.contains(child.txid()));
        int family = mempool.descendantCount(parent);
        if (family + 1 <= DESCENDANTS_MAX || makesRoom) {
            return null;
        }
        boolean mayEvict = family == 2 && mempool.ancestorCount(children.getFirst()) == 2;
        return new Violation(
                "tx " + name(parent.tx()) + " would exceed descendant count limit",
                mayEvict ? children.getFirst() : null);
    }

    /// A parent, in the mempool or in the package.
    private record Parent(Transaction tx, boolean hasChild) {}

    /// Checks one transaction of a package against its relatives in package and mempool.
    ///
    /// @return what is wrong; null if nothing is
    static @Nullable String checkInPackage(
            Candidate candidate, List<Transaction> txs, Mempool mempool) {
        Transaction tx = candidate.tx;
        List<Transaction> near = parentsBefore(tx, txs);
        if (!isTruc(tx)) {
            return checkOther(candidate, near);
        }
        if (candidate.vsize > VSIZE_MAX) {
            return tooBig("version=3 tx ", tx, candidate.vsize, VSIZE_MAX);
        }
        int relatives = candidate.ancestors.size() + near.size();
        if (relatives + 1 > ANCESTORS_MAX) {
            return "tx " + name(tx) + " would have too many ancestors";
        }
        if (relatives == 0) {
            return null;
        }
        if (candidate.vsize > CHILD_VSIZE_MAX) {
            return tooBig("version=3 child tx ", tx, candidate.vsize, CHILD_VSIZE_MAX);
        }
        Parent parent = new Parent(tx, false);
        if (candidate.ancestors.isEmpty()) {
            parent = new Parent(near.getFirst(), false);
        } else {
            MempoolEntry first = candidate.ancestors.getFirst();
            parent = new Parent(first.tx(), mempool.descendantCount(first) > 1);
        }
        return checkParent(tx, parent, txs);
    }

    private static @Nullable String checkOther(Candidate candidate, List<Transaction> near) {
        Transaction tx = candidate.tx;
        for (MempoolEntry ancestor : candidate.ancestors) {
            if (isTruc(ancestor.tx())) {
                return mixed(tx, ancestor.tx());
            }
        }
        for (Transaction parent : near) {
            if (isTruc(parent)) {
                return mixed(tx, parent);
            }
        }
        return null;
    }

    private static @Nullable String checkParent(
            Transaction tx, Parent parent, List<Transaction> txs) {
        if (!isTruc(parent.tx)) {
            return mixed(tx, parent.tx);
        }
        for (Transaction other : txs) {
            if (other.equals(tx)) {
                continue;
            }
            for (TxIn input : other.inputs()) {
                Txid spent = input.prevout().txid();
                if (spent.equals(parent.tx.txid())) {
                    return "tx " + name(parent.tx) + " would exceed descendant count limit";
                }
                if (spent.equals(tx.txid())) {
                    return "tx " + name(other) + " would have too many ancestors";
                }
            }
        }
        return parent.hasChild
                ? "tx " + name(parent.tx) + " would exceed descendant count limit"
                : null;
    }

    private static List<Transaction> parentsBefore(Transaction tx, List<Transaction> txs) {
        Set<Txid> spent = new TreeSet<>();
        tx.inputs().forEach(input -> spent.add(input.prevout().txid()));
        var parents = new ArrayList<Transaction>();
        for (Transaction other : txs) {
            if (other.equals(tx)) {
                break;
            }
            if (spent.contains(other.txid())) {
                parents.add(other);
            }
        }
        return parents;
    }

    private static Violation violation(String text) {
        return new Violation(text, null);
    }

    private static String mixed(Transaction tx, Transaction parent) {
        String own = isTruc(tx) ? "version=3 tx " : "non-version=3 tx ";
        String other = isTruc(tx) ? "non-version=3 tx " : "version=3 tx ";
        return own + name(tx) + " cannot spend from " + other + name(parent);
    }

    private static String tooBig(String begin, Transaction tx, long vsize, int limit) {
        return begin + name(tx) + " is too big: " + vsize + " > " + limit + " virtual bytes";
    }

    private static String name(Transaction tx) {
        return tx.txid() + " (wtxid=" + tx.wtxid() + ")";
    }
}
