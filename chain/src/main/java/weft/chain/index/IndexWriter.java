package weft.chain.index;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import weft.chain.BlockFeed;
import weft.chain.BlockPlace;
import weft.chain.BlockReader;
import weft.chain.api.HeaderNode;
import weft.chain.store.Batch;
import weft.chain.store.KeyValueStore;
import weft.chain.store.StoreException;
import weft.primitives.BlockHash;
import weft.primitives.Bytes;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;
import weft.primitives.codec.MalformedBytes;

/// Leads one index along the chain: what it learns of a block and the block where it then stands are written
/// in one batch, so it never has to guess after a crash.
///
/// One thread owns the object; [#best] and [#isSynced] may be called by others.
public final class IndexWriter {
    private static final Bytes BEST = key("Best");
    private static final Bytes FORM = key("Form");
    private static final long BATCH_BYTES_MAX = 4 << 20;
    private static final int WIPE_MAX = 10_000;

    private final Follower follower;
    private final KeyValueStore store;
    private Batch batch = new Batch();
    private @Nullable IndexedBlock staged;
    private volatile @Nullable IndexedBlock best;
    private volatile boolean synced;

    /// A writer that is not opened.
    ///
    /// @param store of the follower alone; is not closed
    public IndexWriter(Follower follower, KeyValueStore store) {
        this.follower = follower;
        this.store = store;
    }

    private static Bytes key(String name) {
        return Bytes.wrap(name.getBytes(StandardCharsets.ISO_8859_1));
    }

    /// Loads where the index stands. One of another network or of an older form is forgotten.
    ///
    /// @throws StoreException if it is of a newer form, or damaged
    public void open(BlockHash genesis) {
        var out = new ByteWriter();
        genesis.write(out);
        Bytes form = out.i32(follower.format()).toBytes();
        Bytes found = store.get(FORM);
        if (!form.equals(found)) {
            refuseNewer(found);
            wipe();
            store.write(new Batch().put(FORM, form).sync());
        }
        Bytes value = store.get(BEST);
        try {
            reload(value == null ? null : IndexedBlock.read(value));
        } catch (MalformedBytes | IndexOutOfBoundsException e) {
            throw StoreException.damaged(
                    follower.name() + " is damaged: " + e.getMessage(),
                    StoreException.Remedy.INDEX_ANEW,
                    e);
        }
    }

    private void refuseNewer(@Nullable Bytes found) {
        if (found == null || found.length() != BlockHash.BYTES + Integer.BYTES) {
            return;
        }
        var in = ByteReader.of(found.backingArray(), found.backingOffset(), found.length());
        in.skip(BlockHash.BYTES);
        int form = in.i32();
        if (form > follower.format()) {
            throw new StoreException(
                    follower.name()
                            + " was written by a newer version of this program (form "
                            + form
                            + ", not "
                            + follower.format()
                            + "). Use that version. "
                            + StoreException.Remedy.INDEX_ANEW.sentence());
        }
    }

    private void reload(@Nullable IndexedBlock at) {
        staged = at;
        best = at;
        follower.load(at);
    }

    /// Forgets everything, to begin anew.
    public void reset() {
        synced = false;
        Bytes form = store.get(FORM);
        wipe();
        if (form != null) {
            store.write(new Batch().put(FORM, form));
        }
        reload(null);
    }

    /// Deletes all entries, the form first: a wipe that a crash ends is done again.
    private void wipe() {
        store.write(new Batch().delete(FORM).delete(BEST).sync());
        var found = new Batch();
        do {
            var chunk = new Batch();
            store.scan(
                    Bytes.EMPTY,
                    (key, _) -> {
                        chunk.delete(key);
                        return chunk.writes().size() < WIPE_MAX;
                    });
            store.write(chunk);
            found = chunk;
        } while (!found.isEmpty());
    }

    /// Does a step of the chain; all of it is written on return.
    ///
    /// @param reader of the same blocks
    /// @param goOn asked before each block; after false the rest of the step is left undone
    public void follow(BlockFeed.Step step, BlockReader reader, GoOn goOn) {
        for (BlockPlace place : step.leave()) {
            if (!goOn.mayGoOn()) {
                return;
            }
            HeaderNode parent = place.node().parent();
            follower.disconnect(read(place, reader), batch);
            staged = parent == null ? null : IndexedBlock.of(parent);
            commit();
        }
        for (BlockPlace place : step.join()) {
            if (!goOn.mayGoOn()) {
                break;
            }
            follower.connect(read(place, reader), batch);
            staged = IndexedBlock.of(place.node());
            if (batch.bytes() > BATCH_BYTES_MAX) {
                commit();
            }
        }
        commit();
        IndexedBlock at = best;
        if (step.isTip() && at != null && at.hash().equals(step.goal().hash())) {
            synced = true;
        }
    }

    private static FollowedBlock read(BlockPlace place, BlockReader reader) {
        return new FollowedBlock(place, reader.block(place), reader.undo(place));
    }

    private void commit() {
        IndexedBlock at = staged;
        if (at != null && !at.equals(best)) {
            batch.put(BEST, at.write());
            store.write(batch);
            batch = new Batch();
            best = at;
        }
    }

    /// The index.
    public Follower follower() {
        return follower;
    }

    /// The block where it stands, as written; null before genesis.
    public @Nullable IndexedBlock best() {
        return best;
    }

    /// Whether it has been at the tip of the chain since it was opened.
    public boolean isSynced() {
        return synced;
    }

    /// Asked between two blocks.
    @FunctionalInterface
    public interface GoOn {
        /// Whether to do the next block.
        boolean mayGoOn();
    }
}
