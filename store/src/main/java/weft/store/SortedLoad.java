package weft.store;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rocksdb.EnvOptions;
import org.rocksdb.IngestExternalFileOptions;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.SstFileWriter;
import weft.chain.store.StoreException;

/// Many sorted entries on their way into a database, as table files of its own form that it takes over
/// all at once: no write-ahead log, no sorting in memory, and other writes go on meanwhile.
final class SortedLoad implements AutoCloseable {
    private static final String SUFFIX = ".load";
    private static final long FILE_BYTES_MAX = 64L << 20;

    private final RocksDB db;
    private final Path folder;
    private final Options options;
    private final EnvOptions environment = new EnvOptions();
    private final List<String> files = new ArrayList<>();
    private @Nullable SstFileWriter writer;
    private long bytes;

    /// @param options of the database itself; stay open
    SortedLoad(RocksDB db, Path folder, Options options) {
        this.db = db;
        this.folder = folder;
        this.options = options;
    }

    /// Removes what a killed process left.
    static void removeLeftOvers(Path folder) {
        try (DirectoryStream<Path> names = Files.newDirectoryStream(folder, "*" + SUFFIX)) {
            for (Path each : names) {
                Files.delete(each);
            }
        } catch (IOException e) {
            throw PrivateFiles.failure("open", folder, e);
        }
    }

    void put(byte[] key, byte @Nullable [] value) {
        try {
            SstFileWriter to = writer;
            if (to == null || bytes > FILE_BYTES_MAX) {
                endFile();
                to = new SstFileWriter(environment, options);
                writer = to;
                Path file = folder.resolve(files.size() + SUFFIX);
                to.open(file.toString());
                files.add(file.toString());
                bytes = 0;
            }
            if (value == null) {
                to.delete(key);
                bytes += key.length;
            } else {
                to.put(key, value);
                bytes += key.length + value.length;
            }
        } catch (RocksDBException e) {
            throw new StoreException(
                    "cannot write the database " + folder + ": " + e.getMessage(), e);
        }
    }

    private void endFile() throws RocksDBException {
        SstFileWriter ended = writer;
        writer = null;
        if (ended != null) {
            try (ended) {
                ended.finish();
            }
        }
    }

    /// Hands the files over, all or nothing.
    void finish() throws RocksDBException {
        endFile();
        if (files.isEmpty()) {
            return;
        }
        // What was written before must not be lost where this is kept.
        db.syncWal();
        try (var ingest = new IngestExternalFileOptions().setMoveFiles(true)) {
            db.ingestExternalFile(files, ingest);
        }
    }

    @Override
    public void close() {
        SstFileWriter unended = writer;
        if (unended != null) {
            unended.close();
        }
        environment.close();
        removeLeftOvers(folder);
    }
}
