package weft.chain.store;

import org.jspecify.annotations.Nullable;
import weft.primitives.Bytes;

/// A map from byte strings to byte strings that outlives the process; ordered by unsigned bytes.
///
/// Every method throws [StoreException] where the storage fails, and [IllegalStateException] after
/// [#close]. Reading is safe from any thread; writes come from one thread.
public interface KeyValueStore extends AutoCloseable {
    /// The value of a key; null if there is none.
    @Nullable Bytes get(Bytes key);

    /// Shows every entry whose key begins with `prefix`, in order of the keys, as they were when the
    /// scan began.
    void scan(Bytes prefix, Visitor visitor);

    /// Writes a batch: all of it or, after a crash, nothing of it. Batches survive in the order of their
    /// writes.
    void write(Batch batch);

    /// Ends the use; closing twice is allowed.
    @Override
    void close();

    /// Looks at entries one by one.
    @FunctionalInterface
    interface Visitor {
        /// Sees one entry.
        ///
        /// @return whether to go on
        boolean visit(Bytes key, Bytes value);
    }
}
