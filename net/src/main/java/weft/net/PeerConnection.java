package weft.net;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import weft.p2p.PeerId;
import weft.p2p.PeerInput;
import weft.p2p.TransportVersion;
import weft.primitives.Bytes;
import weft.primitives.codec.MalformedBytes;
import weft.primitives.log.Log;
import weft.primitives.log.LogCategory;
import weft.wire.Message;
import weft.wire.MessageCodec;
import weft.wire.Negotiated;
import weft.wire.NetAddress;
import weft.wire.VersionMessage;
import weft.wire.transport.Transport;
import weft.wire.transport.TransportEvent;

/// One open socket: a virtual thread that reads, a virtual thread that writes, and the transport between them. Bytes
/// become messages here and nowhere else; what they mean is the engine's business.
final class PeerConnection {
    private static final int READ_BUFFER_BYTES = 64 * 1024;

    /// How long a closing connection may still take to send what it was given.
    ///
    /// *Rationale:* a peer that does not read must not keep a socket.
    private static final Duration LINGER = Duration.ofSeconds(2);

    /// What a connection is made of.
    ///
    /// @param sendBytesMax bytes that may wait to be sent before the peer counts as congested
    record Parts(
            PeerId id,
            NetAddress address,
            SocketChannel channel,
            Transport transport,
            ReadBudget budget,
            int sendBytesMax) {}

    /// What the writer does next.
    private sealed interface Outgoing {
        record Payload(String command, Bytes payload) implements Outgoing {}

        /// The transport has bytes of its own, of a handshake.
        record Flush() implements Outgoing {}

        record Close(String why) implements Outgoing {}
    }

    private final Parts parts;
    private final PeerLoop loop;
    private final Optional<MessageCapture> capture;
    private final Log log;
    private final LinkedBlockingQueue<Outgoing> outgoing = new LinkedBlockingQueue<>();
    private final AtomicLong waitingBytes = new AtomicLong();
    private final AtomicBoolean closed = new AtomicBoolean();

    /// Guards the transport and the pause.
    private final ReentrantLock lock = new ReentrantLock();

    private final Condition resumed = lock.newCondition();
    private boolean paused;
    private boolean announced;
    private Negotiated negotiated = Negotiated.CURRENT;
    private volatile @Nullable String closingWhy;

    PeerConnection(Parts parts, PeerLoop loop, Optional<MessageCapture> capture, Log log) {
        this.parts = parts;
        this.loop = loop;
        this.capture = capture;
        this.log = log;
    }

    PeerId id() {
        return parts.id;
    }

    ReadBudget budget() {
        return parts.budget;
    }

    void start() {
        Thread.ofVirtual().name("peer-" + parts.id + "-write").start(this::writeLoop);
        Thread.ofVirtual().name("peer-" + parts.id + "-read").start(this::readLoop);
    }

    /// Whether more waits to be sent than the peer is granted.
    boolean isCongested() {
        return waitingBytes.get() > parts.sendBytesMax && !closed.get();
    }

    void send(Message message) {
        Bytes payload = MessageCodec.encode(message);
        String command = message.command();
        log.debug(
                LogCategory.NET,
                () -> "sending " + command + " (" + payload.length() + " bytes) peer=" + parts.id);
        capture.ifPresent(files -> files.write(parts.address, command, payload, true));
        waitingBytes.addAndGet(payload.length());
        outgoing.add(new Outgoing.Payload(command, payload));
    }

