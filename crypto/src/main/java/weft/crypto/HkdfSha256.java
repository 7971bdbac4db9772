package weft.crypto;

import java.util.Arrays;

/// HKDF with SHA-256 (RFC 5869) and outputs of 32 bytes: the key schedule of BIP-0324.
public final class HkdfSha256 {
    /// Length of every output in bytes.
    public static final int BYTES = 32;

    private static final byte[] FIRST_BLOCK = {1};

    private final byte[] pseudorandomKey;

    private HkdfSha256(byte[] pseudorandomKey) {
        this.pseudorandomKey = pseudorandomKey;
    }

    /// Concentrates the secret in a key.
    ///
    /// @param salt any length, not secret
    /// @param secret the input key material
    public static HkdfSha256 extract(byte[] salt, byte[] secret) {
        return new HkdfSha256(HmacSha256.hash(salt, secret));
    }

    /// Overwrites the key; no more keys can be made.
    public void destroy() {
        Arrays.fill(pseudorandomKey, (byte) 0);
    }

    /// The key for one purpose.
    ///
    /// @param purpose names the purpose (RFC 5869: `info`)
    /// @return 32 bytes
    public byte[] expand(byte[] purpose) {
        return HmacSha256.hash(pseudorandomKey, purpose, FIRST_BLOCK);
    }
}
