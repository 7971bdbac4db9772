package weft.crypto;

/// HMAC-SHA-256 by the JDK.
public final class HmacSha256 {
    /// Length of a code in bytes.
    public static final int BYTES = 32;

    private HmacSha256() {}

    /// The code of data under a key, which must not be empty.
    ///
    /// @return 32 bytes
    public static byte[] hash(byte[] key, byte[] data) {
        return HmacSha512.mac("HmacSHA256", key, data);
    }
}
