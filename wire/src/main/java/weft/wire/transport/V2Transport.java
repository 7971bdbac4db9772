package weft.wire.transport;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import weft.crypto.Secp256k1;
import weft.primitives.Bytes;
import weft.primitives.Check;
import weft.primitives.codec.ByteWriter;
import weft.wire.Message;

/// The encrypted transport of BIP-0324, opportunistic and unauthenticated.
///
/// Each side sends an ElligatorSwift key, up to 4,095 bytes of garbage, a terminator that only the other
/// side can recognise, and then packets: an encrypted length, a flag for decoys, contents, a tag. The first
/// packet also authenticates the garbage; the first one that is no decoy is the version packet, whose
/// contents are ignored.
///
/// - Any packet that does not authenticate ends the connection.
///   *Rationale:* somebody changed it on the way.
/// - Keys change every 224 packets, and nothing of the key exchange is kept.
///   *Rationale:* who takes over a node later cannot read what was said before.
public final class V2Transport implements Transport {
    /// Most bytes of garbage.
    public static final int MAX_GARBAGE_BYTES = 4_095;

    /// Length of a key on the wire in bytes.
    public static final int KEY_BYTES = 64;

    /// Most bytes of a packet's contents.
    public static final int MAX_CONTENTS_BYTES =
            1 + Message.COMMAND_BYTES + V1Transport.MAX_PAYLOAD_BYTES;

    private static final Bytes V1_VERSION = Bytes.parse("76657273696f6e0000000000");
    private static final byte[] NO_BYTES = {};
    private static final int SECRET_BYTES = 32;

    /// What the next received bytes are.
    private enum Receiving {
        KEY,
        GARBAGE,
        VERSION_PACKET,
        PACKETS,
        NOTHING
    }

    /// A packet that is not encrypted yet.
    private record Waiting(String command, Bytes payload, boolean decoy) {}

    private final long peer;
    private final Bytes magic;
    private final boolean initiator;
    private final byte[] secret;
    private final byte[] ourKey;
    private final ArrayDeque<TransportEvent> events = new ArrayDeque<>();
    private final ArrayDeque<Outgoing> handshake = new ArrayDeque<>();
    private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
    private final ArrayDeque<Bytes> earlyDecoys = new ArrayDeque<>();
    private byte[] sendGarbage;
    private byte[] receiveAad = NO_BYTES;
    private @Nullable Bip324Cipher cipher;
    private Receiving receiving = Receiving.KEY;
    private byte[] buffer = NO_BYTES;
    private int bufferBytes;
    private int contentsLength;
    private int handshakeBytesSent;
    private long queuedBytes;

    private V2Transport(long peer, Bytes magic, boolean initiator, Entropy entropy) {
        Check.argument(magic.length() == Magic.BYTES, "magic is not 4 bytes");
        this.peer = peer;
        this.magic = magic;
        this.initiator = initiator;
        this.secret = entropy.bytes(SECRET_BYTES);
        byte[] auxiliary = entropy.bytes(SECRET_BYTES);
        this.ourKey = Secp256k1.get().ellswiftCreate(secret, auxiliary);
        byte[] length = entropy.bytes(2);
        this.sendGarbage =
                entropy.bytes(((length[0] << 8) | (length[1] & 0xff)) & MAX_GARBAGE_BYTES);
        byte[] first = Arrays.copyOf(ourKey, KEY_BYTES + sendGarbage.length);
        System.arraycopy(sendGarbage, 0, first, KEY_BYTES, sendGarbage.length);
        handshake.add(new Outgoing("", Bytes.wrap(first)));
    }

    /// The side that connected; its key is ready to be sent at once.
    ///
    /// @param peer number of the peer, for texts of events
    /// @param magic the four bytes of the network
    /// @param entropy asked for 32 bytes of key, 32 bytes that blind its encoding, 2 bytes whose lower 12
    ///     bits are the length of the garbage, and the garbage
    public static V2Transport initiator(long peer, Bytes magic, Entropy entropy) {
        return new V2Transport(peer, magic, true, entropy);
    }

    /// The side that was connected to, when it is sure that the other side speaks this transport.
    ///
    /// @param peer number of the peer, for texts of events
    /// @param magic the four bytes of the network
    /// @param entropy as for [#initiator]
    public static V2Transport responder(long peer, Bytes magic, Entropy entropy) {
        return new V2Transport(peer, magic, false, entropy);
    }

