package weft.chain.index;

import org.jspecify.annotations.Nullable;
import weft.chain.store.Batch;

/// What one index does with each block: it adds its writes to a batch, which [IndexWriter] writes together
/// with the block where the index then stands. Driven by one thread; the lookups of an index are its own and
/// may come from any thread.
public interface Follower {
    /// Name in logs and in `getindexinfo`.
    String name();

    /// Number of the form in which it keeps its things; another number on disk means to begin anew.
    int format();

    /// Loads whatever it keeps in memory.
    ///
    /// @param best where it stands; null before genesis
    void load(@Nullable IndexedBlock best);

    /// The next block of its branch.
    void connect(FollowedBlock block, Batch batch);

    /// The block where it stands is left for the one before. Everything before this call is written.
    void disconnect(FollowedBlock block, Batch batch);
}
