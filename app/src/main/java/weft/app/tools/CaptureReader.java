package weft.app.tools;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import weft.primitives.Bytes;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.MalformedBytes;
import weft.wire.Message;

/// Reads a file of captured messages, `-capturemessages` of this program or of Bitcoin Core, one message at a
/// time. Who they were exchanged with is the name of the folder, and the way they went that of the file.
final class CaptureReader implements AutoCloseable {
    private static final int HEAD_BYTES = 24;
    private static final int PAYLOAD_BYTES_MAX = 0x0200_0000;

    /// 2009, when there was nothing to capture before, and 2106, when the protocol's times end.
    private static final long EARLIEST_MICROS = 1_230_768_000_000_000L;

    private static final long LATEST_MICROS = 4_294_967_296_000_000L;

    /// A message.
    ///
    /// @param peer with whom, as the folder is called
    /// @param sent by the node that captured, or else received
    record Captured(Instant time, String peer, boolean sent, String command, Bytes payload) {}

    private final Path path;
    private final InputStream in;
    private final String peer;
    private final boolean sent;
    private long messages;
    private long position;

    private CaptureReader(Path path, InputStream in) {
        Path folder = path.toAbsolutePath().getParent();
        this.path = path;
        this.in = in;
        this.peer = folder == null ? "" : String.valueOf(folder.getFileName());
        this.sent = String.valueOf(path.getFileName()).contains("sent");
    }

    static CaptureReader open(Path path) throws IOException {
        return new CaptureReader(
                path, new BufferedInputStream(Files.newInputStream(path), 1 << 16));
    }

    /// The next message; empty at the end.
    ///
    /// @throws MalformedBytes if the file breaks off, or is something else: one line
    Optional<Captured> next() throws IOException {
        byte[] head = in.readNBytes(HEAD_BYTES);
        if (head.length == 0) {
            return Optional.empty();
        }
        if (head.length < HEAD_BYTES) {
            throw messages == 0 ? foreign() : brokenOff();
        }
        ByteReader reader = ByteReader.of(head);
        long micros = reader.i64();
        Bytes name = reader.slice(Message.COMMAND_BYTES);
        int length = reader.i32();
        if (micros < EARLIEST_MICROS
                || micros > LATEST_MICROS
                || !isCommand(name)
                || length < 0
                || length > PAYLOAD_BYTES_MAX) {
            throw messages == 0 ? foreign() : fault("is damaged");
        }
        Bytes payload = Bytes.wrap(in.readNBytes(length));
        if (payload.length() < length) {
            throw brokenOff();
        }
        messages++;
        position += HEAD_BYTES + (long) length;
        return Optional.of(
                new Captured(
                        Instant.EPOCH.plus(micros, ChronoUnit.MICROS),
                        peer,
                        sent,
                        command(name),
                        payload));
    }

    private static String command(Bytes name) {
        String padded = new String(name.toByteArray(), StandardCharsets.US_ASCII);
        int end = padded.indexOf('\0');
        return end < 0 ? padded : padded.substring(0, end);
    }

    private static boolean isCommand(Bytes name) {
        boolean ended = false;
        for (int i = 0; i < name.length(); i++) {
            int each = name.at(i);
            ended |= each == 0;
            if (ended ? each != 0 : each < 0x20 || each > 0x7e) {
                return false;
            }
        }
        return true;
    }

    private MalformedBytes foreign() {
        return new MalformedBytes(path + " is not a file of captured messages");
    }

    private MalformedBytes brokenOff() {
        return fault("breaks off");
    }

    private MalformedBytes fault(String what) {
        return new MalformedBytes(
                path + " " + what + " after " + messages + " messages, at byte " + position);
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
