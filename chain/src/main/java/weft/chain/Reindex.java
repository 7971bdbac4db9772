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

    /// Whether a store holds nothing at all, so that nobody knows what is in block files beside it.
    public static boolean isNew(KeyValueStore store) {
        boolean[] found = {false};
        store.scan(
                Bytes.EMPTY,
                (_, _) -> {
                    found[0] = true;
                    return false;
                });
        return !found[0];
    }

    /// Lets the next [ChainState] on this store make all coins anew of the blocks that it knows.
    ///
    /// @throws weft.chain.store.StoreException if another version of this program wrote the store
    public static void orderCoins(KeyValueStore store) {
        StoreForm.check(store);
        store.write(SnapshotMark.forget(CoinsStore.forgetTips(new Batch())).sync());
    }

    static void done(KeyValueStore store) {
        store.write(new Batch().delete(BLOCKS).sync());
    }
}