    @Override
    public void push(byte[] bytes, int offset, int length) {
        int at = offset;
        int end = offset + length;
        while (at < end && receiving != Receiving.NOTHING) {
            int wanted = bytesWanted();
            int taken = Math.min(wanted, end - at);
            buffer = V1Transport.grown(buffer, bufferBytes + taken, bufferBytesMax(wanted));
            System.arraycopy(bytes, at, buffer, bufferBytes, taken);
            bufferBytes += taken;
            at += taken;
            switch (receiving) {
                case KEY -> onKeyBytes();
                case GARBAGE -> onGarbageByte();
                case VERSION_PACKET, PACKETS -> onPacketBytes();
                case NOTHING -> {}
            }
        }
    }

    /// Bytes that may go into the buffer before it must be looked at again.
    private int bytesWanted() {
        return switch (receiving) {
            case KEY -> KEY_BYTES - bufferBytes;
            case GARBAGE -> 1;
            case VERSION_PACKET, PACKETS ->
                    bufferBytes < Bip324Cipher.LENGTH_BYTES
                            ? Bip324Cipher.LENGTH_BYTES - bufferBytes
                            : Bip324Cipher.EXPANSION_BYTES + contentsLength - bufferBytes;
            case NOTHING -> 0;
        };
    }

    private int bufferBytesMax(int wanted) {
        return receiving == Receiving.GARBAGE
                ? MAX_GARBAGE_BYTES + Bip324Cipher.TERMINATOR_BYTES
                : bufferBytes + wanted;
    }

    private void onKeyBytes() {
        int versionEnd = Magic.BYTES + V1_VERSION.length();
        if (!initiator
                && bufferBytes >= versionEnd
                && Bytes.copyOf(Arrays.copyOfRange(buffer, Magic.BYTES, versionEnd))
                        .equals(V1_VERSION)) {
            String start = Bytes.copyOf(Arrays.copyOf(buffer, Magic.BYTES)).toHex();
            fail("V2 transport error: V1 peer with wrong MessageStart " + start);
            return;
        }
        if (bufferBytes == KEY_BYTES) {
            agree(Arrays.copyOf(buffer, KEY_BYTES));
            clearBuffer();
            receiving = Receiving.GARBAGE;
        }
    }

    /// Both keys are known: from here on packets can be sent, and the handshake can be finished.
    private void agree(byte[] theirKey) {
        Bip324Cipher agreed = Bip324Cipher.agree(magic, secret, ourKey, theirKey, initiator);
        Arrays.fill(secret, (byte) 0);
        cipher = agreed;
        var out = new ByteWriter();
        out.bytes(agreed.sendTerminator());
        byte[] aad = sendGarbage;
        for (Bytes decoy : earlyDecoys) {
            out.bytes(agreed.encrypt(decoy.toByteArray(), aad, true));
            aad = NO_BYTES;
        }
        earlyDecoys.clear();
        out.bytes(agreed.encrypt(NO_BYTES, aad, false));
        sendGarbage = NO_BYTES;
        handshake.add(new Outgoing("", out.toBytes()));
    }

    private void onGarbageByte() {
        int garbageBytes = bufferBytes - Bip324Cipher.TERMINATOR_BYTES;
        if (garbageBytes < 0) {
            return;
        }
        byte[] terminator = agreed().receiveTerminator();
        if (Arrays.equals(buffer, garbageBytes, bufferBytes, terminator, 0, terminator.length)) {
            receiveAad = Arrays.copyOf(buffer, garbageBytes);
            clearBuffer();
            receiving = Receiving.VERSION_PACKET;
        } else if (garbageBytes == MAX_GARBAGE_BYTES) {
            fail("V2 transport error: missing garbage terminator, peer=" + peer);
        }
    }

    private void onPacketBytes() {
        if (bufferBytes == Bip324Cipher.LENGTH_BYTES) {
            contentsLength =
                    agreed().decryptLength(Arrays.copyOf(buffer, Bip324Cipher.LENGTH_BYTES));
            if (contentsLength > MAX_CONTENTS_BYTES) {
                fail(
                        "V2 transport error: packet too large ("
                                + contentsLength
                                + " bytes), peer="
                                + peer);
            }
        } else if (bufferBytes == Bip324Cipher.EXPANSION_BYTES + contentsLength
                && bufferBytes > Bip324Cipher.LENGTH_BYTES) {
            Optional<Bip324Cipher.Opened> opened = agreed().open(buffer, bufferBytes, receiveAad);
            clearBuffer();
            receiveAad = NO_BYTES;
            if (opened.isEmpty()) {
                String what = "packet decryption failure (" + contentsLength + " bytes)";
                fail("V2 transport error: " + what + ", peer=" + peer);
            } else if (opened.get().ignored()) {
                events.add(new TransportEvent.Decoy(contentsLength + Bip324Cipher.EXPANSION_BYTES));
            } else {
                onContents(opened.get().contents());
            }
            contentsLength = 0;
        }
    }

