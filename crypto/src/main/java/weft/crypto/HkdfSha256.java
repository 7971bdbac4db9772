package weft.crypto;

import java.util.Arrays;

/// HKDF-SHA-256 (RFC 5869) with outputs of 32 bytes, as BIP-0324 uses it.
public final class HkdfSha256 {
    private final byte[] pseudoRandomKey;

    /// Extracts a key.
    ///
    /// @param material the shared secret
    /// @param salt not empty
    public HkdfSha256(byte[] material, byte[] salt) {
        pseudoRandomKey = HmacSha256.hash(salt, material);
    }

    /// Derives a key.
    ///
    /// @param purpose tells the keys apart
    /// @return 32 bytes
    public byte[] expand(byte[] purpose) {
        byte[] input = Arrays.copyOf(purpose, purpose.length + 1);
        input[purpose.length] = 1;
        return HmacSha256.hash(pseudoRandomKey, input);
    }
}
