package weft.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.rocksdb.AbstractEventListener;
import org.rocksdb.AbstractEventListener.EnabledEventCallback;
import org.rocksdb.BackgroundErrorReason;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.CompressionType;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.Range;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.SizeApproximationFlag;
import org.rocksdb.Slice;
import org.rocksdb.Status;
import org.rocksdb.WALRecoveryMode;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;
import weft.chain.store.Batch;
import weft.chain.store.KeyValueStore;
import weft.chain.store.StoreException;
import weft.primitives.Bytes;

/// A [KeyValueStore] in a folder, by RocksDB.
///
/// This object owns every native handle. Each use is counted; [#close] forbids new uses, waits for those
/// that run, then frees the handles, so a use after the end is an exception and never a crash of the
/// process.
///
/// A batch is in the write-ahead log when a write returns, hence survives the death of the process; with
/// [Batch#sync] also the loss of power. The log is replayed up to the first torn record. A failure in
/// the background makes every later use fail.
public final class RocksKeyValueStore implements KeyValueStore {
    private static final int OPEN_FILES_MAX = 256;
    private static final int LOG_FILES = 2;
    private static final long LOG_FILE_BYTES = 1L << 20;
    private static final int BLOOM_BITS = 10;
    private static final String UNKNOWN_ERROR = "for a reason that could not be told";

    static {
        RocksLibrary.load();
    }

    private final Path folder;
    private final String remedy;
    private final RocksDB db;
    private final Options options;
    private final WriteOptions plain;
    private final WriteOptions synced;
    private final Deque<AutoCloseable> handles;
    private final AtomicReference<@Nullable String> backgroundError;
    private int users;
    private boolean closed;

    /// Deletes the database of a folder, if there is one; it must not be open.
    ///
    /// @throws StoreException if that fails
    public static void destroy(Path folder) {
        try (var options = new Options()) {
            RocksDB.destroyDB(folder.toString(), options);
        } catch (RocksDBException e) {
            throw new StoreException(
                    "cannot delete the database " + folder + ": " + e.getMessage(), e);
        }
    }

    private RocksKeyValueStore(
            Place place,
            RocksDB db,
            Options options,
            List<WriteOptions> writes,
            Deque<AutoCloseable> handles,
            AtomicReference<@Nullable String> backgroundError) {
        this.folder = place.folder();
        this.remedy = place.remedy();
        this.db = db;
        this.options = options;
        this.plain = writes.get(0);
        this.synced = writes.get(1);
        this.handles = handles;
        this.backgroundError = backgroundError;
    }

    /// A folder, and what its operator can do.
    ///
    /// @param remedy a sentence: what helps where the bytes in the folder are damaged
    private record Place(Path folder, String remedy) {}

    /// Opens a database, which is created where it is missing.
    ///
    /// @param cacheBytes memory for blocks read and for writes not yet sorted, together
    /// @throws StoreException if it cannot be opened
    public static RocksKeyValueStore open(Path folder, long cacheBytes) {
        return open(folder, cacheBytes, "Restore it from a copy.");
    }

    /// Opens a database, which is created where it is missing.
    ///
    /// @param cacheBytes memory for blocks read and for writes not yet sorted, together
    /// @param remedy a sentence that ends every message about damaged bytes: what helps then
    /// @throws StoreException if it cannot be opened
    public static RocksKeyValueStore open(Path folder, long cacheBytes, String remedy) {
        PrivateFiles.createFolder(folder);
        SortedLoad.removeLeftOvers(folder);
        var place = new Place(folder, remedy);
        checkWhole(place);
        var handles = new ArrayDeque<AutoCloseable>();
        var error = new AtomicReference<@Nullable String>();
        try {
            Options options = options(cacheBytes, handles, error);
            var plain = new WriteOptions();
            handles.push(plain);
            var synced = new WriteOptions().setSync(true);
            handles.push(synced);
            RocksDB db = RocksDB.open(options, folder.toString());
            handles.push(db);
            return new RocksKeyValueStore(
                    place, db, options, List.of(plain, synced), handles, error);
        } catch (RocksDBException e) {
            free(handles);
            throw failure("open", place, e);
        }
    }

