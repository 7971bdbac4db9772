package weft.crypto;

import java.security.MessageDigest;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Authenticated encryption with ChaCha20 and Poly1305 (RFC 8439). Not safe for use by two threads.
public final class ChaCha20Poly1305 {
    /// Length that encryption adds, in bytes.
    public static final int EXPANSION_BYTES = Poly1305.TAG_BYTES;

    private final ChaCha20 cipher;

    /// @param key 32 bytes, copied
    public ChaCha20Poly1305(byte[] key) {
        cipher = new ChaCha20(key);
    }

    /// Encrypts.
    ///
    /// @param nonceFirst first four bytes of the nonce, little-endian
    /// @param nonceLast last eight bytes of the nonce, little-endian; a nonce is used once under one key
    /// @param aad authenticated with the text and not part of the result
    /// @return 16 bytes longer than the text
    public byte[] encrypt(int nonceFirst, long nonceLast, byte[] aad, byte[] text) {
        byte[] sealed = new byte[text.length + EXPANSION_BYTES];
        Poly1305 authenticator = authenticator(nonceFirst, nonceLast);
        cipher.crypt(text, 0, sealed, 0, text.length);
        byte[] tag = tag(authenticator, aad, sealed, text.length);
        System.arraycopy(tag, 0, sealed, text.length, tag.length);
        return sealed;
    }

    /// Decrypts.
    ///
    /// @return 16 bytes shorter than what was given; null if anything was changed
    public byte @Nullable [] decrypt(int nonceFirst, long nonceLast, byte[] aad, byte[] sealed) {
        int length = sealed.length - EXPANSION_BYTES;
        if (length < 0) {
            return null;
        }
        Poly1305 authenticator = authenticator(nonceFirst, nonceLast);
        byte[] tag = tag(authenticator, aad, sealed, length);
        // Takes the same time wherever the first difference is.
        if (!MessageDigest.isEqual(tag, Arrays.copyOfRange(sealed, length, sealed.length))) {
            return null;
        }
        byte[] text = new byte[length];
        cipher.crypt(sealed, 0, text, 0, length);
        return text;
    }

    /// Bytes of the key stream under a nonce that is used for nothing else: a new key.
    byte[] keystream(int nonceFirst, long nonceLast, int length) {
        cipher.seek(nonceFirst, nonceLast, 1);
        return cipher.keystream(length);
    }

    void setKey(byte[] key) {
        cipher.setKey(key);
    }

    private Poly1305 authenticator(int nonceFirst, long nonceLast) {
        cipher.seek(nonceFirst, nonceLast, 0);
        byte[] block = cipher.keystream(64);
        var authenticator = new Poly1305(block);
        Arrays.fill(block, (byte) 0);
        return authenticator;
    }

    private static byte[] tag(Poly1305 authenticator, byte[] aad, byte[] sealed, int length) {
        authenticator.update(aad, 0, aad.length);
        authenticator.pad16();
        authenticator.update(sealed, 0, length);
        authenticator.pad16();
        byte[] lengths = new byte[16];
        for (int i = 0; i < 8; i++) {
            lengths[i] = (byte) ((long) aad.length >>> (8 * i));
            lengths[8 + i] = (byte) ((long) length >>> (8 * i));
        }
        authenticator.update(lengths, 0, lengths.length);
        return authenticator.finish();
    }

    /// Overwrites the key.
    public void destroy() {
        cipher.destroy();
    }
}
