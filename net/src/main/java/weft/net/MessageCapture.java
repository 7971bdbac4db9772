package weft.net;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Arrays;
import java.util.function.Supplier;
import weft.primitives.Bytes;
import weft.primitives.Now;
import weft.primitives.codec.ByteWriter;
import weft.wire.Message;
import weft.wire.NetAddress;

/// Writes every message to files, for study (`-capturemessages`): `<folder>/<address>/msgs_recv.dat` and
/// `msgs_sent.dat`, in Bitcoin Core's form: time in microseconds (8 bytes), command (12), length (4),
/// payload.
public final class MessageCapture {
    private final Path folder;
    private final Supplier<Now> time;

    /// Writes below a folder that need not exist yet.
    public MessageCapture(Path folder, Supplier<Now> time) {
        this.folder = folder;
        this.time = time;
    }

    /// Appends one message.
    ///
    /// @param sent by us, or else received
    /// @throws UncheckedIOException if the file cannot be written
    synchronized void write(NetAddress peer, String command, Bytes payload, boolean sent) {
        Path path =
                folder.resolve(peer.toString().replace(':', '_'))
                        .resolve(sent ? "msgs_sent.dat" : "msgs_recv.dat");
        Instant now = time.get().wall();
        byte[] name = command.getBytes(StandardCharsets.US_ASCII);
        byte[] record =
                new ByteWriter(24 + payload.length())
                        .i64(now.getEpochSecond() * 1_000_000 + now.getNano() / 1_000)
                        .bytes(Arrays.copyOf(name, Message.COMMAND_BYTES))
                        .i32(payload.length())
                        .bytes(payload)
                        .toByteArray();
        try {
            Files.createDirectories(path.getParent());
            try (OutputStream out =
                    Files.newOutputStream(
                            path, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
                out.write(record);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("capture messages to " + path, e);
        }
    }
}
