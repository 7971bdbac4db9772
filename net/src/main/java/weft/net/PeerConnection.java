package weft.net;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import weft.p2p.Peer;
import weft.p2p.PeerId;
import weft.p2p.PeerInput;
import weft.p2p.PeerPermissions;
import weft.p2p.TransportVersion;
import weft.primitives.Bytes;
import weft.primitives.Transaction;
import weft.primitives.codec.MalformedBytes;
import weft.primitives.log.Log;
import weft.primitives.log.LogCategory;
import weft.wire.Message;
import weft.wire.MessageCodec;
import weft.wire.Negotiated;
import weft.wire.NetAddress;
import weft.wire.TxMessage;
import weft.wire.VersionMessage;
import weft.wire.transport.Frame;
import weft.wire.transport.Transport;
import weft.wire.transport.TransportEvent;

/// One open socket: a virtual thread that reads, a virtual thread that writes, and the transport between
/// them. Bytes become messages here and nowhere else; what they mean is the engine's business.
final class PeerConnection {
    private static final int READ_BUFFER_BYTES = 64 * 1024;

    /// How large the buffer is before a read has filled it.
    ///
    /// *Rationale:* thousands may connect and say nothing before the engine has closed them.
    private static final int FIRST_BUFFER_BYTES = 4 * 1024;

    /// A message of which more came is a large one.
    ///
    /// *Rationale:* blocks as they are relayed, headers and addresses are smaller; announcements of 50,000
    /// transactions are not, and take as much time as memory.
    private static final int LARGE_BYTES = READ_BUFFER_BYTES;

    /// How long a closing connection may still take to send what it was given.
    ///
    /// *Rationale:* a peer that does not read must not keep a socket.
    private static final Duration LINGER = Duration.ofSeconds(2);

    /// What a connection is made of.
    ///
    /// @param outbound whether we dialled
    /// @param budget for its messages that wait for the engine
    /// @param common for what all connections hold
    /// @param sendBytesMax bytes that may wait to be sent before the peer counts as congested
    record Parts(
            PeerId id,
            NetAddress address,
            boolean outbound,
            ConnectionFactory.Route route,
            Transport transport,
            ReadBudget budget,
            ReceiveBudget common,
            int sendBytesMax) {}

    /// What the writer does next.
    private sealed interface Job {
        record Payload(String command, Bytes payload) implements Job {}

        /// Made into bytes when its turn comes.
        record Later(TxMessage message) implements Job {}

        /// The transport has bytes of its own, of a handshake.
        record Flush() implements Job {}

        record Close(String why) implements Job {}
    }

    private final PeerId id;
    private final NetAddress address;
    private final ConnectionFactory.Route route;
    private final ReadBudget budget;
    private final ReceiveBudget.Account account;
    private final int sendBytesMax;
    private final PeerLoop loop;
    private final MessageCapture capture;
    private final Log log;
    private final LinkedBlockingQueue<Job> outgoing = new LinkedBlockingQueue<>();
    private final AtomicLong waitingBytes = new AtomicLong();

    /// Read from the socket, and not told to the engine yet.
    private final AtomicInteger heardBytes = new AtomicInteger();

    private final AtomicBoolean closed = new AtomicBoolean();

    /// Whether the writer will look for bytes of the transport anyway. *Rationale:* who sends byte by byte
    /// and reads nothing must not fill the queue with such looks.
    private final AtomicBoolean flushing = new AtomicBoolean();

    /// Guards the transport and the pause.
    private final ReentrantLock lock = new ReentrantLock();

    private final Condition resumed = lock.newCondition();

    /// Null when the connection is closed. *Rationale:* it may hold megabytes of a message, which shall not
    /// wait until the last thread that knows the connection has ended.
    private @Nullable Transport transport;

    /// Bytes that came in and may be of a message whose end is missing; never too few. The reader's.
    private int unfinishedBytes;

    /// What is held for them. The reader's.
    private long unfinishedHeld;

    private boolean paused;
    private boolean throttled;
    private boolean owes;
    private boolean announced;

    /// The last read brought the end of an encrypted handshake. The reader's.
    private boolean handshakeEnds;

    private Negotiated negotiated = Negotiated.CURRENT;
    private boolean heardVersion;
    private volatile @Nullable String closingWhy;

    PeerConnection(Parts parts, PeerLoop loop, MessageCapture capture, Log log) {
        this.id = parts.id;
        this.address = parts.address;
        this.route = parts.route;
        this.transport = parts.transport;
        this.budget = parts.budget;
        this.account = parts.common.open("peer=" + id, parts.outbound, this::close);
        this.sendBytesMax = parts.sendBytesMax;
        this.loop = loop;
        this.capture = capture;
        this.log = log;
    }

