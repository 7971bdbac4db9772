package weft.app.node;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import weft.chain.store.Batch;
import weft.chain.store.KeyValueStore;
import weft.primitives.Bytes;
import weft.primitives.log.Log;

/// A store in whose large writes the process now and then ends, as a power cut would end it: for tests of
/// what a node finds afterwards (`-dbcrashratio`).
///
/// There is a chance each time so many bytes of a long write have come together, when nothing of them is
/// there yet, and once more when all are; of a batch, as often, but only when all of it is there.
final class CrashingStore implements KeyValueStore {
    private final KeyValueStore store;
    private final NodeSettings.Crashes crashes;
    private final RandomGenerator random;
    private final Log log;
    private final Runnable end;

    /// @param end stops the process at once; does not return there
    CrashingStore(
            KeyValueStore store,
            NodeSettings.Crashes crashes,
            RandomGenerator random,
            Log log,
            Runnable end) {
        this.store = store;
        this.crashes = crashes;
        this.random = random;
        this.log = log;
        this.end = end;
    }

    /// Ends the process at once: `_exit`, as Core does. The JVM's own ways would first let the database
    /// finish what it does in the background.
    @SuppressWarnings("restricted")
    static void endProcess() {
        Linker linker = Linker.nativeLinker();
        MethodHandle exit =
                linker.downcallHandle(
                        linker.defaultLookup().findOrThrow("_exit"),
                        FunctionDescriptor.ofVoid(ValueLayout.JAVA_INT));
        try {
            exit.invokeExact(0);
        } catch (Throwable e) {
            throw new LinkageError("_exit cannot be called", e);
        }
    }

    private void draw() {
        if (random.nextInt(crashes.ratio()) == 0) {
            log.info("Simulating a crash. Goodbye.");
            end.run();
        }
    }

    @Override
    public void writeSorted(Consumer<Sink> writes) {
        store.writeSorted(sink -> writes.accept(counting(sink)));
        draw();
    }

    private Sink counting(Sink sink) {
        long[] bytes = {0};
        return (key, value) -> {
            sink.put(key, value);
            bytes[0] += key.length + (value == null ? 0 : value.length);
            if (bytes[0] > crashes.batchBytes()) {
                bytes[0] = 0;
                draw();
            }
        };
    }

    @Override
    public @Nullable Bytes get(Bytes key) {
        return store.get(key);
    }

    @Override
    public List<Optional<Bytes>> getAll(List<Bytes> keys) {
        return store.getAll(keys);
    }

    @Override
    public void scan(Bytes prefix, Visitor visitor) {
        store.scan(prefix, visitor);
    }

    /// A block of which nobody was told may be lost with its batch; what is in the batch must be there from
    /// then on.
    @Override
    public void write(Batch batch) {
        store.write(batch);
        long bytes = 0;
        for (Batch.Write each : batch.writes()) {
            Bytes value = each.value();
            bytes += each.key().length() + (value == null ? 0 : value.length());
        }
        for (long chances = bytes / crashes.batchBytes(); chances > 0; chances--) {
            draw();
        }
    }

    @Override
    public void deleteAll(Bytes prefix) {
        store.deleteAll(prefix);
    }

    @Override
    public long approximateBytes(Bytes prefix) {
        return store.approximateBytes(prefix);
    }

    @Override
    public void close() {
        store.close();
    }
}