    /// RocksDB takes a folder without the file that says where to begin for a new one, and deletes what it
    /// finds there.
    private static void checkWhole(Place place) {
        if (Files.exists(place.folder().resolve("CURRENT"))) {
            return;
        }
        try (var found = Files.newDirectoryStream(place.folder(), "[0-9]*.{sst,log}")) {
            for (Path each : found) {
                throw damaged(place, "the file CURRENT is missing beside " + each.getFileName());
            }
        } catch (IOException e) {
            throw PrivateFiles.failure("read", place.folder(), e);
        }
    }

    private static Options options(
            long cacheBytes,
            Deque<AutoCloseable> handles,
            AtomicReference<@Nullable String> error) {
        var cache = new LRUCache(Math.max(cacheBytes / 2, 1 << 20));
        handles.push(cache);
        var bloom = new BloomFilter(BLOOM_BITS);
        handles.push(bloom);
        // Of this event only: a background thread that calls into Java while the process ends would
        // wait for the JVM, which waits for it.
        var listener =
                new AbstractEventListener(EnabledEventCallback.ON_BACKGROUND_ERROR) {
                    @Override
                    public void onBackgroundError(
                            BackgroundErrorReason reason, @Nullable Status status) {
                        // Nothing may be thrown into the thread of the library that calls.
                        String why = UNKNOWN_ERROR;
                        try {
                            why = reason + (status == null ? "" : " " + status.getCodeString());
                        } catch (Throwable _) {
                            // That it failed is known, and that is enough.
                        }
                        error.compareAndSet(null, why);
                    }
                };
        handles.push(listener);
        var table =
                new BlockBasedTableConfig()
                        .setBlockCache(cache)
                        .setFilterPolicy(bloom)
                        .setCacheIndexAndFilterBlocks(true);
        var options =
                new Options()
                        .setCreateIfMissing(true)
                        .setParanoidChecks(true)
                        .setWalRecoveryMode(WALRecoveryMode.PointInTimeRecovery)
                        .setMaxOpenFiles(OPEN_FILES_MAX)
                        .setWriteBufferSize(Math.max(cacheBytes / 4, 1 << 20))
                        .setCompressionType(CompressionType.LZ4_COMPRESSION)
                        .setInfoLogLevel(InfoLogLevel.WARN_LEVEL)
                        .setKeepLogFileNum(LOG_FILES)
                        .setMaxLogFileSize(LOG_FILE_BYTES)
                        .setTableFormatConfig(table)
                        .setListeners(List.of(listener));
        handles.push(options);
        return options;
    }

    @Override
    public @Nullable Bytes get(Bytes key) {
        use();
        try {
            byte[] value = db.get(key.toByteArray());
            return value == null ? null : Bytes.wrap(value);
        } catch (RocksDBException e) {
            throw failure("read", e);
        } finally {
            release();
        }
    }

    @Override
    public long approximateBytes(Bytes prefix) {
        use();
        try (var begin = new Slice(prefix.toByteArray());
                var end = new Slice(after(prefix))) {
            long[] sizes =
                    db.getApproximateSizes(
                            List.of(new Range(begin, end)),
                            SizeApproximationFlag.INCLUDE_FILES,
                            SizeApproximationFlag.INCLUDE_MEMTABLES);
            return sizes[0];
        } finally {
            release();
        }
    }

    /// The first key behind all that begin with a prefix.
    private static byte[] after(Bytes prefix) {
        byte[] bound = prefix.toByteArray();
        for (int last = bound.length - 1; last >= 0; last--) {
            bound[last]++;
            if (bound[last] != 0) {
                return Arrays.copyOf(bound, last + 1);
            }
        }
        throw new IllegalArgumentException("no key comes after the prefix");
    }

