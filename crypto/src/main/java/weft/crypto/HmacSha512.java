package weft.crypto;

/// HMAC with SHA-512 (RFC 2104), by the JDK; key derivation of BIP-0032 and BIP-0039.
public final class HmacSha512 {
    /// Length of a code in bytes.
    public static final int BYTES = 64;

    private HmacSha512() {}

    /// The code of the parts, one after the other.
    ///
    /// @param key any length
    /// @return 64 bytes
    public static byte[] hash(byte[] key, byte[]... parts) {
        return Hmac.hash("HmacSHA512", key, parts);
    }
}
