package weft.chain;

import java.nio.charset.StandardCharsets;
import weft.chain.store.Batch;
import weft.chain.store.KeyValueStore;
import weft.primitives.Bytes;

/// Orders to rebuild what can be made again of the block files, noted on disk so that a crash in the middle
/// forgets nothing. For use before a [ChainState] is made on the store.
public final class Reindex {
    private static final Bytes BLOCKS = Bytes.wrap("reindex".getBytes(StandardCharsets.ISO_8859_1));

    private Reindex() {}

    /// Lets the next [ChainState] on this store take in every block of the block files; for a store that
    /// is new.
    public static void orderBlocks(KeyValueStore store) {
        store.write(new Batch().put(BLOCKS, Bytes.wrap(new byte[] {1})).sync());
    }

    /// Whether the block files are not taken in to their end yet.
    public static boolean isOrdered(KeyValueStore store) {
        return store.get(BLOCKS) != null;
    }

    /// Lets the next [ChainState] on this store make all coins anew of the blocks that it knows.
    public static void orderCoins(KeyValueStore store) {
        store.write(SnapshotMark.forget(CoinsStore.forgetTips(new Batch())).sync());
    }

    static void done(KeyValueStore store) {
        store.write(new Batch().delete(BLOCKS).sync());
    }
}
