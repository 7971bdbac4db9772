package weft.node;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import weft.chain.ChainState;
import weft.chain.api.ChainEvent.RemovalReason;
import weft.mempool.Mempool;
import weft.mempool.MempoolEntry;
import weft.mempool.fees.FeeEstimator;
import weft.mempool.fees.NextBlockEstimator;
import weft.primitives.Block;
import weft.primitives.Now;
import weft.primitives.Transaction;

/// Tells the fee estimator what enters and leaves the mempool.
final class FeeFollower {
    /// A chain whose tip is older is not the latest: waiting times would be wrong.
    private static final Duration TIP_AGE_MAX = Duration.ofHours(3);

    private final Mempool mempool;
    private final ChainState chain;
    private final List<FeeEstimator.Confirmed> confirmed = new ArrayList<>();
    private final NextBlockEstimator nextBlock = new NextBlockEstimator();
    private FeeEstimator estimator = new FeeEstimator();
    private long confirmedWeight;

    FeeFollower(Mempool mempool, ChainState chain) {
        this.mempool = mempool;
        this.chain = chain;
    }

    FeeEstimator estimator() {
        return estimator;
    }

    NextBlockEstimator nextBlock() {
        return nextBlock;
    }

    /// Goes on with what another run learnt.
    void use(FeeEstimator earlier) {
        estimator = earlier;
    }

    /// @param isPlain whether it came alone and had to keep all limits
    void onEntered(MempoolEntry entry, boolean isPlain, Now now) {
        boolean counts = isPlain && mempool.ancestorCount(entry) == 1 && isCurrent(now);
        estimator.enter(entry.txid(), rate(entry), entry.height(), counts);
    }

    private boolean isCurrent(Now now) {
        var tip = chain.chain().tip();
        return !chain.isInitialBlockDownload(now)
                && tip.header().time() >= now.wall().minus(TIP_AGE_MAX).getEpochSecond()
                && tip.height() >= chain.headers().best().height() - 1;
    }

    void onRemoved(MempoolEntry entry, RemovalReason reason) {
        if (reason == RemovalReason.BLOCK) {
            confirmedWeight += entry.tx().weight();
            confirmed.add(new FeeEstimator.Confirmed(entry.txid(), rate(entry), entry.height()));
        } else {
            estimator.leave(entry.txid());
        }
    }

    /// Comes after the block's transactions were removed.
    void onBlockConnected(int height, Block block) {
        long weight = 0;
        for (Transaction tx : block.transactions()) {
            weight += tx.isCoinbase() ? 0 : tx.weight();
        }
        nextBlock.connect(height, confirmedWeight, weight);
        confirmedWeight = 0;
        estimator.connect(height, confirmed);
        confirmed.clear();
    }

    private static long rate(MempoolEntry entry) {
        return entry.fee() * 1_000 / entry.vsize();
    }
}
