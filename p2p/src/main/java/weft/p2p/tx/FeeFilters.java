package weft.p2p.tx;

import java.util.TreeSet;
import weft.p2p.Outbox;
import weft.primitives.Amount;
import weft.primitives.Now;
import weft.wire.FeeFilter;

/// Tells peers the lowest fee rate that is worth announcing to us. See BIP-0133.
///
/// - The rate is rounded to a coarse scale, up or down by chance, and sent at random moments ten minutes
///   apart on
///   average. *Rationale:* the exact minimum of a mempool would tell one node from another.
/// - In initial download nothing is wanted, and that ends at once.
final class FeeFilters {
    private static final long MEAN_NANOS = 10 * 60_000_000_000L;
    private static final long CHANGE_NANOS = 5 * 60_000_000_000L;
    private static final double SCALE_FROM = 500;
    private static final double SCALE_TO = 1e7;
    private static final double SCALE_STEP = 1.1;

    private final TxContext context;
    private final TreeSet<Double> scale = new TreeSet<>();
    private final long highest;

    FeeFilters(TxContext context) {
        this.context = context;
        scale.add(0.0);
        for (double step = SCALE_FROM; step <= SCALE_TO; step *= SCALE_STEP) {
            scale.add(step);
        }
        highest = scale.last().longValue();
    }

    void maybeSend(TxPeer to, Now now, Outbox out) {
        if (!to.hearsFees) {
            return;
        }
        long rate = context.initialBlockDownload ? Amount.MAX_SATOSHIS : context.mempoolMinFee;
        if (!context.initialBlockDownload && to.feeFilterSent == highest) {
            to.nextFeeFilterNanos = TxPeer.NEVER;
        }
        long next = to.nextFeeFilterNanos;
        long nanos = now.monotonicNanos();
        if (next == TxPeer.NEVER || nanos > next) {
            long rounded = Math.max(round(rate), context.options.minRelaySatoshisPerKvB());
            if (to.feeFilterSent != rounded) {
                out.send(to.id(), new FeeFilter(rounded));
                to.feeFilterSent = rounded;
            }
            to.nextFeeFilterNanos = nanos + context.exponentialNanos(MEAN_NANOS);
        } else if (nanos + CHANGE_NANOS < next
                && isMuchDifferent(rate, Math.max(0, to.feeFilterSent))) {
            to.nextFeeFilterNanos = nanos + context.random.nextLong(CHANGE_NANOS);
        }
    }

    private static boolean isMuchDifferent(long rate, long before) {
        return rate < 3 * before / 4 || rate > 4 * before / 3;
    }

    private long round(long rate) {
        Double up = scale.ceiling((double) rate);
        Double down = scale.lower(up == null ? Double.MAX_VALUE : up);
        boolean lower = up == null || (down != null && context.random.nextInt(3) != 0);
        return lower && down != null ? down.longValue() : up == null ? 0 : up.longValue();
    }

    /// When one peer wants to be looked at; the largest number if it does not.
    static long deadline(TxPeer of) {
        return of.hearsFees && of.nextFeeFilterNanos != TxPeer.NEVER
                ? of.nextFeeFilterNanos + 1
                : Long.MAX_VALUE;
    }
}