    void closeAfterSending(String why) {
        closingWhy = why;
        outgoing.add(new Outgoing.Close(why));
        Thread.ofVirtual().start(() -> {
            try {
                Thread.sleep(LINGER);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            close(why);
        });
    }

    void pauseReading(boolean pause) {
        lock.lock();
        try {
            paused = pause;
            resumed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// Closes the socket now and says so once.
    void close(String why) {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        boolean retryAsV1;
        lock.lock();
        try {
            retryAsV1 = closingWhy == null && parts.transport.shouldRetryAsV1();
            parts.transport.close();
            paused = false;
            resumed.signalAll();
        } finally {
            lock.unlock();
        }
        try {
            parts.channel.close();
        } catch (IOException e) {
            log.debug(LogCategory.NET, () -> "closing a socket failed: " + e.getMessage());
        }
        outgoing.add(new Outgoing.Flush());
        loop.post(new PeerInput.Disconnected(parts.id, why, retryAsV1));
        loop.writable(this);
    }

    private void readLoop() {
        ByteBuffer buffer = ByteBuffer.allocate(READ_BUFFER_BYTES);
        try {
            while (!closed.get()) {
                buffer.clear();
                int count = parts.channel.read(buffer);
                if (count < 0) {
                    log.debug(LogCategory.NET, () -> "socket closed for peer=" + parts.id);
                    close("socket closed");
                    return;
                }
                if (!received(buffer.array(), count)) {
                    return;
                }
            }
        } catch (IOException e) {
            log.debug(LogCategory.NET, () -> "socket recv error for peer=" + parts.id + ": " + e.getMessage());
            close("socket error");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            close("shutdown");
        }
    }

    /// Pushes bytes through the transport and posts what comes out; false if the connection is over.
    private boolean received(byte[] bytes, int count) throws InterruptedException {
        lock.lock();
        try {
            while (paused) {
                resumed.await();
            }
            if (closed.get()) {
                return false;
            }
            parts.transport.received(bytes, 0, count);
        } finally {
            lock.unlock();
        }
        for (TransportEvent event = pollEvent(); event != null; event = pollEvent()) {
            if (!handle(event)) {
                return false;
            }
        }
        return true;
    }

    private @Nullable TransportEvent pollEvent() {
        lock.lock();
        try {
            TransportEvent event = parts.transport.poll();
            announceTransport();
            if (parts.transport.hasBytesToSend()) {
                outgoing.add(new Outgoing.Flush());
            }
            return event;
        } finally {
            lock.unlock();
        }
    }

    private void announceTransport() {
        TransportVersion version =
                switch (parts.transport.version()) {
                    case DETECTING -> TransportVersion.DETECTING;
                    case V1 -> TransportVersion.V1;
                    case V2 -> TransportVersion.V2;
                };
        if (!announced && version != TransportVersion.DETECTING) {
            announced = true;
            loop.post(new PeerInput.TransportReady(parts.id, version, parts.transport.sessionId()));
        }
    }

    private boolean handle(TransportEvent event) throws InterruptedException {
        switch (event) {
            case TransportEvent.Received(String command, Bytes payload, int wireBytes) ->
                    deliver(command, payload, wireBytes);
            case TransportEvent.Ignored(String why) ->
                    log.debug(LogCategory.NET, () -> why + ", peer=" + parts.id);
            case TransportEvent.Fatal(String why) -> {
                log.debug(LogCategory.NET, () -> why + ", peer=" + parts.id);
                close(why);
                return false;
            }
        }
        return true;
    }

    private void deliver(String command, Bytes payload, int wireBytes) throws InterruptedException {
        capture.ifPresent(files -> files.write(parts.address, command, payload, false));
        PeerInput input;
        try {
            Message message = MessageCodec.decode(command, payload, negotiated);
            if (message instanceof VersionMessage version) {
                negotiated = new Negotiated(Math.min(version.version(), Negotiated.PROTOCOL_VERSION));
            }
            input = new PeerInput.Received(parts.id, message, payload.length(), wireBytes);
        } catch (MalformedBytes e) {
            input = new PeerInput.Malformed(parts.id, command, payload.length(), String.valueOf(e.getMessage()));
        }
        loop.postFrom(this, input, wireBytes);
    }

    private void writeLoop() {
        try {
            while (!closed.get()) {
                if (!write(outgoing.take())) {
                    return;
                }
            }
        } catch (IOException e) {
            log.debug(LogCategory.NET, () -> "socket send error for peer=" + parts.id + ": " + e.getMessage());
            close("socket error");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            close("shutdown");
        }
    }

    private boolean write(Outgoing next) throws IOException {
        switch (next) {
            case Outgoing.Close(String why) -> {
                close(why);
                return false;
            }
            case Outgoing.Flush() -> flush("", 0);
            case Outgoing.Payload(String command, Bytes payload) -> {
                lock.lock();
                try {
                    parts.transport.send(command, payload);
                } finally {
                    lock.unlock();
                }
                flush(command, payload.length());
            }
        }
        return true;
    }

    private void flush(String command, int payloadBytes) throws IOException {
        int sent = 0;
        for (Bytes bytes = bytesToSend(); !bytes.isEmpty(); bytes = bytesToSend()) {
            ByteBuffer buffer =
                    ByteBuffer.wrap(bytes.backingArray(), bytes.backingOffset(), bytes.length());
            while (buffer.hasRemaining()) {
                parts.channel.write(buffer);
            }
            sent += bytes.length();
        }
        long before = waitingBytes.getAndAdd(-payloadBytes);
        loop.post(new PeerInput.Sent(parts.id, command, sent, before - payloadBytes));
        if (before > parts.sendBytesMax && before - payloadBytes <= parts.sendBytesMax) {
            loop.writable(this);
        }
    }

    private Bytes bytesToSend() {
        lock.lock();
        try {
            return parts.transport.takeBytesToSend();
        } finally {
            lock.unlock();
        }
    }
}
