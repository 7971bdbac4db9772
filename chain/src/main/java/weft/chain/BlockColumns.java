package weft.chain;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import weft.chain.store.BlockPosition;
import weft.primitives.Check;

/// What we know of blocks beside their headers, by the header's number, without an object each: 37 bytes
/// a block. Owned by the chain's thread.
final class BlockColumns {
    private static final int NOWHERE = -1;
    private static final int FIRST_ROWS = 16;

    private byte[] status = new byte[0];
    private int[] blockFile = new int[0];
    private int[] blockOffset = new int[0];
    private int[] undoFile = new int[0];
    private int[] undoOffset = new int[0];
    private int[] txCount = new int[0];
    private int[] sequence = new int[0];
    private long[] chainTxCount = new long[0];
    private int size;

    BlockColumns() {}

    /// Adds a row of which nothing is known.
    void add() {
        if (size == status.length) {
            resize(Math.max(FIRST_ROWS, size + size / 8));
        }
        blockFile[size] = NOWHERE;
        undoFile[size] = NOWHERE;
        size++;
    }

    private void resize(int rows) {
        status = Arrays.copyOf(status, rows);
        blockFile = Arrays.copyOf(blockFile, rows);
        blockOffset = Arrays.copyOf(blockOffset, rows);
        undoFile = Arrays.copyOf(undoFile, rows);
        undoOffset = Arrays.copyOf(undoOffset, rows);
        txCount = Arrays.copyOf(txCount, rows);
        sequence = Arrays.copyOf(sequence, rows);
        chainTxCount = Arrays.copyOf(chainTxCount, rows);
    }

    int status(int id) {
        return status[id];
    }

    void setStatus(int id, int value) {
        status[id] = (byte) value;
    }

    @Nullable BlockPosition block(int id) {
        return position(blockFile[id], blockOffset[id]);
    }

    @Nullable BlockPosition undo(int id) {
        return position(undoFile[id], undoOffset[id]);
    }

    private static @Nullable BlockPosition position(int file, int offset) {
        return file == NOWHERE ? null : new BlockPosition(file, Integer.toUnsignedLong(offset));
    }

    void setBlock(int id, @Nullable BlockPosition position) {
        blockFile[id] = position == null ? NOWHERE : position.file();
        blockOffset[id] = offset(position);
    }

    void setUndo(int id, @Nullable BlockPosition position) {
        undoFile[id] = position == null ? NOWHERE : position.file();
        undoOffset[id] = offset(position);
    }

    private static int offset(@Nullable BlockPosition position) {
        if (position == null) {
            return 0;
        }
        Check.argument(position.offset() >>> 32 == 0, "block files are shorter than 4 GiB");
        return (int) position.offset();
    }

    int txCount(int id) {
        return txCount[id];
    }

    void setTxCount(int id, int count) {
        txCount[id] = count;
    }

    int sequence(int id) {
        return sequence[id];
    }

    void setSequence(int id, int value) {
        sequence[id] = value;
    }

    long chainTxCount(int id) {
        return chainTxCount[id];
    }

    void setChainTxCount(int id, long count) {
        chainTxCount[id] = count;
    }
}
