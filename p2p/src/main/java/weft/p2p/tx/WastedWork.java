package weft.p2p.tx;

/// What a peer's transactions cost us for nothing: the weight of those that failed only when their scripts
/// ran, and for which nobody is sent away, because a node of another version may relay them honestly. It is
/// forgiven at a steady rate.
///
/// *Rationale:* a transaction of the largest size that is relayed can cost the better part of a second
/// (CVE-2025-46598), and there are as many of them as somebody likes. Weight stands for time because it is
/// the same on every machine. Bitcoin Core 28.1 has no such limit.
final class WastedWork {
    /// Two and a half transactions of the largest size that is relayed.
    static final long WEIGHT_MAX = 1_000_000;

    /// More than a peer relays that has nothing but transactions of a form too new for us.
    static final long FORGIVEN_A_SECOND = 10_000;

    private static final long NANOS_A_SECOND = 1_000_000_000L;

    private long weight;
    private long atNanos;

    void add(long more, long nanos) {
        weight = left(nanos) + more;
        atNanos = nanos;
    }

    /// Whether the peer's transactions are not worth looking at for now.
    boolean isTooMuch(long nanos) {
        return left(nanos) > WEIGHT_MAX;
    }

    private long left(long nanos) {
        long seconds = (nanos - atNanos) / NANOS_A_SECOND;
        return Math.max(0, weight - seconds * FORGIVEN_A_SECOND);
    }
}
