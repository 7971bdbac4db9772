package weft.chain;

import java.util.Locale;
import weft.chain.api.HeaderNode;
import weft.primitives.Now;
import weft.primitives.log.Log;

/// Tells the operator now and then how far initial download is, how fast it goes, and when it may end.
final class SyncProgress {
    private static final long INTERVAL_NANOS = 10_000_000_000L;
    private static final double NANOS_A_SECOND = 1e9;
    private static final double MEBIBYTE = 1 << 20;
    private static final long MINUTE_SECONDS = 60;
    private static final long HOUR_SECONDS = 60 * MINUTE_SECONDS;
    private static final long DAY_SECONDS = 24 * HOUR_SECONDS;

    private final Log log;
    private boolean isBegun;
    private long lastNanos;
    private int lastHeight;
    private long lastTransactions;
    private double lastPart;

    SyncProgress(Log log) {
        this.log = log;
    }

    /// Looks at a new tip of a chain that is not synchronised; mostly says nothing.
    ///
    /// @param best height of the best header
    /// @param part of the chain that is behind the tip, 0 to 1
    /// @param coins memory that coins take, in bytes
    void look(BlockEntry tip, int best, double part, long coins, Now now) {
        long passed = now.monotonicNanos() - lastNanos;
        if (isBegun && passed < INTERVAL_NANOS) {
            return;
        }
        if (isBegun && tip.height() > lastHeight) {
            double seconds = passed / NANOS_A_SECOND;
            log.info(line(tip, best, part, coins, seconds));
        }
        isBegun = true;
        lastNanos = now.monotonicNanos();
        lastHeight = tip.height();
        lastTransactions = tip.chainTxCount();
        lastPart = part;
    }

    private String line(BlockEntry tip, int best, double part, long coins, double seconds) {
        HeaderNode node = tip.node();
        double gained = part - lastPart;
        String left = gained <= 0 ? "unknown" : span((long) ((1 - part) / gained * seconds));
        return String.format(
                Locale.ROOT,
                "Synchronizing blocks, height: %d of %d, date: %s, %.2f%%, %.0f blocks/s, %.0f tx/s, "
                        + "coins: %.1f MiB, time left: %s",
                node.height(),
                Math.max(best, node.height()),
                ChainLog.date(node.time()),
                100 * part,
                (node.height() - lastHeight) / seconds,
                (tip.chainTxCount() - lastTransactions) / seconds,
                coins / MEBIBYTE,
                left);
    }

    /// A time in its two largest units: `3 h 12 min`.
    static String span(long seconds) {
        if (seconds >= DAY_SECONDS) {
            return seconds / DAY_SECONDS + " d " + seconds % DAY_SECONDS / HOUR_SECONDS + " h";
        }
        if (seconds >= HOUR_SECONDS) {
            return seconds / HOUR_SECONDS
                    + " h "
                    + seconds % HOUR_SECONDS / MINUTE_SECONDS
                    + " min";
        }
        return seconds / MINUTE_SECONDS + " min " + seconds % MINUTE_SECONDS + " s";
    }
}
