package weft.chain.store;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import weft.primitives.Bytes;

/// A map from byte strings to byte strings that outlives the process; ordered by unsigned bytes.
///
/// Every method throws [StoreException] where the storage fails, and [IllegalStateException] after
/// [#close]. Reading is safe from any thread; writes come from one thread, but
/// [#writeSorted] may run on another beside them.
public interface KeyValueStore extends AutoCloseable {
    /// The value of a key; null if there is none.
    @Nullable Bytes get(Bytes key);

    /// Shows every entry whose key begins with `prefix`, in order of the keys, as they were when the
    /// scan began.
    void scan(Bytes prefix, Visitor visitor);

    /// Writes a batch: all of it or, after a crash, nothing of it. Batches survive in the order of their
    /// writes.
    void write(Batch batch);

    /// The values of many keys, in order; empty where there is none. Cheaper than one by one.
    default List<Optional<Bytes>> getAll(List<Bytes> keys) {
        return keys.stream().map(key -> Optional.ofNullable(get(key))).toList();
    }

    /// Writes very many entries: all of them or, after a crash, none. They are safe against power loss
    /// on return, and so is every earlier batch. Entries of which other writes know must not be among
    /// them.
    ///
    /// @param writes shows the entries in strictly ascending order of their keys, when asked to
    default void writeSorted(Consumer<Sink> writes) {
        var batch = new Batch();
        writes.accept(
                (key, value) -> {
                    if (value == null) {
                        batch.delete(Bytes.wrap(key));
                    } else {
                        batch.put(Bytes.wrap(key), Bytes.wrap(value));
                    }
                });
        write(batch.sync());
    }

    /// Deletes every entry whose key begins with `prefix`; cheap even for very many.
    default void deleteAll(Bytes prefix) {
        var batch = new Batch();
        scan(
                prefix,
                (key, _) -> {
                    batch.delete(key);
                    return true;
                });
        write(batch);
    }

    /// About how many bytes all entries take whose keys begin with a prefix, as they are stored. Here they
    /// are counted; a database knows without reading them.
    default long approximateBytes(Bytes prefix) {
        long[] bytes = {0};
        scan(
                prefix,
                (key, value) -> {
                    bytes[0] += key.length() + value.length();
                    return true;
                });
        return bytes[0];
    }

    /// Takes entries one by one.
    @FunctionalInterface
    interface Sink {
        /// Takes one entry.
        ///
        /// @param value null deletes the key
        void put(byte[] key, byte @Nullable [] value);
    }

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
