package weft.app.record;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.zip.CRC32C;
import weft.primitives.Bytes;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;
import weft.primitives.codec.MalformedBytes;

/// Reads the pieces of a recording. The file is a mark of eight bytes, then pieces: length (4 bytes,
/// little-endian), CRC-32C (4), bytes. A piece of length 0 stands at the end of a recording that was ended
/// rather than broken off.
public final class RecordFile implements AutoCloseable {
    static final Bytes MARK = Bytes.wrap("weftrec\n".getBytes(StandardCharsets.US_ASCII));
    static final int HEAD_BYTES = 8;

    /// *Rationale:* the start of a node with a million headers takes less than half of it.
    private static final int PIECE_BYTES_MAX = 1 << 28;

    private final InputStream in;
    private long good;
    private boolean ended;

    private RecordFile(InputStream in) {
        this.in = in;
    }

    /// Opens a recording.
    ///
    /// @throws MalformedBytes if the file is something else
    public static RecordFile open(Path path) throws IOException {
        var file = new RecordFile(new BufferedInputStream(Files.newInputStream(path), 1 << 16));
        byte[] mark = file.in.readNBytes(MARK.length());
        if (!Bytes.wrap(mark).equals(MARK)) {
            file.close();
            throw new MalformedBytes(path + " is not a recording");
        }
        file.good = mark.length;
        return file;
    }

    /// A piece as it stands in the file.
    static byte[] frame(Bytes piece) {
        return new ByteWriter(HEAD_BYTES + piece.length())
                .i32(piece.length())
                .i32(sum(piece))
                .bytes(piece)
                .toByteArray();
    }

    private static int sum(Bytes piece) {
        var sum = new CRC32C();
        sum.update(piece.backingArray(), piece.backingOffset(), piece.length());
        return (int) sum.getValue();
    }

    /// The next piece; empty at the end.
    ///
    /// @throws EOFException if the file breaks off in a piece
    /// @throws MalformedBytes if the piece is damaged
    public Optional<Bytes> next() throws IOException {
        byte[] head = in.readNBytes(HEAD_BYTES);
        if (head.length == 0) {
            return Optional.empty();
        }
        if (head.length < HEAD_BYTES) {
            throw new EOFException("the file breaks off");
        }
        ByteReader reader = ByteReader.of(head);
        int length = reader.i32();
        int sum = reader.i32();
        if (length == 0 && sum == 0) {
            ended = true;
            good += HEAD_BYTES;
            if (in.read() >= 0) {
                throw new MalformedBytes("there are bytes behind the end");
            }
            return Optional.empty();
        }
        if (length <= 0 || length > PIECE_BYTES_MAX) {
            throw new MalformedBytes("a piece of an impossible length");
        }
        Bytes piece = Bytes.wrap(in.readNBytes(length));
        if (piece.length() < length) {
            throw new EOFException("the file breaks off");
        }
        if (sum(piece) != sum) {
            throw new MalformedBytes("a piece has another checksum than it should");
        }
        good += HEAD_BYTES + (long) length;
        return Optional.of(piece);
    }

    /// How many bytes of the file are read and good.
    public long goodBytes() {
        return good;
    }

    /// Whether the recording was ended, rather than broken off; known once [#next] was empty.
    public boolean isEnded() {
        return ended;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
