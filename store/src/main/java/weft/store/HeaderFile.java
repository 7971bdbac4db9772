package weft.store;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import weft.chain.store.StoreException;
import weft.crypto.Sha256;
import weft.primitives.BlockHeader;
import weft.primitives.Bytes;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;

/// The headers of a light node in one file that only grows, `headers.dat`: parents before children, the first
/// header of the network left out.
///
/// The file begins with the eight letters `weft-hdr`, the version of the form (1, 4 bytes) and the magic of
/// the network. Records follow: how many headers (4 bytes), the first 4 bytes of the double SHA-256 of the
/// count and the headers, the headers of 80 bytes each. Numbers are little endian.
///
/// Each record is on the disk before the next one is written. So a crash, also of the machine, can have left
/// nothing half-written but the last record, any part of which may be missing: a disk takes pages in any
/// order. So the first record that cannot be read is cut off with all behind it, if no more is left than the
/// longest record takes; all else that is not as it was left is damage, and refused. The headers themselves
/// are for the caller to check.
///
/// One owner.
public final class HeaderFile implements AutoCloseable {
    /// Headers of one record.
    ///
    /// *Rationale:* as many as one message brings, so that a torn record costs one message.
    private static final int RECORD_HEADERS_MAX = 2_000;

    private static final byte[] NAME = "weft-hdr".getBytes(StandardCharsets.US_ASCII);
    private static final int VERSION = 1;
    private static final int HEAD_BYTES = 16;
    private static final int COUNT_BYTES = 4;
    private static final int CHECKSUM_BYTES = 4;
    private static final int PREFIX_BYTES = COUNT_BYTES + CHECKSUM_BYTES;
    private static final int RECORD_BYTES_MAX =
            PREFIX_BYTES + RECORD_HEADERS_MAX * BlockHeader.BYTES;

    private final Path path;
    private final FileChannel channel;
    private final long cutBytes;

    private HeaderFile(Path path, FileChannel channel, long cutBytes) {
        this.path = path;
        this.channel = channel;
        this.cutBytes = cutBytes;
    }

    /// Opens the file, which is created where it is missing, and reads it.
    ///
    /// @param magic of the network, 4 bytes
    /// @param headers takes the headers, in the order in which they were written
    /// @throws StoreException in one line, if it cannot be opened, is damaged, of another program, another
    ///     network or a later version
    public static HeaderFile open(Path path, Bytes magic, Consumer<BlockHeader> headers) {
        byte[] head = head(magic);
        if (!Files.exists(path)) {
            PrivateFiles.replace(path, head);
        }
        try {
            long size = Files.size(path);
            long end;
            try (var in =
                    new DataInputStream(
                            new BufferedInputStream(Files.newInputStream(path), 1 << 16))) {
                checkHead(path, in.readNBytes(HEAD_BYTES), head);
                end = read(path, in, size, headers);
            }
            FileChannel channel =
                    FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
            if (end < size) {
                channel.truncate(end);
                channel.force(true);
            }
            channel.position(end);
            return new HeaderFile(path, channel, size - end);
        } catch (IOException e) {
            throw PrivateFiles.failure("open", path, e);
        }
    }

    private static byte[] head(Bytes magic) {
        return new ByteWriter(HEAD_BYTES).bytes(NAME).u32(VERSION).bytes(magic).toByteArray();
    }

    private static void checkHead(Path path, byte[] found, byte[] expected) {
        if (Arrays.equals(found, expected)) {
            return;
        }
        if (found.length < HEAD_BYTES || !Arrays.equals(found, 0, 8, NAME, 0, 8)) {
            throw new StoreException(
                    path
                            + " is no file of headers. Move it out of the way, and a new one is"
                            + " made.");
        }
        long version = ByteReader.of(found, 8, 4).u32();
        if (version != VERSION) {
            throw new StoreException(
                    path
                            + " has the form "
                            + version
                            + " of another version of weft, not "
                            + VERSION
                            + ". Move it out of the way, and a new one is made.");
        }
        throw new StoreException(path + " belongs to another network.");
    }

    /// @return where the whole records end
    private static long read(
            Path path, DataInputStream in, long size, Consumer<BlockHeader> headers)
            throws IOException {
        long at = HEAD_BYTES;
        while (at < size) {
            long left = size - at;
            byte[] prefix = in.readNBytes((int) Math.min(PREFIX_BYTES, left));
            long count = left < PREFIX_BYTES ? 0 : ByteReader.of(prefix).u32();
            long length = PREFIX_BYTES + count * BlockHeader.BYTES;
            if (count == 0 || count > RECORD_HEADERS_MAX || length > left) {
                if (left <= RECORD_BYTES_MAX) {
                    return at;
                }
                throw damaged(path, at);
            }
            byte[] body = in.readNBytes((int) (length - PREFIX_BYTES));
            if (!Arrays.equals(
                    checksum((int) count, body),
                    Arrays.copyOfRange(prefix, COUNT_BYTES, PREFIX_BYTES))) {
                if (left <= RECORD_BYTES_MAX) {
                    return at;
                }
                throw damaged(path, at);
            }
            ByteReader reader = ByteReader.of(body);
            while (!reader.isAtEnd()) {
                headers.accept(BlockHeader.read(reader));
            }
            at += length;
        }
        return at;
    }

    private static byte[] checksum(int count, byte[] headers) {
        byte[] hash =
                new Sha256()
                        .update(new ByteWriter(COUNT_BYTES).u32(count).toByteArray())
                        .update(headers)
                        .finishTwice();
        return Arrays.copyOf(hash, CHECKSUM_BYTES);
    }

    private static StoreException damaged(Path path, long at) {
        return damaged(path, "at byte " + at);
    }

    /// What to say of a file whose headers are not those of the network.
    ///
    /// @param where and how
    public static StoreException damaged(Path path, String where) {
        return StoreException.damaged(
                path + " is damaged " + where, StoreException.Remedy.HEADERS_ANEW);
    }

    /// How many bytes of a write that did not end were cut off when the file was opened.
    public long cutBytes() {
        return cutBytes;
    }

    /// Writes headers behind the others; returns when they are on the disk.
    ///
    /// @throws StoreException if that fails; the file is then not to be used any more
    public void append(List<BlockHeader> headers) {
        for (int from = 0; from < headers.size(); from += RECORD_HEADERS_MAX) {
            int to = Math.min(from + RECORD_HEADERS_MAX, headers.size());
            write(headers.subList(from, to));
        }
    }

    private void write(List<BlockHeader> headers) {
        var body = new ByteWriter(headers.size() * BlockHeader.BYTES);
        headers.forEach(each -> each.write(body));
        byte[] bytes = body.toByteArray();
        byte[] record =
                new ByteWriter(PREFIX_BYTES + bytes.length)
                        .u32(headers.size())
                        .bytes(checksum(headers.size(), bytes))
                        .bytes(bytes)
                        .toByteArray();
        try {
            ByteBuffer buffer = ByteBuffer.wrap(record);
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
            channel.force(false);
        } catch (IOException e) {
            throw PrivateFiles.failure("write", path, e);
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw PrivateFiles.failure("close", path, e);
        }
    }
}
