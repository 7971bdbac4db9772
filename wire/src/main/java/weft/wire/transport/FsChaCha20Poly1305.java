package weft.wire.transport;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Optional;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/// Authenticated encryption whose key changes by itself: ChaCha20-Poly1305 (RFC 8439), where after so many
/// packets the key encrypts 32 zero bytes to make the next one. See BIP-0324.
final class FsChaCha20Poly1305 {
    private static final int KEY_BYTES = 32;
    private static final int NONCE_BYTES = 12;
    private static final int REKEY_COUNTER = 0xffff_ffff;
    private static final byte[] NO_BYTES = {};

    private final int packetsPerKey;
    private final byte[] key;
    private long keysBefore;
    private int packets;

    /// @param key 32 bytes, copied
    FsChaCha20Poly1305(byte[] key, int packetsPerKey) {
        this.key = key.clone();
        this.packetsPerKey = packetsPerKey;
    }

    private byte[] run(int mode, int counter, byte[] aad, byte[] input) throws GeneralSecurityException {
        byte[] nonce = ByteBuffer.allocate(NONCE_BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(counter)
                .putLong(keysBefore)
                .array();
        Cipher cipher = Cipher.getInstance("ChaCha20-Poly1305");
        cipher.init(mode, new SecretKeySpec(key, "ChaCha20"), new IvParameterSpec(nonce));
        cipher.updateAAD(aad);
        return cipher.doFinal(input);
    }

    private void countPacket() throws GeneralSecurityException {
        packets++;
        if (packets == packetsPerKey) {
            byte[] next = run(Cipher.ENCRYPT_MODE, REKEY_COUNTER, NO_BYTES, new byte[KEY_BYTES]);
            System.arraycopy(next, 0, key, 0, KEY_BYTES);
            Arrays.fill(next, (byte) 0);
            packets = 0;
            keysBefore++;
        }
    }

    /// The ciphertext and its tag of 16 bytes.
    byte[] encrypt(byte[] aad, byte[] plain) {
        try {
            byte[] sealed = run(Cipher.ENCRYPT_MODE, packets, aad, plain);
            countPacket();
            return sealed;
        } catch (GeneralSecurityException e) {
            throw new AssertionError("every Java platform has ChaCha20-Poly1305", e);
        }
    }

    /// The plain text; empty if the tag does not fit.
    ///
    /// @param sealed ciphertext and tag, at least 16 bytes
    Optional<byte[]> decrypt(byte[] aad, byte[] sealed) {
        try {
            byte[] plain = run(Cipher.DECRYPT_MODE, packets, aad, sealed);
            countPacket();
            return Optional.of(plain);
        } catch (AEADBadTagException e) {
            return Optional.empty();
        } catch (GeneralSecurityException e) {
            throw new AssertionError("every Java platform has ChaCha20-Poly1305", e);
        }
    }

    /// Overwrites the key; what is encrypted afterwards is worthless.
    void destroy() {
        Arrays.fill(key, (byte) 0);
    }
}
