package weft.mempool;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import weft.primitives.Amount;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.Txid;

/// What a transaction must pay and be to take the place of others. See BIP-0125, of which Core keeps the
/// rules about fees. Each method answers with what is wrong, in Core's words; null if nothing is.
final class Replacement {
    /// Most transactions that may have to leave for one, or for a package.
    static final int CANDIDATES_MAX = 100;

    private static final long SIGNAL_SEQUENCE_MAX = 0xffff_fffdL;

    private final Mempool mempool;

    Replacement(Mempool mempool) {
        this.mempool = mempool;
    }

    /// Whether a transaction says itself that it may be replaced.
    static boolean isSignalled(Transaction tx) {
        return tx.inputs().stream().anyMatch(input -> input.sequence() <= SIGNAL_SEQUENCE_MAX);
    }

    /// A replacement pays a higher rate than each that it is in direct conflict with.
    @Nullable String paysMore(List<MempoolEntry> conflicts, FeeRate rate, Txid txid) {
        for (MempoolEntry conflict : conflicts) {
            FeeRate old = FeeRate.of(mempool.modifiedFee(conflict), conflict.vsize());
            if (rate.compareTo(old) <= 0) {
                return "rejecting replacement "
                        + txid
                        + "; new feerate "
                        + rate
                        + " <= old feerate "
                        + old;
            }
        }
        return null;
    }

    /// Not too many leave.
    @Nullable String tooMany(List<MempoolEntry> conflicts, Txid txid) {
        int count = 0;
        for (MempoolEntry conflict : conflicts) {
            count += mempool.descendantCount(conflict);
            if (count > CANDIDATES_MAX) {
                return "rejecting replacement "
                        + txid
                        + "; too many potential replacements ("
                        + count
                        + " > "
                        + CANDIDATES_MAX
                        + ")\n";
            }
        }
        return null;
    }

    /// Direct conflicts with all that spend them.
    List<MempoolEntry> withDescendants(List<MempoolEntry> conflicts) {
        var roots = new Slots();
        conflicts.forEach(conflict -> roots.add(conflict.slot));
        TxGraph graph = mempool.graph();
        return graph.inIdOrder(graph.withDescendants(roots));
    }

    /// A replacement needs no unconfirmed parent that the replaced did not need.
    @Nullable String addsUnconfirmed(Transaction tx, List<MempoolEntry> replaced) {
        Set<Txid> known = new TreeSet<>();
        for (MempoolEntry entry : replaced) {
            for (TxIn input : entry.tx().inputs()) {
                known.add(input.prevout().txid());
            }
        }
        for (int i = 0; i < tx.inputs().size(); i++) {
            Txid parent = tx.inputs().get(i).prevout().txid();
            if (!known.contains(parent) && mempool.contains(parent)) {
                return "replacement " + tx.txid() + " adds unconfirmed input, idx " + i;
            }
        }
        return null;
    }

    /// A replacement pays no less than all that leave, and its own relay on top.
    @Nullable String paysTooLittle(long oldFees, long fees, long vsize, Txid txid) {
        String begin = "rejecting replacement " + txid;
        if (fees < oldFees) {
            return begin
                    + ", less fees than conflicting txs; "
                    + Amount.shorten(fees)
                    + " < "
                    + Amount.shorten(oldFees);
        }
        long least = mempool.options().incremental().fee(vsize);
        if (fees - oldFees < least) {
            return begin
                    + ", not enough additional fees to relay; "
                    + Amount.shorten(fees - oldFees)
                    + " < "
                    + Amount.shorten(least);
        }
        return null;
    }

    /// A transaction must not spend what it replaces.
    static @Nullable String spendsConflict(
            List<MempoolEntry> ancestors, Set<Txid> conflicts, Txid txid) {
        for (MempoolEntry ancestor : ancestors) {
            if (conflicts.contains(ancestor.txid())) {
                return txid + " spends conflicting transaction " + ancestor.txid();
            }
        }
        return null;
    }

    /// A package makes the mempool better for miners at every size of a block.
    @Nullable String isNoBetter(
            List<MempoolEntry> direct, List<MempoolEntry> all, FeeDiagram.Chunk replacement) {
        String topology = largeCluster(direct);
        if (topology != null) {
            return topology;
        }
        List<FeeDiagram.Chunk> before = FeeDiagram.sorted(oldChunks(all));
        List<FeeDiagram.Chunk> after = FeeDiagram.sorted(newChunks(direct, all, replacement));
        return FeeDiagram.isBetter(after, before)
                ? null
                : "insufficient feerate: does not improve feerate diagram";
    }

    /// Diagrams are compared only where at most two transactions hang together.
    private @Nullable String largeCluster(List<MempoolEntry> direct) {
        for (MempoolEntry conflict : direct) {
            int ancestors = mempool.ancestorCount(conflict);
            int descendants = mempool.descendantCount(conflict);
            Txid txid = conflict.txid();
            if (ancestors > 2) {
                return txid + " has " + (ancestors - 1) + " ancestors, max 1 allowed";
            }
            if (descendants > 2) {
                return txid + " has " + (descendants - 1) + " descendants, max 1 allowed";
            }
            if (ancestors > 1 && descendants > 1) {
                return txid + " has both ancestor and descendant, exceeding cluster limit of 2";
            }
            if (descendants > 1) {
                MempoolEntry child = mempool.children(conflict).getFirst();
                if (mempool.ancestorCount(child) > 2) {
                    return txid + " is not the only parent of child " + child.txid();
                }
            } else if (ancestors > 1) {
                MempoolEntry parent = mempool.parents(conflict).getFirst();
                if (mempool.descendantCount(parent) > 2) {
                    return txid + " is not the only child of parent " + parent.txid();
                }
            }
        }
        return null;
    }

    private FeeDiagram.Chunk chunk(MempoolEntry entry) {
        return new FeeDiagram.Chunk(mempool.modifiedFee(entry), entry.vsize());
    }

    private List<FeeDiagram.Chunk> oldChunks(List<MempoolEntry> all) {
        var chunks = new ArrayList<FeeDiagram.Chunk>();
        for (MempoolEntry entry : all) {
            if (mempool.descendantCount(entry) > 1) {
                // It is counted with its child.
                continue;
            }
            FeeDiagram.Chunk alone = chunk(entry);
            if (mempool.ancestorCount(entry) == 1) {
                chunks.add(alone);
                continue;
            }
            var both =
                    new FeeDiagram.Chunk(mempool.ancestorFees(entry), mempool.ancestorVsize(entry));
            if (FeeDiagram.compareRates(alone, both) > 0) {
                chunks.add(both);
            } else {
                chunks.add(both.minus(alone));
                chunks.add(alone);
            }
        }
        return chunks;
    }

    private List<FeeDiagram.Chunk> newChunks(
            List<MempoolEntry> direct, List<MempoolEntry> all, FeeDiagram.Chunk replacement) {
        var chunks = new ArrayList<FeeDiagram.Chunk>();
        for (MempoolEntry conflict : direct) {
            List<MempoolEntry> parents = mempool.parents(conflict);
            if (!parents.isEmpty() && !all.contains(parents.getFirst())) {
                chunks.add(chunk(parents.getFirst()));
            }
        }
        chunks.add(replacement);
        return chunks;
    }
}
