package weft.crypto;

/// RIPEMD-160 of SHA-256: what addresses hold of public keys and scripts.
public final class Hash160 {
    /// Length of a digest in bytes.
    public static final int BYTES = Ripemd160.BYTES;

    private Hash160() {}

    /// The digest of a whole array.
    ///
    /// @return 20 bytes
    public static byte[] hash(byte[] data) {
        return Ripemd160.hash(Sha256.hash(data));
    }

    /// The digest of a part of an array.
    ///
    /// @return 20 bytes
    public static byte[] hash(byte[] data, int offset, int length) {
        return Ripemd160.hash(Sha256.hash(data, offset, length));
    }
}