    PeerId id() {
        return id;
    }

    /// Does not close it for what it holds, if the engine knows it as one with the permission `noban`.
    void spareIfTrusted(@Nullable Peer peer) {
        if (peer != null && peer.permissions().has(PeerPermissions.NO_BAN)) {
            account.spare();
        }
    }

    /// The engine has handled a message, or never will.
    ///
    /// @param room what the reader took for it
    void handled(PeerInput input, int room) {
        budget.giveBack(room);
        if (!account.isOutbound()) {
            account.add(-ReceiveBudget.takenBy(input));
        }
    }

    /// How many bytes came in since the last call.
    int takeHeard() {
        return heardBytes.getAndSet(0);
    }

    void start() {
        Thread.ofVirtual().name("peer-" + id + "-write").start(this::writeLoop);
        Thread.ofVirtual().name("peer-" + id + "-read").start(this::readLoop);
    }

    /// How much waits for the writer, whatever its size.
    int jobs() {
        return outgoing.size();
    }

    /// Whether more waits to be sent than the peer is granted.
    boolean isCongested() {
        return waitingBytes.get() > sendBytesMax && !closed.get();
    }

    /// @return bytes of the payload, which now wait
    int send(Message message) {
        if (message instanceof TxMessage tx && !capture.wants(id)) {
            return sendLater(tx);
        }
        Bytes payload = MessageCodec.encode(message);
        String command = message.command();
        log.debug(
                LogCategory.NET,
                () -> "sending " + command + " (" + payload.length() + " bytes) peer=" + id);
        capture.write(id, address, command, payload, true);
        waitingBytes.addAndGet(payload.length());
        outgoing.add(new Job.Payload(command, payload));
        return payload.length();
    }

    /// Queues a transaction as it is. *Rationale:* one message may ask 50,000 times for the largest one that
    /// we have.
    private int sendLater(TxMessage message) {
        boolean whole = message.encoding() == Transaction.Encoding.WITNESS;
        int bytes = whole ? message.tx().totalSize() : message.tx().strippedSize();
        log.debug(LogCategory.NET, () -> "sending tx (" + bytes + " bytes) peer=" + id);
        waitingBytes.addAndGet(bytes);
        outgoing.add(new Job.Later(message));
        return bytes;
    }

