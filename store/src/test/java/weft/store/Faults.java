package weft.store;

import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/// Counts what the store module does to the disk, makes one of these calls fail, and knows what a loss of
/// power would take. Called by the classes that [FaultLoader] has rewritten.
public final class Faults {
    /// How the nth call fails, and what is lost with it.
    public enum Mode {
        /// An error, nothing done.
        BEFORE,
        /// Done, and yet an error.
        AFTER,
        /// Half done; where there is no half, nothing.
        TORN,
        /// An error, then all that was not synced is gone.
        LOST,
        /// An error, then of what was not synced a part is there.
        PARTLY_LOST,
        /// An error, then all that was not synced is there, as zeros.
        ZEROED
    }

    private static final List<String> CALLS = new ArrayList<>();
    private static final Map<Path, Long> SYNCED = new TreeMap<>();
    private static final TreeSet<Path> NAMED = new TreeSet<>();
    private static Mode mode = Mode.BEFORE;
    private static int nth = -1;
    private static boolean fired;
    private static boolean thrown;
    private static @Nullable Path database;
    private static @Nullable Path lastOpened;

    private Faults() {}

    /// Begins to count; the nth call from now, from 0, fails.
    ///
    /// @param chainstate folder of the database
    public static void arm(int number, Mode how, Path chainstate) {
        CALLS.clear();
        SYNCED.clear();
        NAMED.clear();
        nth = number;
        mode = how;
        fired = false;
        thrown = false;
        database = chainstate;
        lastOpened = null;
    }

    /// Lets all calls pass.
    public static void disarm() {
        nth = -1;
    }

    /// Whether the nth call has come.
    public static boolean hasFired() {
        return fired;
    }

    /// Whether it failed; if not, it failed of itself.
    public static boolean hasThrown() {
        return thrown;
    }

    /// What was called, in order.
    public static List<String> calls() {
        return List.copyOf(CALLS);
    }

    private static boolean isNext(String call) {
        CALLS.add(call);
        boolean now = CALLS.size() - 1 == nth;
        fired |= now;
        return now;
    }

    private static void fail(String call) throws IOException, RocksDBException {
        thrown = true;
        String why = nth % 2 == 0 ? "Input/output error" : "No space left on device";
        if (call.startsWith("RocksDB") || call.startsWith("SstFileWriter")) {
            throw new RocksDBException("IO error: " + why);
        }
        throw new IOException(why);
    }

    /// Comes before a call.
    public static void before(String call) throws IOException, RocksDBException {
        if (isNext(call) && mode != Mode.AFTER) {
            fail(call);
        }
    }

    /// Comes after a call.
    public static void after(String call) throws IOException, RocksDBException {
        if (call.endsWith("syncWal")) {
            walSynced();
        }
        // A database that is open although that failed would be a fault of nobody but this.
        boolean fails = !call.equals("RocksDB.open");
        if (fired && fails && mode == Mode.AFTER && CALLS.size() - 1 == nth) {
            fail(call);
        }
    }

    /// Comes before a file is opened.
    public static void opening(File file, String how) {
        lastOpened = how.isEmpty() ? null : file.toPath();
    }

    /// Instead of `FileChannel.open`.
    public static FileChannel open(Path path, OpenOption... options) throws IOException {
        lastOpened = path;
        return FileChannel.open(path, options);
    }

    /// Instead of `RandomAccessFile.write`.
    public static void write(RandomAccessFile file, byte[] bytes)
            throws IOException, RocksDBException {
        String call = "RandomAccessFile.write";
        if (!isNext(call)) {
            file.write(bytes);
        } else if (mode == Mode.BEFORE) {
            fail(call);
        } else if (mode == Mode.AFTER) {
            file.write(bytes);
            fail(call);
        } else {
            file.write(bytes, 0, new SplittableRandom(nth).nextInt(bytes.length));
            fail(call);
        }
    }

    /// Instead of `FileChannel.force`.
    public static void force(FileChannel channel, boolean metaData)
            throws IOException, RocksDBException {
        String call = "FileChannel.force";
        before(call);
        channel.force(metaData);
        Path path = lastOpened;
        if (fired) {
            after(call);
            return;
        }
        if (path != null && Files.isDirectory(path)) {
            try (var files = Files.list(path)) {
                files.forEach(NAMED::add);
            }
        } else if (path != null) {
            SYNCED.put(path, channel.size());
        }
        after(call);
    }

    /// Instead of `RocksDB.write`.
    public static void write(RocksDB db, WriteOptions options, WriteBatch batch)
            throws IOException, RocksDBException {
        String call = "RocksDB.write";
        before(call);
        db.write(options, batch);
        if (options.sync()) {
            walSynced();
        }
        after(call);
    }

    private static void walSynced() throws IOException {
        for (Path each : fired ? List.<Path>of() : logs()) {
            SYNCED.put(each, Files.size(each));
        }
    }

    private static List<Path> logs() throws IOException {
        Path folder = database;
        if (folder == null || !Files.isDirectory(folder)) {
            return List.of();
        }
        try (var files = Files.list(folder)) {
            return files.filter(each -> each.toString().endsWith(".log")).toList();
        }
    }

    /// Takes from the folder of blocks and from the database's log what a loss of power would.
    public static void cutPower(Path blocks) throws IOException {
        if (mode.compareTo(Mode.LOST) < 0) {
            return;
        }
        var random = new SplittableRandom(nth);
        for (Path each : logs()) {
            lose(each, random);
        }
        if (Files.isDirectory(blocks)) {
            List<Path> names;
            try (var files = Files.list(blocks)) {
                names =
                        files.filter(each -> each.toString().matches(".*/(blk|rev)\\d+.dat"))
                                .toList();
            }
            for (Path each : names) {
                if (NAMED.contains(each) || mode == Mode.ZEROED) {
                    lose(each, random);
                } else {
                    Files.delete(each);
                }
            }
        }
    }

    private static void lose(Path file, SplittableRandom random) throws IOException {
        long size = Files.size(file);
        long synced = Math.min(size, SYNCED.getOrDefault(file, 0L));
        if (synced == size) {
            return;
        }
        long kept = mode == Mode.PARTLY_LOST ? random.nextLong(synced, size + 1) : synced;
        try (var raw = new RandomAccessFile(file.toFile(), "rw")) {
            raw.setLength(kept);
            if (mode == Mode.ZEROED) {
                raw.setLength(size);
            }
        }
    }
}
