package weft.store;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.TreeSet;
import weft.chain.store.BlockPosition;
import weft.chain.store.BlockStore;
import weft.chain.store.StoreException;
import weft.crypto.Sha256;
import weft.primitives.BlockHash;
import weft.primitives.Bytes;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;

/// Blocks in `blk00000.dat` …, undo data in `rev00000.dat` …, byte for byte as Bitcoin Core writes them:
/// magic, length, content; after undo data the double SHA-256 of the parent's hash and the content. All
/// bytes are mixed with the key in `xor.dat`.
///
/// Files are not made longer in advance, so the end of the last file is where the next block goes; what
/// a crash left there half-written is cut off when the folder is opened; whole records behind damaged
/// ones stay.
public final class BlockFiles implements BlockStore {
    private static final int HEADER_BYTES = 8;
    private static final int CHECKSUM_BYTES = 32;
    private static final int SEARCH_BYTES = 1 << 16;

    private final Path folder;
    private final BlockFileOptions options;
    private final XorKey key;
    private final TreeMap<Integer, Long> blockBytes = new TreeMap<>();
    private final TreeMap<Integer, Long> undoBytes = new TreeMap<>();
    private final TreeSet<Path> unsynced = new TreeSet<>();
    private boolean hasNewNames;
    private volatile boolean closed;

    private BlockFiles(Path folder, BlockFileOptions options, XorKey key) {
        this.folder = folder;
        this.options = options;
        this.key = key;
    }

    /// Opens a folder, which is created where it is missing.
    ///
    /// @throws StoreException if it cannot be opened, or was written for another key
    public static BlockFiles open(Path folder, BlockFileOptions options) {
        PrivateFiles.createFolder(folder);
        var files =
                new BlockFiles(
                        folder, options, XorKey.of(folder, options.isXored(), options.freshKey()));
        files.findFiles();
        return files;
    }

    /// Deletes all undo files, for whoever makes them anew.
    public synchronized void deleteUndo() {
        checkOpen();
        for (int number : List.copyOf(undoBytes.keySet())) {
            remove(undoPath(number));
            undoBytes.remove(number);
        }
    }

    /// Deletes the block files behind the first that is missing: without the blocks before them, which were
    /// pruned, nobody can use those in them.
    public synchronized void deleteBehindGap() {
        checkOpen();
        int next = 0;
        for (int number : List.copyOf(blockBytes.keySet())) {
            if (number == next) {
                next++;
            } else {
                remove(blockPath(number));
                blockBytes.remove(number);
            }
        }
    }

