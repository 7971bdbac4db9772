package weft.store;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDB;
import org.rocksdb.util.Environment;

/// RocksDB's native library, unpacked once for all processes of a user.
///
/// RocksDB itself unpacks it into a new temporary file at every start and cannot remove that after a kill, so
/// 17 MB would stay each time. Here it lies in a folder of the user's cache, else of the temporary folder,
/// that only the user may open; the folder is named after size and checksum of what is inside, and a file
/// that differs from them is replaced. It gets its name only when it is whole, so any number of processes may
/// begin at once.
final class RocksLibrary {
    private static final Duration OLD = Duration.ofHours(1);
    private static final String PART = "part-";

    /// The name that [RocksDB#loadLibrary(List)] looks for.
    static final String FILE = Environment.getJniLibraryFileName("rocksdbjni");

    private RocksLibrary() {}

    /// What is packed: where, how long, and its CRC-32, as the archive has them.
    record Packed(URL resource, long size, long crc) {
        /// The library for this system; null if it does not come in an archive.
        static @Nullable Packed find() {
            String name = "/" + Environment.getJniLibraryFileName("rocksdb");
            URL found = RocksDB.class.getResource(name);
            try {
                if (found != null && found.openConnection() instanceof JarURLConnection jar) {
                    return new Packed(
                            found, jar.getJarEntry().getSize(), jar.getJarEntry().getCrc());
                }
            } catch (IOException _) {
                return null;
            }
            return null;
        }

        String folder() {
            return "rocksdb-" + size + "-" + HexFormat.of().toHexDigits((int) crc);
        }
    }

    /// Loads the library, once a process.
    static void load() {
        Packed packed = Packed.find();
        if (packed != null) {
            for (Path place : places()) {
                try {
                    RocksDB.loadLibrary(List.of(unpack(packed, place).toString()));
                    return;
                } catch (IOException | UnsatisfiedLinkError _) {
                    // Perhaps no program may be run from there: the next place.
                }
            }
        }
        RocksDB.loadLibrary();
    }

    private static List<Path> places() {
        var places = new ArrayList<Path>();
        String cache = System.getenv("XDG_CACHE_HOME");
        if (cache != null && cache.startsWith("/")) {
            places.add(Path.of(cache, "weft"));
        }
        String home = System.getProperty("user.home", "");
        if (!home.isEmpty() && !home.equals("?") && Files.isDirectory(Path.of(home))) {
            places.add(Path.of(home, ".cache", "weft"));
        }
        String temp = System.getProperty("java.io.tmpdir");
        if (temp != null) {
            places.add(Path.of(temp, "weft-" + System.getProperty("user.name", "user")));
        }
        return places;
    }

    /// Makes sure that the library lies below a folder.
    ///
    /// @return the folder that holds it
    /// @throws IOException if it cannot, or if somebody else could change what lies there
    static Path unpack(Packed packed, Path place) throws IOException {
        Path folder = place.resolve(packed.folder());
        try {
            PrivateFiles.createFolder(place);
            PrivateFiles.createFolder(folder);
        } catch (weft.chain.store.StoreException e) {
            throw new IOException(e);
        }
        checkOurs(place);
        checkOurs(folder);
        Path file = folder.resolve(FILE);
        if (isWhole(packed, file)) {
            return folder;
        }
        removeOldParts(folder);
        Path part = Files.createTempFile(folder, PART, "");
        try (InputStream in = packed.resource.openStream();
                FileChannel channel = FileChannel.open(part, StandardOpenOption.WRITE);
                OutputStream out = Channels.newOutputStream(channel)) {
            in.transferTo(out);
            channel.force(true);
        } catch (IOException e) {
            Files.deleteIfExists(part);
            throw e;
        }
        if (!isWhole(packed, part)) {
            Files.deleteIfExists(part);
            throw new IOException("the library was not written as it is packed: " + part);
        }
        Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        return folder;
    }

    private static boolean isWhole(Packed packed, Path file) throws IOException {
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
                || Files.size(file) != packed.size) {
            return false;
        }
        var crc = new CRC32();
        try (var in = new CheckedInputStream(Files.newInputStream(file), crc)) {
            in.transferTo(OutputStream.nullOutputStream());
        }
        return crc.getValue() == packed.crc;
    }

    /// A folder in a place that others can write to may have been made by them.
    private static void checkOurs(Path folder) throws IOException {
        if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            throw new IOException(folder + " is no folder");
        }
        if (!folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            return;
        }
        Set<PosixFilePermission> rights = Files.getPosixFilePermissions(folder);
        if (rights.contains(PosixFilePermission.GROUP_WRITE)
                || rights.contains(PosixFilePermission.OTHERS_WRITE)) {
            throw new IOException("others may write to " + folder);
        }
        Path probe = Files.createTempFile(folder, PART, "");
        try {
            if (!Files.getOwner(probe).equals(Files.getOwner(folder))) {
                throw new IOException(folder + " belongs to somebody else");
            }
        } finally {
            Files.deleteIfExists(probe);
        }
    }

    /// What processes left that were killed while they unpacked.
    static void removeOldParts(Path folder) throws IOException {
        FileTime limit = FileTime.from(Instant.now().minus(OLD));
        try (var parts = Files.newDirectoryStream(folder, PART + "*")) {
            for (Path each : parts) {
                removeIfOlder(each, limit);
            }
        }
    }

    private static void removeIfOlder(Path part, FileTime limit) throws IOException {
        try {
            if (Files.getLastModifiedTime(part).compareTo(limit) < 0) {
                Files.deleteIfExists(part);
            }
        } catch (NoSuchFileException _) {
            // Another process begins too, and has just removed its own.
        }
    }
}
