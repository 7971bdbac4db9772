package weft.wire.transport;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.ChaCha20ParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/// A stream cipher whose key changes by itself: ChaCha20 (RFC 8439), where after so many chunks the next 32
/// bytes of key stream are the next key. See BIP-0324.
final class FsChaCha20 {
    private static final int KEY_BYTES = 32;
    private static final int NONCE_BYTES = 12;

    private final int chunksPerKey;
    private final byte[] key;
    private Cipher cipher;
    private long keysBefore;
    private int chunks;

    /// @param key 32 bytes, copied
    FsChaCha20(byte[] key, int chunksPerKey) {
        this.key = key.clone();
        this.chunksPerKey = chunksPerKey;
        this.cipher = stream();
    }

    private Cipher stream() {
        try {
            byte[] nonce = ByteBuffer.allocate(NONCE_BYTES)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putInt(0)
                    .putLong(keysBefore)
                    .array();
            Cipher fresh = Cipher.getInstance("ChaCha20");
            var start = new ChaCha20ParameterSpec(nonce, 0);
            fresh.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "ChaCha20"), start);
            return fresh;
        } catch (GeneralSecurityException e) {
            throw new AssertionError("every Java platform has ChaCha20", e);
        }
    }

    /// One chunk, either way.
    byte[] crypt(byte[] chunk) {
        byte[] result = cipher.update(chunk);
        chunks++;
        if (chunks == chunksPerKey) {
            byte[] next = cipher.update(new byte[KEY_BYTES]);
            System.arraycopy(next, 0, key, 0, KEY_BYTES);
            Arrays.fill(next, (byte) 0);
            chunks = 0;
            keysBefore++;
            cipher = stream();
        }
        return result;
    }

    /// Overwrites the key; what is encrypted afterwards is worthless.
    void destroy() {
        Arrays.fill(key, (byte) 0);
        cipher = stream();
    }
}