    void closeAfterSending(String why) {
        closingWhy = why;
        outgoing.add(new Job.Close(why));
        Thread.ofVirtual()
                .start(
                        () -> {
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

    /// Stops the reader before the next message, also of those that came in already, or lets it go on.
    void throttle(boolean throttle) {
        lock.lock();
        try {
            throttled = throttle;
            resumed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// The peer made more work than is its share: an inbound one's large messages wait with it until this is
    /// over, so that they do not wait here.
    void owe(boolean debt) {
        lock.lock();
        try {
            owes = debt;
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
        account.settle();
        boolean retryAsV1 = false;
        lock.lock();
        try {
            Transport ended = transport;
            transport = null;
            paused = false;
            throttled = false;
            owes = false;
            resumed.signalAll();
            if (ended != null) {
                retryAsV1 = closingWhy == null && ended.shouldReconnectV1();
                ended.close();
            }
        } finally {
            lock.unlock();
        }
        try {
            route.channel().close();
            route.onClose().run();
        } catch (IOException e) {
            log.debug(LogCategory.NET, () -> "closing a socket failed: " + e.getMessage());
        }
        outgoing.add(new Job.Flush());
        loop.post(new PeerInput.Disconnected(id, why, retryAsV1));
        loop.writable(this);
    }

    private void readLoop() {
        try {
            readAll();
        } catch (IOException e) {
            log.debug(
                    LogCategory.NET,
                    () -> "socket recv error for peer=" + id + ": " + e.getMessage());
            close("socket error");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            close("shutdown");
        } catch (RuntimeException | Error e) {
            fail("read", e);
        }
    }

    private void readAll() throws IOException, InterruptedException {
        ByteBuffer buffer = ByteBuffer.allocate(FIRST_BUFFER_BYTES);
        while (!closed.get()) {
            buffer.clear();
            awaitRoom();
            int count = route.channel().read(buffer);
            if (count < 0) {
                // What the transport still has to say belongs before the end.
                received(buffer.array(), 0);
                log.debug(LogCategory.NET, () -> "socket closed for peer=" + id);
                close("socket closed");
                return;
            }
            if (!received(buffer.array(), count)) {
                return;
            }
            if (!buffer.hasRemaining() && buffer.capacity() < READ_BUFFER_BYTES) {
                buffer = ByteBuffer.allocate(READ_BUFFER_BYTES);
            }
        }
    }

    /// What is not read yet takes no memory of ours. *Rationale:* of whom we dialled we want the next block
    /// to come in while the last one waits.
    private void awaitRoom() throws InterruptedException {
        if (account.isOutbound()) {
            budget.awaitAny();
        } else {
            budget.awaitRoomFor(unfinishedBytes);
            if (unfinishedBytes > LARGE_BYTES) {
                awaitPaid();
            }
        }
    }

    private void awaitPaid() throws InterruptedException {
        lock.lock();
        try {
            while (owes && !closed.get()) {
                resumed.await();
            }
        } finally {
            lock.unlock();
        }
    }

    /// Ends the connection, whatever was thrown, also for want of memory; the node goes on.
    ///
    /// *Rationale:* a connection without one of its threads would keep its place, its socket and its memory,
    /// and nobody would read or write it again.
    private void fail(String what, Throwable thrown) {
        // First, for it makes room.
        close(what + " failed");
        log.warning("could not " + what + " peer=" + id + ", disconnected: " + thrown);
    }

    /// Pushes bytes through the transport and posts what comes out; false if the connection is over.
    private boolean received(byte[] bytes, int count) throws InterruptedException {
        holdUnfinished(unfinishedBytes + count, 0);
        lock.lock();
        try {
            while (paused) {
                resumed.await();
            }
            if (transport == null) {
                return false;
            }
            transport.push(bytes, 0, count);
        } finally {
            lock.unlock();
        }
        if (count > 0 && heardBytes.getAndAdd(count) == 0) {
            loop.heard(this);
        }
        var event = nextEvent();
        if (handshakeEnds) {
            // No event tells of its bytes; what is left of others came with this read.
            handshakeEnds = false;
            holdUnfinished(Math.min(unfinishedBytes, count), 0);
        }
        for (; event.isPresent(); event = nextEvent()) {
            if (!handle(event.get(), count)) {
                return false;
            }
        }
        // The transport may have an answer of its own: the keys of a handshake.
        if (flushing.compareAndSet(false, true)) {
            outgoing.add(new Job.Flush());
        }
        return true;
    }

    /// Holds memory for bytes whose message is not whole yet.
    ///
    /// @param bytes how many there are now
    /// @param more to be held beside them
    private void holdUnfinished(int bytes, long more) {
        long before = unfinishedHeld;
        unfinishedBytes = bytes;
        unfinishedHeld = ReceiveBudget.takenBy(bytes);
        account.add(unfinishedHeld - before + more);
    }

    /// A message is whole and waits for the engine. What is left belongs to the next one, so it came with
    /// the last read. *Rationale:* a few bytes of a handshake may still be counted, and need not be for ever.
    private void holdWhole(String command, int wireBytes, int lastRead) {
        int left = Math.clamp((long) unfinishedBytes - wireBytes, 0, lastRead);
        holdUnfinished(left, waiting(command, wireBytes));
    }

    /// What is held for a whole message. *Rationale:* we dial few, and what waits of theirs is bounded by
    /// `-maxreceivebuffer`; blocks that we asked for must not count as an attack.
    private long waiting(String command, int wireBytes) {
        return account.isOutbound() ? 0 : ReceiveBudget.takenBy(command, wireBytes);
    }

    private Optional<TransportEvent> nextEvent() throws InterruptedException {
        lock.lock();
        try {
            while (throttled && !closed.get()) {
                resumed.await();
            }
            if (transport == null) {
                return Optional.empty();
            }
            Optional<TransportEvent> event = transport.next();
            announceTransport(transport);
            return event;
        } finally {
            lock.unlock();
        }
    }

    private void announceTransport(Transport spoken) {
        TransportVersion version =
                switch (spoken.protocol()) {
                    case DETECTING -> TransportVersion.DETECTING;
                    case V1 -> TransportVersion.V1;
                    case V2 -> TransportVersion.V2;
                };
        if (!announced && version != TransportVersion.DETECTING) {
            announced = true;
            handshakeEnds = version == TransportVersion.V2;
            loop.post(
                    new PeerInput.TransportReady(
                            id, version, spoken.sessionId().orElse(Bytes.EMPTY)));
        }
    }

    /// @param lastRead bytes of the read that brought the event
    private boolean handle(TransportEvent event, int lastRead) throws InterruptedException {
        switch (event) {
            case TransportEvent.Received(Frame frame) ->
                    holdWhole(frame.command(), frame.wireBytes(), lastRead);
            case TransportEvent.Ignored(String _, int wireBytes) ->
                    holdWhole("", wireBytes, lastRead);
            case TransportEvent.Decoy(int wireBytes) -> holdWhole("", wireBytes, lastRead);
            case TransportEvent.Note _, TransportEvent.Fatal _ -> {}
        }
        if (closed.get()) {
            return false;
        }
        switch (event) {
            case TransportEvent.Received(Frame frame) -> deliver(frame);
            case TransportEvent.Ignored(String why, int wireBytes) -> {
                log.debug(LogCategory.NET, () -> why);
                int room = budget.take(wireBytes);
                loop.postFrom(this, new PeerInput.Dropped(id, wireBytes), room);
            }
            case TransportEvent.Decoy(int wireBytes) -> {
                int room = budget.take(wireBytes);
                loop.postFrom(this, new PeerInput.Decoy(id, wireBytes), room);
            }
            case TransportEvent.Note(String text) -> log.debug(LogCategory.NET, () -> text);
            case TransportEvent.Fatal(String why) -> {
                log.debug(LogCategory.NET, () -> why);
                close(why);
                return false;
            }
        }
        return true;
    }

    private void deliver(Frame frame) throws InterruptedException {
        String command = frame.command();
        Bytes payload = frame.payload();
        capture.write(id, address, command, payload, false);
        // Before it is decoded, which makes it larger.
        int room = budget.take(frame.wireBytes());
        PeerInput input;
        try {
            Message message = MessageCodec.decode(command, payload, negotiated);
            if (message instanceof VersionMessage version && !heardVersion) {
                // A second one is ignored by the engine, so it must not change how we read what
                // follows.
                heardVersion = true;
                negotiated =
                        new Negotiated(Math.min(version.version(), Negotiated.PROTOCOL_VERSION));
            }
            input = new PeerInput.Received(id, message, payload.length(), frame.wireBytes());
        } catch (MalformedBytes e) {
            input =
                    new PeerInput.Malformed(
                            id,
                            command,
                            payload.length(),
                            frame.wireBytes(),
                            String.valueOf(e.getMessage()));
        }
        loop.postFrom(this, input, room);
    }

    private void writeLoop() {
        try {
            while (!closed.get()) {
                if (!write(outgoing.take())) {
                    return;
                }
            }
        } catch (IOException e) {
            log.debug(
                    LogCategory.NET,
                    () -> "socket send error for peer=" + id + ": " + e.getMessage());
            close("socket error");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            close("shutdown");
        } catch (RuntimeException | Error e) {
            fail("write to", e);
        }
    }

    private boolean write(Job next) throws IOException {
        switch (next) {
            case Job.Close(String why) -> {
                close(why);
                return false;
            }
            case Job.Flush() -> {
                flushing.set(false);
                flush(0);
            }
            case Job.Payload(String command, Bytes payload) -> write(command, payload);
            case Job.Later(TxMessage message) ->
                    write(TxMessage.COMMAND, MessageCodec.encode(message));
        }
        return true;
    }

    private void write(String command, Bytes payload) throws IOException {
        lock.lock();
        try {
            if (transport != null) {
                transport.send(command, payload);
            }
        } finally {
            lock.unlock();
        }
        flush(payload.length());
    }

    private void flush(int payloadBytes) throws IOException {
        for (var next = nextToSend(); next.isPresent(); next = nextToSend()) {
            Bytes bytes = next.get().bytes();
            ByteBuffer buffer =
                    ByteBuffer.wrap(bytes.backingArray(), bytes.backingOffset(), bytes.length());
            while (buffer.hasRemaining()) {
                route.channel().write(buffer);
            }
            loop.post(
                    new PeerInput.Sent(
                            id,
                            next.get().command(),
                            bytes.length(),
                            waitingBytes.get() - payloadBytes));
        }
        long before = waitingBytes.getAndAdd(-payloadBytes);
        if (before > sendBytesMax && before - payloadBytes <= sendBytesMax) {
            loop.writable(this);
        }
    }

    private Optional<weft.wire.transport.Outgoing> nextToSend() {
        lock.lock();
        try {
            return transport == null ? Optional.empty() : transport.nextToSend();
        } finally {
            lock.unlock();
        }
    }
}
