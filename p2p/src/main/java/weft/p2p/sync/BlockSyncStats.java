package weft.p2p.sync;

import java.util.List;

/// What [BlockSync] knows of one peer; fields as in Bitcoin Core's `getpeerinfo`.
///
/// @param startingHeight the height of its `version`; -1 if it has none
/// @param presyncedHeaders height of the low-work headers synchronisation in progress; -1 if there is none
/// @param syncedHeaders height of the last header that we have in common; -1 if unknown
/// @param syncedBlocks height of the last block that we have in common; -1 if unknown
/// @param inflight heights of the blocks asked for, in the order of asking
/// @param hbTo we chose it to send us compact blocks unasked
/// @param hbFrom it chose us
/// @param lastBlockSeconds when it last gave us a new block, in seconds since 1970; 0 if never
/// @param lastBlockAnnouncementSeconds when it last announced a better tip than ours, likewise
/// @param protectedFromEviction it is one of the outbound peers never dropped for a lagging chain
public record BlockSyncStats(
        int startingHeight,
        int presyncedHeaders,
        int syncedHeaders,
        int syncedBlocks,
        List<Integer> inflight,
        boolean hbTo,
        boolean hbFrom,
        long lastBlockSeconds,
        long lastBlockAnnouncementSeconds,
        boolean protectedFromEviction) {
    /// Of a peer that is not known.
    public static final BlockSyncStats UNKNOWN =
            new BlockSyncStats(-1, -1, -1, -1, List.of(), false, false, 0, 0, false);

    /// Copies the list.
    public BlockSyncStats {
        inflight = List.copyOf(inflight);
    }
}