    @Override
    public void scan(Bytes prefix, Visitor visitor) {
        use();
        try (RocksIterator entries = db.newIterator()) {
            for (entries.seek(prefix.toByteArray()); entries.isValid(); entries.next()) {
                Bytes key = Bytes.wrap(entries.key());
                if (!key.startsWith(prefix) || !visitor.visit(key, Bytes.wrap(entries.value()))) {
                    return;
                }
            }
            entries.status();
        } catch (RocksDBException e) {
            throw failure("read", e);
        } finally {
            release();
        }
    }

    @Override
    public void write(Batch batch) {
        use();
        try (var writes = new WriteBatch()) {
            for (Batch.Write write : batch.writes()) {
                Bytes value = write.value();
                if (value == null) {
                    writes.delete(write.key().toByteArray());
                } else {
                    writes.put(write.key().toByteArray(), value.toByteArray());
                }
            }
            db.write(batch.isSync() ? synced : plain, writes);
        } catch (RocksDBException e) {
            throw failure("write", e);
        } finally {
            release();
        }
    }

    @Override
    public List<Optional<Bytes>> getAll(List<Bytes> keys) {
        use();
        try {
            List<byte[]> values = db.multiGetAsList(keys.stream().map(Bytes::toByteArray).toList());
            return values.stream().map(each -> Optional.ofNullable(each).map(Bytes::wrap)).toList();
        } catch (RocksDBException e) {
            throw failure("read", e);
        } finally {
            release();
        }
    }

    @Override
    public void writeSorted(Consumer<Sink> writes) {
        use();
        try (var load = new SortedLoad(db, folder, options)) {
            writes.accept(load::put);
            load.finish();
        } catch (RocksDBException e) {
            throw failure("write", e);
        } finally {
            release();
        }
    }

    @Override
    public void deleteAll(Bytes prefix) {
        byte[] from = prefix.toByteArray();
        byte[] to = after(prefix);
        use();
        try {
            db.deleteRange(synced, from, to);
        } catch (RocksDBException e) {
            throw failure("write", e);
        } finally {
            release();
        }
    }

    private synchronized void use() {
        if (closed) {
            throw new IllegalStateException("the database " + folder + " is closed");
        }
        String error = backgroundError.get();
        if (error != null) {
            throw new StoreException(
                    "the database " + folder + " failed in the background: " + error);
        }
        users++;
    }

    private synchronized void release() {
        users--;
        notifyAll();
    }

    @Override
    public void close() {
        boolean interrupted = false;
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            while (users > 0) {
                try {
                    wait();
                } catch (InterruptedException _) {
                    interrupted = true;
                }
            }
        }
        free(handles);
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /// Frees handles, the last opened first.
    private static void free(Deque<AutoCloseable> handles) {
        while (!handles.isEmpty()) {
            try {
                handles.pop().close();
            } catch (Exception e) {
                throw new StoreException("cannot close a database: " + e.getMessage(), e);
            }
        }
    }

    private StoreException failure(String what, RocksDBException cause) {
        return failure(what, new Place(folder, remedy), cause);
    }

    private static StoreException failure(String what, Place place, RocksDBException cause) {
        Status status = cause.getStatus();
        if (status != null && status.getSubCode() == Status.SubCode.NoSpace) {
            return new StoreException(
                    "Disk space is too low! Cannot " + what + " the database " + place.folder(),
                    cause);
        }
        String said = String.valueOf(cause.getMessage()).lines().findFirst().orElse("");
        if (isDamage(status, said)) {
            return damaged(place, said);
        }
        return new StoreException(
                "cannot " + what + " the database " + place.folder() + ": " + said, cause);
    }

    /// Whether bytes or files are not as they were left, rather than the disk at fault.
    private static boolean isDamage(@Nullable Status status, String said) {
        return status != null
                && switch (status.getCode()) {
                    case Corruption, NotFound, NotSupported, InvalidArgument -> true;
                    case IOError -> said.contains("No such file");
                    default -> false;
                };
    }

    private static StoreException damaged(Place place, String why) {
        return new StoreException(
                "the database " + place.folder() + " is damaged (" + why + "). " + place.remedy());
    }
}
