package weft.node;

import java.time.Duration;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import weft.chain.api.ChainEvent;
import weft.mempool.Mempool;
import weft.mempool.MempoolEntry;
import weft.primitives.Now;
import weft.primitives.Txid;

/// Tells now and then what no single transaction says: which of our own nobody has asked for yet, and the
/// rate that a full mempool asks for.
final class MempoolNews {
    private static final long MINUTE_NANOS = 60_000_000_000L;
    private static final long WAIT_MIN_NANOS = 10 * MINUTE_NANOS;
    private static final long WAIT_SPAN_NANOS = 5 * MINUTE_NANOS;

    private final Mempool mempool;
    private long announceNanos;
    private long toldPerKvb;

    MempoolNews(Mempool mempool) {
        this.mempool = mempool;
    }

    void start(Now now) {
        plan(now.monotonicNanos());
    }

    void forward(Duration span) {
        announceNanos -= span.toNanos();
    }

    void tick(Now now, Consumer<ChainEvent> out) {
        tellMinFee(now, out);
        long nanos = now.monotonicNanos();
        if (nanos - announceNanos >= 0) {
            plan(nanos);
            for (Txid txid : mempool.unbroadcast()) {
                MempoolEntry entry = mempool.find(txid);
                if (entry != null) {
                    out.accept(new ChainEvent.TxUnrequested(entry.tx().wtxid()));
                }
            }
        }
    }

    /// 10 to 15 minutes: all our transactions at a time that others cannot foretell to the second.
    private void plan(long nanos) {
        long more = new SplittableRandom(nanos).nextLong(WAIT_SPAN_NANOS);
        announceNanos = nanos + WAIT_MIN_NANOS + more;
    }

    private void tellMinFee(Now now, Consumer<ChainEvent> out) {
        long perKvb = mempool.minFee(now.unixSeconds()).perKvb();
        if (perKvb != toldPerKvb) {
            toldPerKvb = perKvb;
            out.accept(new ChainEvent.MempoolMinFee(perKvb));
        }
    }
}
