package weft.chain;

import weft.chain.api.HeaderNode;
import weft.chain.store.Batch;
import weft.chain.store.BlockPosition;
import weft.chain.store.BlockStore;
import weft.chain.store.KeyValueStore;
import weft.chain.store.StoreException;
import weft.primitives.Block;
import weft.primitives.BlockHash;
import weft.primitives.Bytes;
import weft.primitives.Check;

/// Reads and writes blocks, undo data, the block index and the coins, in the one order that survives
/// crashes: first the bytes of blocks and undo data, then one batch with the index entries that point to
/// them and the coins with their tip.
final class ChainStorage {
    private static final int DIRTY_HEADERS_MAX = 1_000;

    private final KeyValueStore database;
    private final BlockStore blocks;
    private final BlockReader reader;
    private final HeaderTree tree;
    private final CoinsCache coins;
    private boolean hasUnsynced;

    ChainStorage(KeyValueStore database, BlockStore blocks, HeaderTree tree, CoinsCache coins) {
        this.database = database;
        this.blocks = blocks;
        this.reader = new BlockReader(blocks);
        this.tree = tree;
        this.coins = coins;
    }

    KeyValueStore database() {
        return database;
    }

    BlockStore blocks() {
        return blocks;
    }

    Block read(BlockEntry entry) {
        return reader.block(place(entry));
    }

    BlockUndo readUndo(BlockEntry entry) {
        return reader.undo(place(entry));
    }

    Block read(BlockPlace place) {
        return reader.block(place);
    }

    /// Where a stored block lies.
    static BlockPlace place(BlockEntry entry) {
        BlockPosition position = entry.block();
        if (position == null) {
            throw new StoreException("the block " + entry.node().hash() + " is not on disk");
        }
        return new BlockPlace(entry.node(), position, entry.undo());
    }

    void storeBlock(BlockEntry entry, Block block) {
        placed(entry, block, blocks.append(Bytes.wrap(block.toByteArray())));
    }

    /// Notes that a block lies somewhere already.
    void placed(BlockEntry entry, Block block, BlockPosition position) {
        entry.setBlock(position);
        entry.mark(BlockEntry.HAS_BLOCK);
        entry.setTxCount(block.transactions().size());
        tree.markDirty(entry);
        hasUnsynced = true;
    }

    void storeUndo(BlockEntry entry, BlockUndo undo) {
        HeaderNode parent = entry.node().parent();
        if (parent == null || entry.is(BlockEntry.HAS_UNDO)) {
            return;
        }
        BlockPosition block = Check.present(entry.block(), "a block that connects has a place");
        entry.setUndo(blocks.appendUndo(block, undo.toBytes(), parent.hash()));
        entry.mark(BlockEntry.HAS_UNDO);
        tree.markDirty(entry);
        hasUnsynced = true;
    }

    /// Writes the index, and with it the coins and their tip; all is on disk on return.
    ///
    /// @param sync wait until all is safe against power loss
    void writeAll(BlockHash tip, boolean sync) {
        coins.awaitWrite();
        if (!coins.hasFewChanges()) {
            startWrite(tip);
            coins.awaitWrite();
            return;
        }
        writeTogether(tip, sync);
    }

    private void writeTogether(BlockHash tip, boolean sync) {
        var batch = new Batch();
        tree.stage(batch);
        coins.stage(tip, batch);
        if (!sync) {
            // A loss of power may keep the batch, and must not take what leads back from its coins.
            blocks.flush();
        }
        write(batch, sync);
        coins.written();
    }

    /// Writes the index, and begins to write the coins and their tip beside the calling thread; few
    /// changes are written at once.
    ///
    /// *Rationale of the order:* the coins must not be safe against power loss before the blocks and the
    /// index entries are that lead to them.
    void startWrite(BlockHash tip) {
        coins.awaitWrite();
        if (coins.hasFewChanges()) {
            writeTogether(tip, true);
            return;
        }
        var batch = new Batch();
        tree.stage(batch);
        write(batch, false);
        coins.startWrite(tip, blocks::flush);
    }

    /// Notes whether coins have reached the disk.
    ///
    /// @throws StoreException if they could not
    void poll() {
        coins.poll();
    }

    /// Writes the index alone if much of it changed; the coins stay where they are, behind it.
    void writeIndex() {
        if (tree.dirtySize() > DIRTY_HEADERS_MAX) {
            var batch = new Batch();
            tree.stage(batch);
            write(batch, false);
        }
    }

    /// Writes the index alone, safe against power loss.
    void writeIndexNow() {
        var batch = new Batch();
        tree.stage(batch);
        write(batch, true);
    }

    private void write(Batch batch, boolean sync) {
        if (sync) {
            blocks.flush();
            batch.sync();
        }
        database.write(batch);
        tree.written();
        hasUnsynced = !sync;
    }

    /// Makes safe against power loss what was written before.
    void sync() {
        if (hasUnsynced || tree.dirtySize() > 0) {
            var batch = new Batch();
            tree.stage(batch);
            write(batch, true);
        }
    }
}
