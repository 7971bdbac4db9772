package weft.chain.store;

import weft.primitives.BlockHash;
import weft.primitives.Bytes;

/// Files of blocks and of undo data that only grow at their end. Blocks lie in order of arrival; undo
/// data lies in the undo file with the same number as the block's file.
///
/// Every method throws [StoreException] where the storage fails, or where bytes read are not those
/// written. Appending comes from one thread; reading is safe from any thread.
public interface BlockStore extends AutoCloseable {
    /// Appends a block. When this returns, the bytes survive the death of the process; against power
    /// loss only after [#flush].
    BlockPosition append(Bytes block);

    /// Appends undo data of a block.
    ///
    /// @param block where the block lies
    /// @param parent hash of the block before, which the checksum covers
    BlockPosition appendUndo(BlockPosition block, Bytes undo, BlockHash parent);

    /// Whether a position lies inside the files that are there; reads nothing.
    boolean contains(BlockPosition block);

    /// Reads a block.
    Bytes read(BlockPosition block);

    /// Reads a part of a block, for serving one transaction.
    ///
    /// @param from offset inside the block
    default Bytes read(BlockPosition block, int from, int size) {
        return read(block).slice(from, size);
    }

    /// Reads undo data and checks its checksum.
    Bytes readUndo(BlockPosition undo, BlockHash parent);

    /// Makes everything appended so far safe against power loss.
    void flush();

    /// Shows every whole block record, in order of the files; for rebuilding the index. Torn records are
    /// left out.
    default void scan(Visitor visitor) {
        scan(new BlockPosition(0, 0), visitor);
    }

    /// As [#scan(Visitor)], but only records that begin at a place or behind it, such as the end of the
    /// record that was seen last.
    void scan(BlockPosition from, Visitor visitor);

    /// Deletes a file of blocks and its undo file; only a file that is no longer appended to.
    void delete(int file);

    /// Number of the file that blocks are appended to.
    int lastFile();

    /// Length of all files together.
    long bytesUsed();

    /// Length of one file of blocks and its undo file; 0 if it is deleted.
    long bytesUsed(int file);

    /// Ends the use; closing twice is allowed.
    @Override
    void close();

    /// Looks at block records one by one.
    @FunctionalInterface
    interface Visitor {
        /// Sees one record.
        ///
        /// @return whether to go on
        boolean visit(BlockPosition position, Bytes block);
    }
}
