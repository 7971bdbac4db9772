package weft.crypto;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// ChaCha20-Poly1305 that counts its nonce and changes its key after a number of uses, so that a stolen key opens
/// nothing older. See BIP-0324. Not safe for use by two threads.
public final class FsChaCha20Poly1305 {
    /// Length that encryption adds, in bytes.
    public static final int EXPANSION_BYTES = ChaCha20Poly1305.EXPANSION_BYTES;

    /// The nonce that is kept for making the next key.
    private static final int REKEY_NONCE = -1;

    private final ChaCha20Poly1305 cipher;
    private final int rekeyInterval;
    private int uses;
    private long rekeys;

    /// @param key 32 bytes, copied
    /// @param rekeyInterval uses of one key
    public FsChaCha20Poly1305(byte[] key, int rekeyInterval) {
        cipher = new ChaCha20Poly1305(key);
        this.rekeyInterval = rekeyInterval;
    }

    /// Encrypts the next packet.
    ///
    /// @param aad authenticated with the text and not part of the result
    public byte[] encrypt(byte[] aad, byte[] text) {
        byte[] sealed = cipher.encrypt(uses, rekeys, aad, text);
        used();
        return sealed;
    }

    /// Decrypts the next packet.
    ///
    /// @return null if anything was changed on the way
    public byte @Nullable [] decrypt(byte[] aad, byte[] sealed) {
        byte[] text = cipher.decrypt(uses, rekeys, aad, sealed);
        used();
        return text;
    }

    private void used() {
        if (++uses == rekeyInterval) {
            byte[] next = cipher.keystream(REKEY_NONCE, rekeys, ChaCha20.KEY_BYTES);
            cipher.setKey(next);
            Arrays.fill(next, (byte) 0);
            uses = 0;
            rekeys++;
        }
    }

    /// Overwrites the key.
    public void destroy() {
        cipher.destroy();
    }
}
