package weft.app.node;

import weft.chain.Reindex;
import weft.chain.store.StoreException;
import weft.primitives.log.Log;
import weft.store.BlockFileOptions;
import weft.store.BlockFiles;
import weft.store.Disk;
import weft.store.RocksKeyValueStore;

/// The database and the block files of a node, with what the operator wants made anew of them.
///
/// An order to make all anew is written down before anything is deleted, and struck out when the new database
/// knows of it: whatever moment the process dies at, the next start goes on, with the option or without.
///
/// @param database block index and coins
/// @param blocks blocks and undo data
record ChainFolder(RocksKeyValueStore database, BlockFiles blocks) implements AutoCloseable {
    private static final String ORDER = "reindex";

    /// Opens both.
    ///
    /// @param prunes old blocks are deleted, so some may be missing
    static ChainFolder open(
            Disk disk,
            NodeSettings.Storage storage,
            BlockFileOptions options,
            boolean prunes,
            Log log) {
        NodeSettings.Rebuild rebuild = storage.rebuild();
        boolean all = rebuild == NodeSettings.Rebuild.ALL || disk.isNoted(ORDER);
        if (all) {
            disk.note(ORDER);
            RocksKeyValueStore.destroy(disk.subfolder("chainstate"));
        }
        RocksKeyValueStore database = openDatabase(disk, storage);
        try {
            BlockFiles blocks = BlockFiles.open(disk.blocks(), options);
            var opened = new ChainFolder(database, blocks);
            if (all) {
                opened.orderAll(prunes, log);
                disk.strikeOut(ORDER);
            } else if (Reindex.isNew(database) && opened.hasBlocks()) {
                log.info("Block files without a block database: it is built from them");
                Reindex.orderBlocks(database);
            } else if (rebuild == NodeSettings.Rebuild.COINS) {
                Reindex.orderCoins(database);
            }
            return opened;
        } catch (RuntimeException | Error e) {
            database.close();
            throw e;
        }
    }

    private static RocksKeyValueStore openDatabase(Disk disk, NodeSettings.Storage storage) {
        try {
            return RocksKeyValueStore.open(
                    disk.subfolder("chainstate"),
                    storage.databaseCacheBytes(),
                    StoreException.Remedy.REINDEX.sentence());
        } catch (StoreException e) {
            throw new StoreException("Error opening block database: " + e.getMessage(), e);
        }
    }

    private void orderAll(boolean prunes, Log log) {
        if (prunes) {
            log.info(
                    "Removing unusable blk?????.dat and rev?????.dat files for -reindex with -prune");
            blocks.deleteBehindGap();
        }
        blocks.deleteUndo();
        blocks.flush();
        Reindex.orderBlocks(database);
    }

    /// Whether there is more than the first block, which every start makes where it is missing.
    private boolean hasBlocks() {
        int[] seen = {0};
        blocks.scan((_, _) -> ++seen[0] < 2);
        return seen[0] > 1;
    }

    @Override
    public void close() {
        try (database) {
            blocks.close();
        }
    }
}
