package weft.chain.store;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import weft.primitives.Bytes;

/// Writes that happen together or not at all, in the order in which they were added. Not safe for use by
/// two threads.
public final class Batch {
    /// One write.
    ///
    /// @param value null deletes the key
    public record Write(Bytes key, @Nullable Bytes value) {}

    private final List<Write> writes = new ArrayList<>();
    private boolean sync;
    private long bytes;

    /// Nothing to write yet.
    public Batch() {}

    /// Sets a key to a value.
    public Batch put(Bytes key, Bytes value) {
        writes.add(new Write(key, value));
        bytes += key.length() + value.length();
        return this;
    }

    /// Removes a key, whether it is there or not.
    public Batch delete(Bytes key) {
        writes.add(new Write(key, null));
        bytes += key.length();
        return this;
    }

    /// Asks that the batch be safe against power loss when the write returns, not only against a killed
    /// process.
    public Batch sync() {
        sync = true;
        return this;
    }

    /// Whether [#sync] was asked for.
    public boolean isSync() {
        return sync;
    }

    /// Whether there is nothing to write.
    public boolean isEmpty() {
        return writes.isEmpty();
    }

    /// Length of all keys and values.
    public long bytes() {
        return bytes;
    }

    /// The writes in order.
    public List<Write> writes() {
        return Collections.unmodifiableList(writes);
    }
}
