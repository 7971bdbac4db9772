package weft.p2p.sync;

import org.jspecify.annotations.Nullable;
import weft.chain.api.HeaderNode;

/// A block asked of one peer; of up to three peers at once when compact blocks race.
final class BlockRequest {
    final SyncPeer from;
    final HeaderNode node;

    private boolean cameCompact;

    /// What we have of the block so far, if it comes as a compact block.
    @Nullable PartialBlock partial;

    BlockRequest(SyncPeer from, HeaderNode node) {
        this.from = from;
        this.node = node;
    }

    /// A compact block came.
    ///
    /// *Rationale:* only the first is looked at, also where it was of no use and the whole block is awaited:
    /// each costs a search of the mempool, and would be answered by a request.
    ///
    /// @return whether it is the first
    boolean takeCompact() {
        boolean isFirst = !cameCompact;
        cameCompact = true;
        return isFirst;
    }
}