    private void remove(Path path) {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            throw PrivateFiles.failure("delete", path, e);
        }
        unsynced.remove(path);
        hasNewNames = true;
    }

    private void findFiles() {
        try (var names =
                Files.newDirectoryStream(folder, "{blk,rev}[0-9][0-9][0-9][0-9][0-9].dat")) {
            for (Path path : names) {
                String name = path.getFileName().toString();
                int number = Integer.parseInt(name.substring(3, 8));
                (name.startsWith("blk") ? blockBytes : undoBytes).put(number, Files.size(path));
            }
            if (!blockBytes.isEmpty()) {
                cutTail(blockBytes.lastKey());
            }
        } catch (IOException e) {
            throw PrivateFiles.failure("open", folder, e);
        }
    }

    private void cutTail(int number) throws IOException {
        Path path = blockPath(number);
        long size = Files.size(path);
        long end = 0;
        boolean torn = true;
        try (var file = new RandomAccessFile(path.toFile(), "r")) {
            long at = 0;
            while (at >= 0 && at + HEADER_BYTES <= size) {
                long length = recordLength(file, at);
                if (length < 0 || at + HEADER_BYTES + length > size) {
                    at = nextMagic(file, at + 1, size);
                } else {
                    torn &= at == end;
                    at += HEADER_BYTES + length;
                    end = at;
                }
            }
            torn &= size - end < HEADER_BYTES || isTorn(file, end);
        }
        if (!torn) {
            // Bytes that no write left so are no space for new ones: a bit of a key or of a header
            // may be all that is wrong.
            if (end == 0) {
                throw new StoreException(
                        "no block can be read in "
                                + path
                                + ": it, or the key in xor.dat beside it, is damaged");
            }
            end = size;
        }
        if (end < size) {
            try (var file = new RandomAccessFile(path.toFile(), "rw")) {
                file.setLength(end);
            }
            unsynced.add(path);
        }
        blockBytes.put(number, end);
    }

    /// Whether a write that did not end, or whose bytes a loss of power took, may have left what is there.
    private boolean isTorn(RandomAccessFile file, long at) throws IOException {
        byte[] raw = new byte[HEADER_BYTES];
        file.seek(at);
        file.readFully(raw);
        return Arrays.equals(raw, new byte[HEADER_BYTES]) || recordLength(file, at) >= 0;
    }

    /// Length that a record claims; -1 if no record begins there.
    private long recordLength(RandomAccessFile file, long at) throws IOException {
        byte[] header = new byte[HEADER_BYTES];
        file.seek(at);
        file.readFully(header);
        key.apply(header, at);
        ByteReader in = ByteReader.of(header);
        Bytes magic = in.slice(4);
        long length = in.u32();
        return magic.equals(options.magic()) && length > 0 && length <= ByteReader.MAX_SIZE
                ? length
                : -1;
    }

    private Path blockPath(int number) {
        return folder.resolve(String.format(Locale.ROOT, "blk%05d.dat", number));
    }

    private Path undoPath(int number) {
        return folder.resolve(String.format(Locale.ROOT, "rev%05d.dat", number));
    }

    @Override
    public synchronized BlockPosition append(Bytes block) {
        checkOpen();
        int file = lastFile();
        long end = blockBytes.getOrDefault(file, 0L);
        if (end > 0 && end + HEADER_BYTES + block.length() >= options.fileBytesMax()) {
            file++;
            end = 0;
        }
        Path path = blockPath(file);
        write(path, end, record(block, 0));
        blockBytes.put(file, end + HEADER_BYTES + block.length());
        return new BlockPosition(file, end + HEADER_BYTES);
    }

    @Override
    public synchronized BlockPosition appendUndo(
            BlockPosition block, Bytes undo, BlockHash parent) {
        checkOpen();
        long end = undoBytes.getOrDefault(block.file(), 0L);
        byte[] record = record(undo, CHECKSUM_BYTES);
        System.arraycopy(
                checksum(undo, parent), 0, record, HEADER_BYTES + undo.length(), CHECKSUM_BYTES);
        write(undoPath(block.file()), end, record);
        undoBytes.put(block.file(), end + record.length);
        return new BlockPosition(block.file(), end + HEADER_BYTES);
    }

    private byte[] record(Bytes content, int tailBytes) {
        var out = new ByteWriter(HEADER_BYTES + content.length() + tailBytes);
        out.bytes(options.magic()).u32(content.length()).bytes(content).bytes(new byte[tailBytes]);
        return out.toByteArray();
    }

    private static byte[] checksum(Bytes undo, BlockHash parent) {
        return new Sha256()
                .update(parent.toByteArray())
                .update(undo.backingArray(), undo.backingOffset(), undo.length())
                .finishTwice();
    }

    private void write(Path path, long at, byte[] record) {
        key.apply(record, at);
        if (folder.toFile().getUsableSpace() < options.freeBytesMin() + record.length) {
            throw new StoreException("Disk space is too low! Cannot write " + path);
        }
        hasNewNames |= PrivateFiles.createFile(path);
        try (var file = new RandomAccessFile(path.toFile(), "rw")) {
            file.seek(at);
            file.write(record);
        } catch (IOException e) {
            throw PrivateFiles.failure("write", path, e);
        }
        unsynced.add(path);
    }

    @Override
    public synchronized boolean contains(BlockPosition block) {
        return block.offset() < blockBytes.getOrDefault(block.file(), 0L);
    }

    @Override
    public Bytes read(BlockPosition block) {
        return Bytes.wrap(content(blockPath(block.file()), block.offset(), 0));
    }

    @Override
    public Bytes read(BlockPosition block, int from, int size) {
        checkOpen();
        Path path = blockPath(block.file());
        try (var file = new RandomAccessFile(path.toFile(), "r")) {
            byte[] part = new byte[size];
            file.seek(block.offset() + from);
            file.readFully(part);
            key.apply(part, block.offset() + from);
            return Bytes.wrap(part);
        } catch (IOException e) {
            throw PrivateFiles.failure("read", path, e);
        }
    }

    @Override
    public Bytes readUndo(BlockPosition undo, BlockHash parent) {
        Path path = undoPath(undo.file());
        byte[] record = content(path, undo.offset(), CHECKSUM_BYTES);
        int length = record.length - CHECKSUM_BYTES;
        Bytes content = Bytes.wrap(record, 0, length);
        if (!Arrays.equals(
                checksum(content, parent), Arrays.copyOfRange(record, length, record.length))) {
            throw StoreException.damaged(
                    "the checksum is wrong in " + path + " at " + undo.offset(),
                    StoreException.Remedy.REINDEX);
        }
        return content;
    }

    private byte[] content(Path path, long offset, int tailBytes) {
        checkOpen();
        try (var file = new RandomAccessFile(path.toFile(), "r")) {
            long length =
                    offset < HEADER_BYTES || offset > file.length()
                            ? -1
                            : recordLength(file, offset - HEADER_BYTES);
            if (length < 0 || offset + length + tailBytes > file.length()) {
                throw StoreException.damaged(
                        "no whole record in " + path + " at " + offset,
                        StoreException.Remedy.REINDEX);
            }
            byte[] content = new byte[(int) length + tailBytes];
            file.readFully(content);
            key.apply(content, offset);
            return content;
        } catch (IOException e) {
            throw PrivateFiles.failure("read", path, e);
        }
    }

    /// Other threads may write meanwhile: forcing a disk takes long.
    @Override
    public void flush() {
        List<Path> paths;
        boolean newNames;
        synchronized (this) {
            checkOpen();
            paths = List.copyOf(unsynced);
            unsynced.clear();
            newNames = hasNewNames;
            hasNewNames = false;
        }
        try {
            for (Path path : paths) {
                // One that was deleted meanwhile needs nothing any more.
                if (Files.exists(path)) {
                    try (var file = new RandomAccessFile(path.toFile(), "rw")) {
                        file.getChannel().force(false);
                    }
                }
            }
            if (newNames) {
                PrivateFiles.syncFolder(folder.resolve("any"));
            }
        } catch (IOException e) {
            throw PrivateFiles.failure("flush", folder, e);
        }
    }

    @Override
    public void scan(BlockPosition from, Visitor visitor) {
        checkOpen();
        TreeMap<Integer, Long> files;
        synchronized (this) {
            files = new TreeMap<>(blockBytes.tailMap(from.file(), true));
        }
        for (var each : files.entrySet()) {
            Path path = blockPath(each.getKey());
            try (var file = new RandomAccessFile(path.toFile(), "r")) {
                long start = each.getKey() == from.file() ? from.offset() : 0;
                if (!scan(
                        file, new BlockPosition(each.getKey(), start), each.getValue(), visitor)) {
                    return;
                }
            } catch (IOException e) {
                throw PrivateFiles.failure("read", path, e);
            }
        }
    }

    private boolean scan(RandomAccessFile file, BlockPosition from, long size, Visitor visitor)
            throws IOException {
        int number = from.file();
        long at = from.offset();
        while (at >= 0 && at + HEADER_BYTES <= size) {
            long length = recordLength(file, at);
            if (length < 0 || at + HEADER_BYTES + length > size) {
                at = nextMagic(file, at + 1, size);
                continue;
            }
            byte[] content = new byte[(int) length];
            file.readFully(content);
            key.apply(content, at + HEADER_BYTES);
            if (!visitor.visit(new BlockPosition(number, at + HEADER_BYTES), Bytes.wrap(content))) {
                return false;
            }
            at += HEADER_BYTES + length;
        }
        return true;
    }

    /// Where the next record may begin; -1 if nowhere.
    private long nextMagic(RandomAccessFile file, long from, long size) throws IOException {
        byte[] magic = options.magic().toByteArray();
        for (long at = from; at + HEADER_BYTES <= size; at += SEARCH_BYTES - magic.length + 1) {
            byte[] window = new byte[(int) Math.min(SEARCH_BYTES, size - at)];
            file.seek(at);
            file.readFully(window);
            key.apply(window, at);
            for (int i = 0; i + magic.length <= window.length; i++) {
                if (Arrays.equals(window, i, i + magic.length, magic, 0, magic.length)) {
                    return at + i;
                }
            }
        }
        return -1;
    }

    @Override
    public synchronized void delete(int file) {
        checkOpen();
        if (file >= lastFile()) {
            throw new IllegalArgumentException("the last file is still written to");
        }
        remove(blockPath(file));
        remove(undoPath(file));
        blockBytes.remove(file);
        undoBytes.remove(file);
    }

    @Override
    public synchronized int lastFile() {
        return blockBytes.isEmpty() ? 0 : blockBytes.lastKey();
    }

    @Override
    public synchronized long bytesUsed() {
        long sum = 0;
        for (long size : blockBytes.values()) {
            sum += size;
        }
        for (long size : undoBytes.values()) {
            sum += size;
        }
        return sum;
    }

    @Override
    public synchronized long bytesUsed(int file) {
        return blockBytes.getOrDefault(file, 0L) + undoBytes.getOrDefault(file, 0L);
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            flush();
            closed = true;
        }
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("the block files are closed");
        }
    }
}
