package weft.wire.transport;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import weft.crypto.Sha256;
import weft.primitives.Bytes;
import weft.primitives.Check;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;
import weft.wire.Message;

/// The plain transport: magic, command padded with zeros to 12 bytes, length, checksum, payload.
///
/// - A wrong magic or a length above [#MAX_PAYLOAD_BYTES] ends the connection.
///   *Rationale:* where the next message starts is unknown.
/// - A wrong checksum or an impossible command drops the message only.
///   *Rationale:* the stream is still in step.
public final class V1Transport implements Transport {
    /// Length of a header in bytes.
    public static final int HEADER_BYTES = 24;

    /// Longest payload in bytes.
    public static final int MAX_PAYLOAD_BYTES = 4_000_000;

    /// Bytes of a payload that can be sent at all, in either transport, whatever the other side does about it
    /// (`sendmsgtopeer`): what three bytes of length have room for beside a command.
    public static final int MAX_SENT_BYTES = 0xff_ffff - 1 - Message.COMMAND_BYTES;

    private static final int CHECKSUM_BYTES = 4;
    private static final byte[] NO_BYTES = {};

    private final long peer;
    private final Bytes magic;
    private final ArrayDeque<TransportEvent> events = new ArrayDeque<>();
    private final ArrayDeque<Outgoing> outgoing = new ArrayDeque<>();
    private final byte[] header = new byte[HEADER_BYTES];
    private int headerBytes;
    private byte[] payload = NO_BYTES;
    private int payloadBytes;
    private int payloadLength;
    private boolean failed;
    private long queuedBytes;

    /// A transport at the start of a connection.
    ///
    /// @param peer number of the peer, for texts of events
    /// @param magic the four bytes of the network
    public V1Transport(long peer, Bytes magic) {
        Check.argument(magic.length() == Magic.BYTES, "magic is not 4 bytes");
        this.peer = peer;
        this.magic = magic;
    }

    /// A whole message as it goes over the wire.
    ///
    /// @param command at most 12 characters of ASCII
    /// @param payload at most [#MAX_SENT_BYTES]
    public static Bytes frame(Bytes magic, String command, Bytes payload) {
        byte[] name = command.getBytes(StandardCharsets.US_ASCII);
        Check.argument(name.length <= Message.COMMAND_BYTES, "command longer than 12 bytes");
        Check.argument(payload.length() <= MAX_SENT_BYTES, "payload too long");
        byte[] checksum =
                Sha256.hashTwice(payload.backingArray(), payload.backingOffset(), payload.length());
        return new ByteWriter(HEADER_BYTES + payload.length())
                .bytes(magic)
                .bytes(Arrays.copyOf(name, Message.COMMAND_BYTES))
                .u32(payload.length())
                .bytes(checksum, 0, CHECKSUM_BYTES)
                .bytes(payload)
                .toBytes();
    }

    @Override
    public void push(byte[] bytes, int offset, int length) {
        int at = offset;
        int end = offset + length;
        while (at < end && !failed) {
            if (headerBytes < HEADER_BYTES) {
                int taken = Math.min(HEADER_BYTES - headerBytes, end - at);
                System.arraycopy(bytes, at, header, headerBytes, taken);
                headerBytes += taken;
                at += taken;
                if (headerBytes == HEADER_BYTES) {
                    readHeader();
                }
            } else {
                int taken = Math.min(payloadLength - payloadBytes, end - at);
                payload = grown(payload, payloadBytes + taken, payloadLength);
                System.arraycopy(bytes, at, payload, payloadBytes, taken);
                payloadBytes += taken;
                at += taken;
            }
            if (!failed && headerBytes == HEADER_BYTES && payloadBytes == payloadLength) {
                finishMessage();
            }
        }
    }

    /// An array that holds `needed` bytes: at most twice as many, and never more than `limit`.
    static byte[] grown(byte[] array, int needed, int limit) {
        if (needed <= array.length) {
            return array;
        }
        return Arrays.copyOf(array, (int) Math.min(limit, Math.max(needed, 2L * array.length)));
    }

