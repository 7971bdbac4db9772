package weft.crypto;

import java.util.Arrays;

/// The length cipher of BIP-0324: ChaCha20 that takes a new key from its own keystream after every so many
/// chunks, so that a key found later opens nothing sent before. Not safe for use by two threads.
public final class FsChaCha20 {
    /// Length of a key in bytes.
    public static final int KEY_BYTES = ChaCha20.KEY_BYTES;

    /// Chunks with one key in BIP-0324.
    public static final int REKEY_INTERVAL_CHUNKS = 224;

    private final ChaCha20 cipher;
    private final int intervalChunks;
    private int chunks;
    private long rekeys;

    /// A cipher that changes its key as BIP-0324 says.
    ///
    /// @param key 32 bytes
    public FsChaCha20(byte[] key) {
        this(key, REKEY_INTERVAL_CHUNKS);
    }

    /// A cipher that changes its key after another number of chunks.
    ///
    /// @param key 32 bytes
    /// @param intervalChunks 1 or more
    public FsChaCha20(byte[] key, int intervalChunks) {
        if (intervalChunks < 1) {
            throw new IllegalArgumentException("no interval: " + intervalChunks);
        }
        cipher = new ChaCha20(key);
        this.intervalChunks = intervalChunks;
    }

    /// Overwrites the key; the cipher must not be used any more.
    public void destroy() {
        cipher.destroy();
    }

    /// Encrypts or decrypts one chunk in place.
    public void crypt(byte[] data, int offset, int length) {
        cipher.crypt(data, offset, length);
        chunks++;
        if (chunks == intervalChunks) {
            byte[] next = cipher.keystream(KEY_BYTES);
            cipher.setKey(next);
            Arrays.fill(next, (byte) 0);
            rekeys++;
            cipher.seek(0, rekeys, 0);
            chunks = 0;
        }
    }
}
