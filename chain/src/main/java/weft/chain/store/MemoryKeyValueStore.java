package weft.chain.store;

import java.util.Map;
import java.util.NavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;
import weft.primitives.Bytes;

/// A [KeyValueStore] in memory, for tests and simulations. It can be reopened after a close.
public final class MemoryKeyValueStore implements KeyValueStore {
    private final NavigableMap<Bytes, Bytes> entries = new ConcurrentSkipListMap<>();
    private volatile boolean closed;

    /// An empty store.
    public MemoryKeyValueStore() {}

    @Override
    public @Nullable Bytes get(Bytes key) {
        checkOpen();
        return entries.get(key);
    }

    @Override
    public void scan(Bytes prefix, Visitor visitor) {
        checkOpen();
        for (Map.Entry<Bytes, Bytes> entry : entries.tailMap(prefix, true).entrySet()) {
            if (!entry.getKey().startsWith(prefix)
                    || !visitor.visit(entry.getKey(), entry.getValue())) {
                return;
            }
        }
    }

    @Override
    public void write(Batch batch) {
        checkOpen();
        for (Batch.Write write : batch.writes()) {
            Bytes value = write.value();
            if (value == null) {
                entries.remove(write.key());
            } else {
                entries.put(write.key().compact(), value.compact());
            }
        }
    }

    /// The same entries in a new, open store: what a process finds that starts after this one died.
    public MemoryKeyValueStore copy() {
        var copy = new MemoryKeyValueStore();
        copy.entries.putAll(entries);
        return copy;
    }

    /// Number of entries.
    public int size() {
        return entries.size();
    }

    @Override
    public void close() {
        closed = true;
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("the store is closed");
        }
    }
}
