package weft.crypto;

/// HMAC with SHA-256 (RFC 2104), by the JDK.
public final class HmacSha256 {
    /// Length of a code in bytes.
    public static final int BYTES = 32;

    private HmacSha256() {}

    /// The code of the parts, one after the other.
    ///
    /// @param key any length
    /// @return 32 bytes
    public static byte[] hash(byte[] key, byte[]... parts) {
        return Hmac.hash("HmacSHA256", key, parts);
    }
}
