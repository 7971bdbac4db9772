package weft.p2p.tx;

/// Settings of [TxSync].
///
/// @param ourServices the service bits that we offer
/// @param blocksOnly take transactions only from peers with permission to relay (`-blocksonly`)
/// @param orphansMax orphans kept (`-maxorphantx`)
/// @param minRelaySatoshisPerKvB lowest rate that we relay, told to peers as `feefilter` (`-minrelaytxfee`)
/// @param spreading when transactions are announced (`-relaypolicy`)
/// @param fluffPercent chance that a stem ends here, 0 to 100 (`-dandelionfluff`)
public record TxOptions(
        long ourServices,
        boolean blocksOnly,
        int orphansMax,
        long minRelaySatoshisPerKvB,
        Spreading spreading,
        int fluffPercent) {
    /// `-maxorphantx` by default.
    public static final int ORPHANS_MAX_DEFAULT = 100;

    /// `-minrelaytxfee` by default.
    public static final long MIN_RELAY_DEFAULT = 1_000;

    /// `-dandelionfluff` by default. See BIP-0156.
    public static final int FLUFF_PERCENT_DEFAULT = 10;

    /// Announcements at random moments.
    public TxOptions(
            long ourServices, boolean blocksOnly, int orphansMax, long minRelaySatoshisPerKvB) {
        this(
                ourServices,
                blocksOnly,
                orphansMax,
                minRelaySatoshisPerKvB,
                Spreading.DIFFUSION,
                FLUFF_PERCENT_DEFAULT);
    }

    /// With announcements of another kind.
    public TxOptions with(Spreading changed) {
        return new TxOptions(
                ourServices, blocksOnly, orphansMax, minRelaySatoshisPerKvB, changed, fluffPercent);
    }

    /// With stems of another length.
    public TxOptions withFluffPercent(int changed) {
        return new TxOptions(
                ourServices, blocksOnly, orphansMax, minRelaySatoshisPerKvB, spreading, changed);
    }

    /// A node that relays transactions.
    ///
    /// @param ourServices the service bits that we offer
    public static TxOptions of(long ourServices) {
        return new TxOptions(ourServices, false, ORPHANS_MAX_DEFAULT, MIN_RELAY_DEFAULT);
    }
}
