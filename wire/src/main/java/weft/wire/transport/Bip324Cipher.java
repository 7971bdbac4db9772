package weft.wire.transport;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import weft.crypto.FsChaCha20;
import weft.crypto.FsChaCha20Poly1305;
import weft.crypto.HkdfSha256;
import weft.crypto.Secp256k1;
import weft.primitives.Bytes;
import weft.primitives.Check;

/// The keys that two sides agreed on, and the packets they make. See BIP-0324.
///
/// A packet is three encrypted bytes of length, and then, authenticated: a byte of flags, the contents, a
/// tag. Lengths and contents have keys of their own in each direction, each replaced after 224 packets.
public final class Bip324Cipher {
    static final int LENGTH_BYTES = 3;
    static final int HEADER_BYTES = 1;
    static final int TAG_BYTES = 16;
    static final int TERMINATOR_BYTES = 16;

    /// Where the contents begin in a packet.
    static final int CONTENTS_AT = LENGTH_BYTES + HEADER_BYTES;

    /// What a packet is longer than its contents.
    static final int EXPANSION_BYTES = LENGTH_BYTES + HEADER_BYTES + TAG_BYTES;

    /// Packets under one key.
    static final int REKEY_PACKETS = 224;

    private static final int IGNORE_BIT = 0x80;

    private final FsChaCha20 sendLengths;
    private final FsChaCha20Poly1305 sendPackets;
    private final FsChaCha20 receiveLengths;
    private final FsChaCha20Poly1305 receivePackets;
    private final byte[] sendTerminator;
    private final byte[] receiveTerminator;
    private final Bytes sessionId;
    private boolean closed;

    /// What a packet had inside.
    ///
    /// @param ignored whether it is a decoy
    /// @param contents without the flags
    record Opened(boolean ignored, Bytes contents) {}

    private Bip324Cipher(HkdfSha256 keys, boolean initiator) {
        String ours = initiator ? "initiator" : "responder";
        String theirs = initiator ? "responder" : "initiator";
        sendLengths = lengths(keys, ours + "_L");
        sendPackets = packets(keys, ours + "_P");
        receiveLengths = lengths(keys, theirs + "_L");
        receivePackets = packets(keys, theirs + "_P");
        byte[] terminators = derived(keys, "garbage_terminators");
        byte[] first = Arrays.copyOf(terminators, TERMINATOR_BYTES);
        byte[] second = Arrays.copyOfRange(terminators, TERMINATOR_BYTES, 2 * TERMINATOR_BYTES);
        sendTerminator = initiator ? first : second;
        receiveTerminator = initiator ? second : first;
        sessionId = Bytes.wrap(derived(keys, "session_id"));
    }

    /// Makes the keys of both directions.
    ///
    /// @param secret 32 bytes; the caller destroys them
    /// @param ourKey 64 bytes, made of the secret
    /// @param theirKey 64 bytes, as they came
    public static Bip324Cipher agree(
            Bytes magic, byte[] secret, byte[] ourKey, byte[] theirKey, boolean initiator) {
        byte[] shared = Secp256k1.get().ellswiftXdhBip324(ourKey, theirKey, secret, initiator);
        Bytes salt =
                Bytes.wrap("bitcoin_v2_shared_secret".getBytes(StandardCharsets.US_ASCII))
                        .plus(magic);
        var keys = HkdfSha256.extract(salt.toByteArray(), shared);
        Arrays.fill(shared, (byte) 0);
        var cipher = new Bip324Cipher(keys, initiator);
        keys.destroy();
        return cipher;
    }

    private static byte[] derived(HkdfSha256 keys, String name) {
        return keys.expand(name.getBytes(StandardCharsets.US_ASCII));
    }

    private static FsChaCha20 lengths(HkdfSha256 keys, String name) {
        byte[] key = derived(keys, name);
        var cipher = new FsChaCha20(key, REKEY_PACKETS);
        Arrays.fill(key, (byte) 0);
        return cipher;
    }

    private static FsChaCha20Poly1305 packets(HkdfSha256 keys, String name) {
        byte[] key = derived(keys, name);
        var cipher = new FsChaCha20Poly1305(key, REKEY_PACKETS);
        Arrays.fill(key, (byte) 0);
        return cipher;
    }

    /// 16 bytes that end our garbage.
    public byte[] sendTerminator() {
        return sendTerminator;
    }

    /// 16 bytes that end their garbage.
    public byte[] receiveTerminator() {
        return receiveTerminator;
    }

    /// 32 bytes that are the same on both sides.
    public Bytes sessionId() {
        return sessionId;
    }

    /// A whole packet.
    ///
    /// @param aad authenticated with it and not sent
    /// @param ignored whether it is a decoy
    public byte[] encrypt(byte[] contents, byte[] aad, boolean ignored) {
        byte[] packet = new byte[EXPANSION_BYTES + contents.length];
        System.arraycopy(contents, 0, packet, CONTENTS_AT, contents.length);
        seal(packet, aad, ignored);
        return packet;
    }

    /// Makes a packet of contents that are in their place already, at [#CONTENTS_AT], with room for the tag
    /// behind them: long messages are not copied.
    void seal(byte[] packet, byte[] aad, boolean ignored) {
        Check.state(!closed, "no packets after the keys are destroyed");
        int length = packet.length - EXPANSION_BYTES;
        packet[0] = (byte) length;
        packet[1] = (byte) (length >>> 8);
        packet[2] = (byte) (length >>> 16);
        sendLengths.crypt(packet, 0, LENGTH_BYTES);
        packet[LENGTH_BYTES] = (byte) (ignored ? IGNORE_BIT : 0);
        sendPackets.encryptInPlace(packet, LENGTH_BYTES, HEADER_BYTES + length, aad);
    }

    /// The length of the contents of the packet that starts with these three bytes.
    int decryptLength(byte[] three) {
        Check.state(!closed, "no packets after the keys are destroyed");
        byte[] length = three.clone();
        receiveLengths.crypt(length, 0, LENGTH_BYTES);
        return (length[0] & 0xff) | ((length[1] & 0xff) << 8) | ((length[2] & 0xff) << 16);
    }

    /// A packet whose length is known, opened where it is; empty if anybody changed it on the way.
    ///
    /// @param packet from its length on; the contents stay in this array, which must not be used again
    Optional<Opened> open(byte[] packet, int packetBytes, byte[] aad) {
        Check.state(!closed, "no packets after the keys are destroyed");
        int length = packetBytes - EXPANSION_BYTES;
        if (!receivePackets.decryptInPlace(packet, LENGTH_BYTES, HEADER_BYTES + length, aad)) {
            return Optional.empty();
        }
        boolean ignored = (packet[LENGTH_BYTES] & IGNORE_BIT) != 0;
        return Optional.of(new Opened(ignored, Bytes.wrap(packet, CONTENTS_AT, length)));
    }

    /// Overwrites the keys.
    public void close() {
        closed = true;
        sendLengths.destroy();
        sendPackets.destroy();
        receiveLengths.destroy();
        receivePackets.destroy();
        Arrays.fill(sendTerminator, (byte) 0);
        Arrays.fill(receiveTerminator, (byte) 0);
    }
}
