package weft.wire.transport;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import weft.primitives.Bytes;

/// The accepting side's transport until the first bytes tell which one the other side speaks.
///
/// A plain connection starts with the magic and `version`, padded: 16 bytes. The first byte that differs
/// makes the connection an encrypted one, and only then our key is sent.
///
/// *Rationale:* who waits for our key must not be able to recognise us by sending a part of that start.
final class DetectingTransport implements Transport {
    private static final Bytes VERSION = Bytes.parse("76657273696f6e0000000000");

    /// A message that waits for the decision.
    private record Waiting(String command, Bytes payload) {}

    private final long peer;
    private final Bytes magic;
    private final Entropy entropy;
    private final byte[] plainStart;
    private final byte[] received;
    private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
    private int receivedBytes;
    private long waitingBytes;
    private boolean closed;
    private @Nullable Transport decided;

    DetectingTransport(long peer, Bytes magic, Entropy entropy) {
        this.peer = peer;
        this.magic = magic;
        this.entropy = entropy;
        this.plainStart = magic.plus(VERSION).toByteArray();
        this.received = new byte[plainStart.length];
    }

    @Override
    public void push(byte[] bytes, int offset, int length) {
        int at = offset;
        int end = offset + length;
        while (decided == null && at < end && !closed) {
            byte next = bytes[at++];
            received[receivedBytes++] = next;
            if (next != plainStart[receivedBytes - 1]) {
                decide(V2Transport.responder(peer, magic, entropy));
            } else if (receivedBytes == plainStart.length) {
                decide(new V1Transport(peer, magic));
            }
        }
        if (decided != null) {
            decided.push(bytes, at, end - at);
        }
    }

    private void decide(Transport transport) {
        decided = transport;
        transport.push(received, 0, receivedBytes);
        Arrays.fill(received, (byte) 0);
        for (Waiting each : waiting) {
            transport.send(each.command(), each.payload());
        }
        waiting.clear();
        waitingBytes = 0;
    }

    @Override
    public Optional<TransportEvent> next() {
        return decided == null ? Optional.empty() : decided.next();
    }

    @Override
    public void send(String command, Bytes payload) {
        if (decided == null) {
            waiting.add(new Waiting(command, payload));
            waitingBytes += payload.length();
        } else {
            decided.send(command, payload);
        }
    }

    @Override
    public Optional<Outgoing> nextToSend() {
        return decided == null ? Optional.empty() : decided.nextToSend();
    }

    @Override
    public long queuedBytes() {
        return decided == null ? waitingBytes : decided.queuedBytes();
    }

    @Override
    public Protocol protocol() {
        return decided == null ? Protocol.DETECTING : decided.protocol();
    }

    @Override
    public Optional<Bytes> sessionId() {
        return decided == null ? Optional.empty() : decided.sessionId();
    }

    @Override
    public boolean shouldReconnectV1() {
        return false;
    }

    @Override
    public void close() {
        closed = true;
        if (decided != null) {
            decided.close();
        }
    }
}
