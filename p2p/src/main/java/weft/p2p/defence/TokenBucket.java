package weft.p2p.defence;

/// Lets through so many a second on average, and a burst.
final class TokenBucket {
    private static final double SECOND_NANOS = 1e9;

    private final double burst;
    private double tokens;
    private long nanos;

    TokenBucket(double burst, long nanos) {
        this.burst = burst;
        this.tokens = burst;
        this.nanos = nanos;
    }

    /// @param perSecond how many may pass a second, from now on
    boolean take(double perSecond, long nowNanos) {
        double elapsed = Math.max(0, nowNanos - nanos) / SECOND_NANOS;
        nanos = Math.max(nanos, nowNanos);
        tokens = Math.min(burst, tokens + elapsed * perSecond);
        if (tokens < 1) {
            return false;
        }
        tokens--;
        return true;
    }
}