    private void readHeader() {
        Bytes start = Bytes.copyOf(Arrays.copyOf(header, Magic.BYTES));
        if (!start.equals(magic)) {
            fail("Header error: Wrong MessageStart " + start.toHex() + " received, peer=" + peer);
            return;
        }
        long length = ByteReader.of(header, Magic.BYTES + Message.COMMAND_BYTES, 4).u32();
        if (length > MAX_PAYLOAD_BYTES) {
            String what = sanitized(command()) + ", " + length + " bytes";
            fail("Header error: Size too large (" + what + "), peer=" + peer);
            return;
        }
        payloadLength = (int) length;
    }

    private void fail(String reason) {
        failed = true;
        payload = NO_BYTES;
        events.add(new TransportEvent.Fatal(reason));
    }

    private void finishMessage() {
        int wireBytes = HEADER_BYTES + payloadLength;
        byte[] hash = Sha256.hashTwice(payload, 0, payloadLength);
        int checksumAt = HEADER_BYTES - CHECKSUM_BYTES;
        if (!Arrays.equals(hash, 0, CHECKSUM_BYTES, header, checksumAt, HEADER_BYTES)) {
            String expected = HexFormat.of().formatHex(hash, 0, CHECKSUM_BYTES);
            String was = HexFormat.of().formatHex(header, checksumAt, HEADER_BYTES);
            events.add(
                    new TransportEvent.Ignored(
                            "Header error: Wrong checksum "
                                    + what()
                                    + ", expected "
                                    + expected
                                    + " was "
                                    + was
                                    + ", peer="
                                    + peer,
                            wireBytes));
        } else if (!isCommandValid()) {
            events.add(
                    new TransportEvent.Ignored(
                            "Header error: Invalid message type " + what() + ", peer=" + peer,
                            wireBytes));
        } else {
            events.add(
                    new TransportEvent.Received(
                            new Frame(
                                    command(), Bytes.wrap(payload, 0, payloadLength), wireBytes)));
        }
        headerBytes = 0;
        payload = NO_BYTES;
        payloadBytes = 0;
        payloadLength = 0;
    }

    private String what() {
        return "(" + sanitized(command()) + ", " + payloadLength + " bytes)";
    }

    private String command() {
        int length = 0;
        while (length < Message.COMMAND_BYTES && header[Magic.BYTES + length] != 0) {
            length++;
        }
        return new String(header, Magic.BYTES, length, StandardCharsets.ISO_8859_1);
    }

    private boolean isCommandValid() {
        boolean ended = false;
        for (int i = 0; i < Message.COMMAND_BYTES; i++) {
            int character = header[Magic.BYTES + i];
            if (character == 0) {
                ended = true;
            } else if (ended || character < ' ' || character > 0x7e) {
                return false;
            }
        }
        return true;
    }

    /// Without the characters that could confuse a log.
    private static String sanitized(String text) {
        var safe = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char character = text.charAt(i);
            boolean letter = (character | 0x20) >= 'a' && (character | 0x20) <= 'z';
            boolean digit = character >= '0' && character <= '9';
            if (letter || digit || " .,;-_/:?@()".indexOf(character) >= 0) {
                safe.append(character);
            }
        }
        return safe.toString();
    }

    @Override
    public Optional<TransportEvent> next() {
        return Optional.ofNullable(events.poll());
    }

    @Override
    public void send(String command, Bytes payloadToSend) {
        Bytes frame = frame(magic, command, payloadToSend);
        queuedBytes += frame.length();
        outgoing.add(new Outgoing(command, frame));
    }

    @Override
    public Optional<Outgoing> nextToSend() {
        Outgoing first = outgoing.poll();
        if (first != null) {
            queuedBytes -= first.bytes().length();
        }
        return Optional.ofNullable(first);
    }

    @Override
    public long queuedBytes() {
        return queuedBytes;
    }

    @Override
    public Protocol protocol() {
        return Protocol.V1;
    }

    @Override
    public Optional<Bytes> sessionId() {
        return Optional.empty();
    }

    @Override
    public boolean shouldReconnectV1() {
        return false;
    }

    /// Does nothing: there are no keys.
    @Override
    public void close() {}
}
