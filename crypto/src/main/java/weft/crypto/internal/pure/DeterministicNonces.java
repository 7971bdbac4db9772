package weft.crypto.internal.pure;

import java.util.Arrays;
import weft.crypto.HmacSha256;

/// The nonces of RFC 6979 with SHA-256, with its additional bytes (3.6) where there are any.
final class DeterministicNonces {
    private static final byte[] ZERO = {0};
    private static final byte[] ONE = {1};

    private byte[] key = new byte[32];
    private byte[] value = new byte[32];
    private boolean used;

    /// @param digest modulo the group order
    /// @param extra more bytes that the nonces depend on; may be empty
    DeterministicNonces(byte[] secretKey, byte[] digest, byte[] extra) {
        Arrays.fill(value, (byte) 1);
        for (byte[] round : new byte[][] {ZERO, ONE}) {
            key = HmacSha256.hash(key, value, round, secretKey, digest, extra);
            value = HmacSha256.hash(key, value);
        }
    }

    /// The next candidate: 32 bytes that may be zero or too large.
    byte[] next() {
        if (used) {
            key = HmacSha256.hash(key, value, ZERO);
            value = HmacSha256.hash(key, value);
        }
        used = true;
        value = HmacSha256.hash(key, value);
        return value.clone();
    }

    /// Overwrites what the nonces come from.
    void clear() {
        Arrays.fill(key, (byte) 0);
        Arrays.fill(value, (byte) 0);
    }
}
