package weft.chain;

/// What came of reading the last blocks again.
public enum VerifyResult {
    /// All blocks that were asked for are as they should be.
    WHOLE,
    /// What is there is as it should be; older blocks are not there, pruned or below a snapshot.
    BLOCKS_MISSING,
    /// The blocks are as they should be; not all of them were compared with the coins, for want of memory.
    COINS_SKIPPED,
    /// A block, its undo data or the coins are damaged.
    DAMAGED
}
