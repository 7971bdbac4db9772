package weft.p2p.tx;

import java.util.SortedSet;
import java.util.random.RandomGenerator;
import weft.primitives.Block;
import weft.primitives.Hash256;
import weft.primitives.Transaction;
import weft.primitives.Txid;

/// Transactions not worth asking for: rejected lately, or confirmed lately.
///
/// Rejections are forgotten with each new tip: what was premature may be valid now. Confirmations are
/// forgotten when
/// a block is disconnected.
final class RecentRejects {
    private static final int REJECTS = 120_000;
    private static final int CONFIRMED = 48_000;

    private final RollingFilter rejects;
    private final RollingFilter reconsiderable;
    private final RollingFilter confirmed;

    RecentRejects(RandomGenerator random) {
        this.rejects = new RollingFilter(REJECTS, random);
        this.reconsiderable = new RollingFilter(REJECTS, random);
        this.confirmed = new RollingFilter(CONFIRMED, random);
    }

    void reject(Hash256 hash) {
        rejects.add(hash);
    }

    /// Rejected for its fee alone: may pass with a child.
    void rejectAlone(Hash256 hash) {
        reconsiderable.add(hash);
    }

    boolean isRejected(Hash256 hash) {
        return rejects.contains(hash);
    }

    boolean isReconsiderable(Hash256 hash) {
        return reconsiderable.contains(hash);
    }

    boolean isConfirmed(Hash256 hash) {
        return confirmed.contains(hash);
    }

    /// Whether a child of these parents cannot come in: one was rejected, or two for their fees alone.
    boolean areHopeless(SortedSet<Txid> parents, MempoolMirror mempool) {
        int reconsiderables = 0;
        for (Txid parent : parents) {
            if (isRejected(parent)) {
                return true;
            }
            if (isReconsiderable(parent) && !mempool.contains(parent) && ++reconsiderables > 1) {
                return true;
            }
        }
        return false;
    }

    void onTip() {
        rejects.clear();
        reconsiderable.clear();
    }

    void onConnected(Block block) {
        for (Transaction tx : block.transactions()) {
            confirmed.add(tx.txid());
            if (tx.hasWitness()) {
                confirmed.add(tx.wtxid());
            }
        }
    }

    void onDisconnected() {
        confirmed.clear();
    }
}
