package weft.crypto;

import java.util.Arrays;

/// ChaCha20 that changes its key after a number of uses, so that a stolen key opens nothing older. See BIP-0324.
/// Not safe for use by two threads.
public final class FsChaCha20 {
    private final ChaCha20 cipher;
    private final int rekeyInterval;
    private int uses;
    private long rekeys;

    /// @param key 32 bytes, copied
    /// @param rekeyInterval uses of one key
    public FsChaCha20(byte[] key, int rekeyInterval) {
        cipher = new ChaCha20(key);
        this.rekeyInterval = rekeyInterval;
    }

    /// Encrypts or decrypts the next chunk.
    ///
    /// @return a new array
    public byte[] crypt(byte[] chunk) {
        byte[] output = cipher.crypt(chunk);
        if (++uses == rekeyInterval) {
            byte[] next = cipher.keystream(ChaCha20.KEY_BYTES);
            cipher.setKey(next);
            Arrays.fill(next, (byte) 0);
            cipher.seek(0, ++rekeys, 0);
            uses = 0;
        }
        return output;
    }

    /// Overwrites the key.
    public void destroy() {
        cipher.destroy();
    }
}