    private void onContents(Bytes contents) {
        if (receiving == Receiving.VERSION_PACKET) {
            receiving = Receiving.PACKETS;
            return;
        }
        int wireBytes = contents.length() + Bip324Cipher.EXPANSION_BYTES;
        TransportEvent event =
                V2Commands.frame(contents, wireBytes)
                        .<TransportEvent>map(TransportEvent.Received::new)
                        .orElseGet(
                                () ->
                                        new TransportEvent.Ignored(
                                                "V2 transport error: invalid message type ("
                                                        + contents.length()
                                                        + " bytes contents), peer="
                                                        + peer,
                                                wireBytes));
        events.add(event);
    }

    private Bip324Cipher agreed() {
        Bip324Cipher agreed = cipher;
        if (agreed == null) {
            throw new weft.primitives.Bug("packets before the key exchange");
        }
        return agreed;
    }

    private void clearBuffer() {
        buffer = NO_BYTES;
        bufferBytes = 0;
    }

    private void fail(String reason) {
        receiving = Receiving.NOTHING;
        clearBuffer();
        events.add(new TransportEvent.Fatal(reason));
    }

    @Override
    public Optional<TransportEvent> next() {
        return Optional.ofNullable(events.poll());
    }

    @Override
    public void send(String command, Bytes payload) {
        Check.argument(command.length() <= Message.COMMAND_BYTES, "command longer than 12 bytes");
        Check.argument(payload.length() <= V1Transport.MAX_SENT_BYTES, "payload too long");
        waiting.add(new Waiting(command, payload, false));
        queuedBytes += payload.length();
    }

    /// Queues a packet that the other side must ignore, to hide how long messages are and when they are sent.
    /// Before the key exchange is complete it goes between the garbage and the version packet.
    ///
    /// @param contents anything, at most [#MAX_CONTENTS_BYTES]
    public void sendDecoy(Bytes contents) {
        Check.argument(contents.length() <= MAX_CONTENTS_BYTES, "decoy too long");
        if (cipher == null) {
            earlyDecoys.add(contents);
        } else {
            waiting.add(new Waiting("", contents, true));
            queuedBytes += contents.length();
        }
    }

    @Override
    public Optional<Outgoing> nextToSend() {
        Outgoing first = handshake.poll();
        if (first != null) {
            if (handshakeBytesSent == 0) {
                events.add(new TransportEvent.Note("start sending v2 handshake to peer=" + peer));
            }
            handshakeBytesSent += first.bytes().length();
            return Optional.of(first);
        }
        Bip324Cipher agreed = cipher;
        if (agreed == null || waiting.isEmpty()) {
            return Optional.empty();
        }
        Waiting packet = waiting.remove();
        queuedBytes -= packet.payload().length();
        int commandBytes = packet.decoy() ? 0 : V2Commands.commandBytes(packet.command());
        Bytes payload = packet.payload();
        var bytes = new byte[Bip324Cipher.EXPANSION_BYTES + commandBytes + payload.length()];
        if (!packet.decoy()) {
            V2Commands.put(packet.command(), bytes, Bip324Cipher.CONTENTS_AT);
        }
        payload.copyTo(bytes, Bip324Cipher.CONTENTS_AT + commandBytes);
        agreed.seal(bytes, NO_BYTES, packet.decoy());
        return Optional.of(new Outgoing(packet.command(), Bytes.wrap(bytes)));
    }

    @Override
    public long queuedBytes() {
        return queuedBytes;
    }

    @Override
    public Protocol protocol() {
        return receiving == Receiving.PACKETS ? Protocol.V2 : Protocol.DETECTING;
    }

    @Override
    public Optional<Bytes> sessionId() {
        Bip324Cipher agreed = cipher;
        return agreed != null && receiving == Receiving.PACKETS
                ? Optional.of(agreed.sessionId())
                : Optional.empty();
    }

    @Override
    public boolean shouldReconnectV1() {
        return initiator
                && receiving == Receiving.KEY
                && bufferBytes == 0
                && handshakeBytesSent >= V1Transport.HEADER_BYTES;
    }

    /// Overwrites all keys with zeros; nothing can be received or sent afterwards.
    @Override
    public void close() {
        receiving = Receiving.NOTHING;
        Arrays.fill(secret, (byte) 0);
        Bip324Cipher agreed = cipher;
        if (agreed != null) {
            agreed.close();
        }
        cipher = null;
        clearBuffer();
        handshake.clear();
        waiting.clear();
        queuedBytes = 0;
    }
}
