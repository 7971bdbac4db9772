package weft.crypto;

import java.security.GeneralSecurityException;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// HMAC-SHA-512 by the JDK; the hash of BIP-0032.
public final class HmacSha512 {
    /// Length of a code in bytes.
    public static final int BYTES = 64;

    private HmacSha512() {}

    /// The code of data under a key, which must not be empty.
    ///
    /// @return 64 bytes
    public static byte[] hash(byte[] key, byte[] data) {
        return mac("HmacSHA512", key, data);
    }

    static byte[] mac(String algorithm, byte[] key, byte[] data) {
        try {
            Mac mac = Mac.getInstance(algorithm);
            mac.init(new SecretKeySpec(key, algorithm));
            return mac.doFinal(data);
        } catch (GeneralSecurityException e) {
            throw new AssertionError("every Java platform has " + algorithm, e);
        }
    }
}
