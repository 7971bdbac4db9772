package weft.app.record;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import weft.chain.api.ChainEvent;
import weft.p2p.PeerInput;
import weft.p2p.PeerOutput;
import weft.p2p.record.EngineStart;
import weft.p2p.record.Handled;
import weft.p2p.record.RecordWriter;
import weft.p2p.record.Recorder;
import weft.primitives.log.Log;

/// Records the peer engine of a running node to a file (`-record`). The engine's thread only puts what it
/// handled into a queue; a thread of its own turns it into bytes and writes them.
///
/// The recording ends by itself, and the node goes on, when the file is full, cannot be written, or the
/// writer is too far behind. A recording that is cut short is still good up to there; one with a gap would be
/// worth nothing.
public final class FlightRecorder implements AutoCloseable {
    /// Waiting for the writer, by a rough estimate, before the recording ends.
    private static final long WAITING_BYTES_MAX = 128L << 20;

    private static final int BUFFER_BYTES = 1 << 18;
    private static final int BLOCK_BYTES = 1 << 20;
    private static final int SMALL_BYTES = 512;
    private static final long NAP_MILLIS = 20;
    private static final long FLUSH_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Options options;
    private final Log log;
    private final Queue<Handled> queue = new ConcurrentLinkedQueue<>();
    private final AtomicLong waiting = new AtomicLong();
    private final Recorder recorder = new Recorder(this::put);
    private final RecordWriter writer = new RecordWriter();
    private final Thread thread = Thread.ofPlatform().name("weft-record").unstarted(this::run);
    private final OutputStream out;
    private volatile boolean closing;
    private volatile boolean ended;
    private volatile boolean behind;
    private long bytes;

    /// Where to, and how much.
    ///
    /// @param file a file of this name is kept as `….old`
    /// @param bytesMax size at which the recording ends
    public record Options(Path file, long bytesMax) {}

    /// Creates the file.
    ///
    /// @throws IOException if that is not possible
    public FlightRecorder(Options options, Log log) throws IOException {
        this.options = options;
        this.log = log;
        Path file = options.file();
        if (Files.exists(file)) {
            Files.move(
                    file,
                    file.resolveSibling(file.getFileName() + ".old"),
                    StandardCopyOption.REPLACE_EXISTING);
        }
        this.out = new BufferedOutputStream(create(file), BUFFER_BYTES);
    }

    /// For nobody else to read: it holds the seed of the node's random numbers.
    private static OutputStream create(Path file) throws IOException {
        try {
            Files.createFile(
                    file,
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString("rw-------")));
        } catch (UnsupportedOperationException _) {
            Files.createFile(file);
        }
        return Files.newOutputStream(file);
    }

    /// What watches the engine.
    public Recorder recorder() {
        return recorder;
    }

    /// Begins, before the engine's first input.
    public void begin(EngineStart start) throws IOException {
        write(RecordFile.MARK.toByteArray());
        write(RecordFile.frame(writer.start(start)));
        thread.start();
        log.info("Recording the peer engine to " + options.file());
    }

    private void put(Handled handled) {
        if (ended || behind) {
            return;
        }
        if (waiting.addAndGet(weight(handled)) > WAITING_BYTES_MAX) {
            behind = true;
            return;
        }
        queue.add(handled);
    }

    /// Memory that it keeps from being freed, roughly.
    private static long weight(Handled handled) {
        long bytes = SMALL_BYTES + (long) SMALL_BYTES * handled.outputs().size();
        for (PeerOutput each : handled.outputs()) {
            bytes +=
                    each instanceof PeerOutput.Send(var _, weft.wire.BlockMessage _)
                            ? BLOCK_BYTES
                            : 0;
        }
        return switch (handled.input()) {
            case PeerInput.Received each -> bytes + each.payloadBytes();
            case PeerInput.Chain(ChainEvent.BlockConnected _) -> bytes + BLOCK_BYTES;
            case PeerInput.Chain(ChainEvent.BlockDisconnected _) -> bytes + BLOCK_BYTES;
            case PeerInput.Chain(ChainEvent.BlockFetched _) -> bytes + BLOCK_BYTES;
            default -> bytes;
        };
    }

    private void run() {
        try {
            long flushed = System.nanoTime();
            while (!ended) {
                if (System.nanoTime() - flushed > FLUSH_NANOS) {
                    out.flush();
                    flushed = System.nanoTime();
                }
                Handled next = queue.poll();
                if (next != null) {
                    waiting.addAndGet(-weight(next));
                    record(next);
                } else if (behind) {
                    end("the disk does not keep up");
                } else if (closing) {
                    end("");
                } else {
                    TimeUnit.MILLISECONDS.sleep(NAP_MILLIS);
                }
            }
            write(new byte[RecordFile.HEAD_BYTES]);
        } catch (IOException | RuntimeException e) {
            end(String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            ended = true;
            queue.clear();
            closeFile();
        }
    }

    private void record(Handled handled) throws IOException {
        byte[] frame = RecordFile.frame(writer.input(handled));
        if (bytes + frame.length + RecordFile.HEAD_BYTES > options.bytesMax()) {
            end("it has the size that -recordmax allows");
            return;
        }
        write(frame);
    }

    private void write(byte[] some) throws IOException {
        out.write(some);
        bytes += some.length;
    }

    private void end(String why) {
        ended = true;
        if (!why.isEmpty()) {
            log.warning("The recording ends here: " + why);
        }
    }

    private void closeFile() {
        try {
            out.close();
        } catch (IOException e) {
            log.warning("The recording could not be closed: " + e.getMessage());
        }
    }

    /// The last inputs are written, and the file is closed.
    @Override
    public void close() {
        closing = true;
        try {
            if (thread.isAlive()) {
                thread.join(TimeUnit.SECONDS.toMillis(30));
            } else {
                closeFile();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
