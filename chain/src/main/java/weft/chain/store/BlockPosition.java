package weft.chain.store;

import weft.primitives.Check;

/// Where a block or its undo data lies.
///
/// @param file number of the file, from 0
/// @param offset of the first byte of the data itself, after magic and length
public record BlockPosition(int file, long offset) implements Comparable<BlockPosition> {
    /// Checks the ranges.
    public BlockPosition {
        Check.argument(file >= 0 && offset >= 0, "a position is not negative");
    }

    /// By file, then by offset.
    @Override
    public int compareTo(BlockPosition other) {
        int order = Integer.compare(file, other.file);
        return order == 0 ? Long.compare(offset, other.offset) : order;
    }
}
