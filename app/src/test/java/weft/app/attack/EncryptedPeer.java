package weft.app.attack;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import weft.crypto.Secp256k1;
import weft.primitives.Check;
import weft.wire.transport.Bip324Cipher;
import weft.wire.transport.V2Transport;

/// A peer that speaks the encrypted transport and can put anything into its packets. What comes is read by
/// a transport of the product; what goes is sealed here, with the same keys.
final class EncryptedPeer extends WirePeer {
    private static final int SECRET_BYTES = 32;
    private static final byte[] NOTHING = {};

    private final byte[] secret;
    private final byte[] key;
    private byte[] heard = NOTHING;
    private @Nullable Bip324Cipher cipher;

    private EncryptedPeer(int port, byte[] secret) throws IOException {
        super(port, V2Transport.initiator(0, REGTEST, into -> fill(into, secret)));
        this.secret = secret;
        this.key = Secp256k1.get().ellswiftCreate(secret, secret);
    }

    /// The same bytes whoever asks, and no garbage.
    private static void fill(byte[] into, byte[] secret) {
        if (into.length == SECRET_BYTES) {
            System.arraycopy(secret, 0, into, 0, SECRET_BYTES);
        }
    }

    /// Connects and sends nothing yet.
    static EncryptedPeer dial(int port) throws IOException {
        byte[] secret = new byte[SECRET_BYTES];
        long seed = System.nanoTime();
        for (int i = 0; i < SECRET_BYTES; i++) {
            secret[i] = (byte) ((seed >>> (i % 8)) + i);
        }
        secret[0] = 1;
        return new EncryptedPeer(port, secret);
    }

    /// Sends the key, and then garbage without end or with it.
    void sendKey(byte[] garbage) throws IOException {
        byte[] first = Arrays.copyOf(key, key.length + garbage.length);
        System.arraycopy(garbage, 0, first, key.length, garbage.length);
        sendBytes(first);
    }

    /// Agrees on keys.
    EncryptedPeer agree(byte[] garbage) throws IOException {
        sendKey(garbage);
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (heard.length < V2Transport.KEY_BYTES) {
            if (!read(deadline)) {
                throw new AssertionError("no key came");
            }
        }
        byte[] theirs = Arrays.copyOf(heard, V2Transport.KEY_BYTES);
        Bip324Cipher agreed = Bip324Cipher.agree(REGTEST, secret.clone(), key, theirs, true);
        cipher = agreed;
        sendBytes(agreed.sendTerminator());
        sendBytes(agreed.encrypt(NOTHING, garbage, false));
        return this;
    }

    /// Sends a packet.
    ///
    /// @param decoy whether the node must not look at it
    synchronized void sendPacket(byte[] contents, boolean decoy) throws IOException {
        sendBytes(Check.present(cipher, "keys are agreed on").encrypt(contents, NOTHING, decoy));
    }

    /// The next packet, not sent yet; nothing else may be sent before it.
    byte[] sealed(byte[] contents) {
        return Check.present(cipher, "keys are agreed on").encrypt(contents, NOTHING, false);
    }

    @Override
    void send(String command, byte[] payload) throws IOException {
        byte[] contents = new byte[13 + payload.length];
        byte[] name = command.getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(name, 0, contents, 1, name.length);
        System.arraycopy(payload, 0, contents, 13, payload.length);
        sendPacket(contents, false);
    }

    @Override
    void came(byte[] bytes) {
        if (heard.length < V2Transport.KEY_BYTES) {
            int before = heard.length;
            heard = Arrays.copyOf(heard, before + bytes.length);
            System.arraycopy(bytes, 0, heard, before, bytes.length);
        }
    }
}
