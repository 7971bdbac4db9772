package weft.p2p.peers;

/// Round trips to one peer; fields as in `getpeerinfo`.
///
/// @param lastNanos the last one; -1 if there was none
/// @param minNanos the shortest; [Long#MAX_VALUE] if there was none
/// @param waitingNanos how long an answer is outstanding; -1 if none is
public record PingStats(long lastNanos, long minNanos, long waitingNanos) {
    /// Of a peer that is not known.
    public static final PingStats UNKNOWN = new PingStats(-1, Long.MAX_VALUE, -1);
}
