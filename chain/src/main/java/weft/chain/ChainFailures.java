package weft.chain;

import weft.chain.api.BlockFailure;

/// Verdicts that come from the state of the chain, not from a rule; reasons as Core's.
final class ChainFailures {
    static final BlockFailure DUPLICATE_INVALID =
            new BlockFailure(BlockFailure.Kind.CACHED_INVALID, "duplicate-invalid", "");
    static final BlockFailure MISSING_PARENT =
            new BlockFailure(BlockFailure.Kind.MISSING_PREV, "prev-blk-not-found", "");
    static final BlockFailure INVALID_PARENT =
            new BlockFailure(BlockFailure.Kind.INVALID_PREV, "bad-prevblk", "");
    static final BlockFailure LOW_WORK =
            new BlockFailure(BlockFailure.Kind.LOW_WORK, "too-little-chainwork", "");

    private ChainFailures() {}

    static BlockFailure consensus(String reason, String detail) {
        return new BlockFailure(BlockFailure.Kind.CONSENSUS, reason, detail);
    }
}
