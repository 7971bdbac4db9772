package weft.p2p.sync;

import org.jspecify.annotations.Nullable;
import weft.chain.api.HeaderNode;

/// A block asked of one peer; of up to three peers at once when compact blocks race.
final class BlockRequest {
    final SyncPeer from;
    final HeaderNode node;

    /// What we have of the block so far, if it comes as a compact block.
    @Nullable PartialBlock partial;

    BlockRequest(SyncPeer from, HeaderNode node) {
        this.from = from;
        this.node = node;
    }
}
