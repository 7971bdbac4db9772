package weft.p2p.addr;

/// What [AddrRelay] knows of one peer; fields as in `getpeerinfo`.
///
/// @param enabled addresses are exchanged with it
/// @param processed addresses of it that were looked at
/// @param rateLimited addresses of it that were not, because they came too fast
public record AddrRelayStats(boolean enabled, long processed, long rateLimited) {
    /// Of a peer that is not known.
    public static final AddrRelayStats UNKNOWN = new AddrRelayStats(false, 0, 0);
}
