package weft.p2p.sync;

/// Settings of [BlockSync].
///
/// @param ourServices the service bits that we offer; without `NODE_NETWORK` only recent blocks are served
/// @param blocksOnly transactions are not relayed, so compact blocks are of no use to us (`-blocksonly`)
/// @param pruning old blocks may be gone from the store (`-prune`)
/// @param extraTransactions rejected and orphaned transactions kept for compact blocks
///     (`-blockreconstructionextratxn`)
/// @param headersOnly no block is ever asked for, taken or announced: a node that is content with headers
public record SyncOptions(
        long ourServices,
        boolean blocksOnly,
        boolean pruning,
        int extraTransactions,
        boolean headersOnly) {
    /// `-blockreconstructionextratxn` by default.
    public static final int EXTRA_TRANSACTIONS_DEFAULT = 100;

    /// A full node with everything on disk.
    ///
    /// @param ourServices the service bits that we offer
    public static SyncOptions of(long ourServices) {
        return new SyncOptions(ourServices, false, false, EXTRA_TRANSACTIONS_DEFAULT, false);
    }

    /// A node of headers alone, which offers nothing.
    public static SyncOptions ofHeadersOnly() {
        return new SyncOptions(0, true, true, 0, true);
    }
}
