package weft.chain.store;

import java.util.ArrayList;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import weft.primitives.BlockHash;
import weft.primitives.Bytes;

/// A [BlockStore] in memory, for tests and simulations.
public final class MemoryBlockStore implements BlockStore {
    private static final int RECORD_HEADER_BYTES = 8;

    private final long fileBytesMax;
    private final TreeMap<BlockPosition, Bytes> blocks = new TreeMap<>();
    private final TreeMap<BlockPosition, Undo> undos = new TreeMap<>();
    private final TreeMap<Integer, Long> undoEnds = new TreeMap<>();
    private int lastFile;
    private long end;

    private record Undo(Bytes bytes, BlockHash parent) {}

    /// An empty store with files of 128 MiB.
    public MemoryBlockStore() {
        this(128L << 20);
    }

    /// An empty store.
    ///
    /// @param fileBytesMax a file ends before it would grow beyond this
    public MemoryBlockStore(long fileBytesMax) {
        this.fileBytesMax = fileBytesMax;
    }

    @Override
    public synchronized BlockPosition append(Bytes block) {
        if (end > 0 && end + RECORD_HEADER_BYTES + block.length() > fileBytesMax) {
            lastFile++;
            end = 0;
        }
        var position = new BlockPosition(lastFile, end + RECORD_HEADER_BYTES);
        blocks.put(position, block.compact());
        end = position.offset() + block.length();
        return position;
    }

    @Override
    public synchronized BlockPosition appendUndo(
            BlockPosition block, Bytes undo, BlockHash parent) {
        long at = undoEnds.getOrDefault(block.file(), 0L) + RECORD_HEADER_BYTES;
        var position = new BlockPosition(block.file(), at);
        undos.put(position, new Undo(undo.compact(), parent));
        undoEnds.put(block.file(), at + undo.length());
        return position;
    }

    @Override
    public synchronized boolean contains(BlockPosition block) {
        return blocks.containsKey(block);
    }

    @Override
    public synchronized Bytes read(BlockPosition block) {
        return found(blocks.get(block), block);
    }

    @Override
    public synchronized Bytes readUndo(BlockPosition undo, BlockHash parent) {
        Undo found = found(undos.get(undo), undo);
        if (!found.parent.equals(parent)) {
            throw new StoreException("undo data of another block at " + undo);
        }
        return found.bytes;
    }

    private static <T> T found(@Nullable T value, BlockPosition position) {
        if (value == null) {
            throw new StoreException("nothing at " + position);
        }
        return value;
    }

    @Override
    public void flush() {}

    @Override
    public void scan(BlockPosition from, Visitor visitor) {
        var records = new ArrayList<Map.Entry<BlockPosition, Bytes>>();
        synchronized (this) {
            records.addAll(blocks.tailMap(from, true).entrySet());
        }
        for (Map.Entry<BlockPosition, Bytes> entry : records) {
            if (!visitor.visit(entry.getKey(), entry.getValue())) {
                return;
            }
        }
    }

    @Override
    public synchronized void delete(int file) {
        blocks.keySet().removeIf(position -> position.file() == file);
        undos.keySet().removeIf(position -> position.file() == file);
        undoEnds.remove(file);
    }

    @Override
    public synchronized int lastFile() {
        return lastFile;
    }

    @Override
    public synchronized long bytesUsed() {
        long sum = 0;
        for (int file = 0; file <= lastFile; file++) {
            sum += bytesUsed(file);
        }
        return sum;
    }

    @Override
    public synchronized long bytesUsed(int file) {
        long sum = undoEnds.getOrDefault(file, 0L);
        for (Map.Entry<BlockPosition, Bytes> entry : blocks.entrySet()) {
            if (entry.getKey().file() == file) {
                sum += RECORD_HEADER_BYTES + entry.getValue().length();
            }
        }
        return sum;
    }

    /// The same records in a new store: what a process finds that starts after this one died.
    public synchronized MemoryBlockStore copy() {
        var copy = new MemoryBlockStore(fileBytesMax);
        copy.blocks.putAll(blocks);
        copy.undos.putAll(undos);
        copy.undoEnds.putAll(undoEnds);
        copy.lastFile = lastFile;
        copy.end = end;
        return copy;
    }

    @Override
    public void close() {}
}
