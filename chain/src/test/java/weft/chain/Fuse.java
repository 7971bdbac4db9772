package weft.chain;

import org.jspecify.annotations.Nullable;
import weft.chain.store.Batch;
import weft.chain.store.BlockPosition;
import weft.chain.store.BlockStore;
import weft.chain.store.KeyValueStore;
import weft.chain.store.MemoryBlockStore;
import weft.chain.store.MemoryKeyValueStore;
import weft.chain.store.StoreException;
import weft.primitives.BlockHash;
import weft.primitives.Bytes;

/// Lets a number of writes pass, then fails each.
final class Fuse {
    private int left;
    private int used;

    Fuse(int left) {
        this.left = left;
    }

    /// Writes that passed, and those that failed.
    int used() {
        return used;
    }

    private void burn() {
        used++;
        if (left == 0) {
            throw new StoreException("the fuse is burnt");
        }
        left--;
    }

    KeyValueStore guard(MemoryKeyValueStore store) {
        return new KeyValueStore() {
            @Override
            public @Nullable Bytes get(Bytes key) {
                return store.get(key);
            }

            @Override
            public void scan(Bytes prefix, KeyValueStore.Visitor visitor) {
                store.scan(prefix, visitor);
            }

            @Override
            public void write(Batch batch) {
                burn();
                store.write(batch);
            }

            @Override
            public void close() {
                store.close();
            }
        };
    }

    BlockStore guard(MemoryBlockStore store) {
        return new BlockStore() {
            @Override
            public BlockPosition append(Bytes block) {
                burn();
                return store.append(block);
            }

            @Override
            public BlockPosition appendUndo(BlockPosition block, Bytes undo, BlockHash parent) {
                burn();
                return store.appendUndo(block, undo, parent);
            }

            @Override
            public boolean contains(BlockPosition block) {
                return store.contains(block);
            }

            @Override
            public Bytes read(BlockPosition block) {
                return store.read(block);
            }

            @Override
            public Bytes readUndo(BlockPosition undo, BlockHash parent) {
                return store.readUndo(undo, parent);
            }

            @Override
            public void flush() {
                burn();
            }

            @Override
            public void scan(BlockPosition from, BlockStore.Visitor visitor) {
                store.scan(from, visitor);
            }

            @Override
            public void delete(int file) {
                store.delete(file);
            }

            @Override
            public int lastFile() {
                return store.lastFile();
            }

            @Override
            public long bytesUsed() {
                return store.bytesUsed();
            }

            @Override
            public long bytesUsed(int file) {
                return store.bytesUsed(file);
            }

            @Override
            public void close() {
                store.close();
            }
        };
    }
}
