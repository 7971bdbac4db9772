package weft.net;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import weft.p2p.PeerId;
import weft.primitives.Bytes;
import weft.primitives.Now;
import weft.primitives.codec.ByteWriter;
import weft.primitives.log.Log;
import weft.wire.Message;
import weft.wire.NetAddress;

/// Writes messages to files, for study (`-capturemessages`, RPC `capturemessages`):
/// `<folder>/<address>/msgs_recv.dat` and `msgs_sent.dat`, in Bitcoin Core's form: time in microseconds (8
/// bytes), command (12), length (4), payload.
///
/// Files stay open while messages come; the one that was longest not written to is closed when there are
/// many. All files together are limited in size, those of earlier runs included: at the limit, or when a file
/// cannot be written, the capture switches itself off and says so in the log. The node goes on.
public final class MessageCapture implements AutoCloseable {
    /// *Rationale:* two for each of as many peers as a node has by default, and far below what a process may
    /// open.
    private static final int OPEN_MAX = 256;

    private static final int HEAD_BYTES = 24;

    private final Path folder;
    private final long bytesMax;
    private final Supplier<Now> time;
    private final Log log;

    /// In the order of their last use.
    private final Map<Path, OutputStream> open = new LinkedHashMap<>(16, 0.75f, true);

    private volatile @Nullable Set<PeerId> wanted;
    private long bytes;

    /// How things stand.
    ///
    /// @param peers of whom messages are written; empty for all
    /// @param bytes in all files together
    public record State(boolean on, Set<PeerId> peers, Path folder, long bytes, long bytesMax) {}

    /// Off at first; writes below a folder that need not exist yet.
    ///
    /// @param bytesMax of all files together
    public MessageCapture(Path folder, long bytesMax, Supplier<Now> time, Log log) {
        this.folder = folder;
        this.bytesMax = bytesMax;
        this.time = time;
        this.log = log;
    }

    /// Writes messages from now on.
    ///
    /// @param peers of these only; empty for all, also those to come
    public synchronized void on(Set<PeerId> peers) {
        bytes = sizeOnDisk();
        wanted = Set.copyOf(peers);
        closeFiles();
        log.info("Messages are captured to " + folder);
    }

    /// Writes nothing any more.
    public synchronized void off() {
        wanted = null;
        closeFiles();
    }

    /// How things stand.
    public synchronized State state() {
        Set<PeerId> peers = wanted;
        long size = peers == null ? sizeOnDisk() : bytes;
        return new State(peers != null, peers == null ? Set.of() : peers, folder, size, bytesMax);
    }

    private long sizeOnDisk() {
        if (!Files.isDirectory(folder)) {
            return 0;
        }
        try (Stream<Path> files = Files.walk(folder, 2)) {
            return files.mapToLong(each -> each.toFile().isFile() ? each.toFile().length() : 0)
                    .sum();
        } catch (IOException e) {
            log.warning("Cannot list " + folder + ": " + e.getMessage());
            return 0;
        }
    }

    /// Whether messages of this peer are wanted now.
    boolean wants(PeerId peer) {
        Set<PeerId> peers = wanted;
        return peers != null && (peers.isEmpty() || peers.contains(peer));
    }

    /// Appends one message, if messages of this peer are wanted.
    ///
    /// @param sent by us, or else received
    void write(PeerId peer, NetAddress address, String command, Bytes payload, boolean sent) {
        if (!wants(peer)) {
            return;
        }
        Instant now = time.get().wall();
        byte[] name = command.getBytes(StandardCharsets.US_ASCII);
        byte[] record =
                new ByteWriter(HEAD_BYTES + payload.length())
                        .i64(now.getEpochSecond() * 1_000_000 + now.getNano() / 1_000)
                        .bytes(Arrays.copyOf(name, Message.COMMAND_BYTES))
                        .i32(payload.length())
                        .bytes(payload)
                        .toByteArray();
        Path path =
                folder.resolve(address.toString().replace(':', '_'))
                        .resolve(sent ? "msgs_sent.dat" : "msgs_recv.dat");
        append(path, record);
    }

    private synchronized void append(Path path, byte[] record) {
        if (wanted == null) {
            return;
        }
        if (bytes + record.length > bytesMax) {
            log.warning(
                    "No more messages are captured: the files in "
                            + folder
                            + " have the size that -capturemax allows");
            off();
            return;
        }
        try {
            // At once, without a buffer: who looks at the file now sees what was said.
            file(path).write(record);
            bytes += record.length;
        } catch (IOException e) {
            log.warning("No more messages are captured: " + path + ": " + e.getMessage());
            off();
        }
    }

    private OutputStream file(Path path) throws IOException {
        OutputStream known = open.get(path);
        if (known != null) {
            return known;
        }
        if (open.size() >= OPEN_MAX) {
            Iterator<OutputStream> eldest = open.values().iterator();
            close(eldest.next());
            eldest.remove();
        }
        Files.createDirectories(path.getParent());
        OutputStream out =
                Files.newOutputStream(path, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        open.put(path, out);
        return out;
    }

    private void closeFiles() {
        open.values().forEach(this::close);
        open.clear();
    }

    private void close(OutputStream out) {
        try {
            out.close();
        } catch (IOException e) {
            log.warning("A file of captured messages was not closed: " + e.getMessage());
        }
    }

    @Override
    public synchronized void close() {
        off();
    }
}
