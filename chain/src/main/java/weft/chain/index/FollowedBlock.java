package weft.chain.index;

import weft.chain.BlockPlace;
import weft.chain.BlockUndo;
import weft.chain.api.HeaderNode;
import weft.primitives.Block;

/// A block as a follower gets it.
///
/// @param undo the coins that it spent; nothing for genesis
public record FollowedBlock(BlockPlace place, Block block, BlockUndo undo) {
    /// Its header.
    public HeaderNode node() {
        return place.node();
    }

    /// Distance from genesis.
    public int height() {
        return node().height();
    }
}
