package weft.chain;

import java.util.List;
import weft.chain.api.HeaderNode;
import weft.chain.store.BlockPosition;
import weft.chain.store.BlockStore;
import weft.chain.store.StoreException;
import weft.primitives.Block;
import weft.primitives.Bytes;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.MalformedBytes;

/// Reads blocks and undo data from where they lie, and checks that they are what they should be. Safe for
/// use by many threads.
public final class BlockReader {
    private static final BlockUndo NOTHING = new BlockUndo(List.of());

    private final BlockStore blocks;

    /// A reader of a store.
    public BlockReader(BlockStore blocks) {
        this.blocks = blocks;
    }

    /// Reads a block.
    ///
    /// @throws StoreException if it cannot be read, or another one lies there
    public Block block(BlockPlace place) {
        Bytes bytes = blocks.read(place.block());
        try {
            ByteReader in =
                    ByteReader.of(bytes.backingArray(), bytes.backingOffset(), bytes.length());
            Block block = Block.read(in);
            in.expectEnd();
            if (block.hash().equals(place.node().hash())) {
                return block;
            }
        } catch (MalformedBytes e) {
            throw StoreException.damaged(
                    "the block " + place.node().hash() + " is damaged on disk",
                    StoreException.Remedy.REINDEX,
                    e);
        }
        throw StoreException.damaged(
                "another block than " + place.node().hash() + " lies at " + place.block(),
                StoreException.Remedy.REINDEX);
    }

    /// Reads the coins that a block spent; genesis spent none.
    ///
    /// @throws StoreException if they cannot be read, or there is no such data
    public BlockUndo undo(BlockPlace place) {
        HeaderNode parent = place.node().parent();
        if (parent == null) {
            return NOTHING;
        }
        BlockPosition position = place.undo();
        if (position == null) {
            throw StoreException.damaged(
                    "no undo data of block " + place.node().hash(), StoreException.Remedy.REINDEX);
        }
        try {
            return BlockUndo.read(blocks.readUndo(position, parent.hash()));
        } catch (MalformedBytes e) {
            throw StoreException.damaged(
                    "the undo data of block " + place.node().hash() + " is damaged on disk",
                    StoreException.Remedy.REINDEX,
                    e);
        }
    }
}
