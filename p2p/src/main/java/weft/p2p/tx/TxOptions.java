package weft.p2p.tx;

/// Settings of [TxSync].
///
/// @param ourServices the service bits that we offer
/// @param blocksOnly take transactions only from peers with permission to relay (`-blocksonly`)
/// @param orphansMax orphans kept (`-maxorphantx`)
/// @param minRelaySatoshisPerKvB lowest rate that we relay, told to peers as `feefilter` (`-minrelaytxfee`)
public record TxOptions(
        long ourServices, boolean blocksOnly, int orphansMax, long minRelaySatoshisPerKvB) {
    /// `-maxorphantx` by default.
    public static final int ORPHANS_MAX_DEFAULT = 100;

    /// `-minrelaytxfee` by default.
    public static final long MIN_RELAY_DEFAULT = 1_000;

    /// A node that relays transactions.
    ///
    /// @param ourServices the service bits that we offer
    public static TxOptions of(long ourServices) {
        return new TxOptions(ourServices, false, ORPHANS_MAX_DEFAULT, MIN_RELAY_DEFAULT);
    }
}
