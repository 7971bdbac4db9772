package weft.wire.transport;

import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// Keys of 32 bytes from one shared secret (RFC 5869 with SHA-256).
final class HkdfSha256 {
    private final byte[] extracted;

    /// @param secret what both sides know
    /// @param salt what makes the keys of one protocol differ from those of others
    HkdfSha256(byte[] secret, byte[] salt) {
        extracted = hmac(salt, secret);
    }

    private static byte[] hmac(byte[] key, byte[] message) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return mac.doFinal(message);
        } catch (GeneralSecurityException e) {
            throw new AssertionError("every Java platform has HmacSHA256", e);
        }
    }

    /// The 32-byte key of a name.
    byte[] expand(byte[] name) {
        byte[] message = Arrays.copyOf(name, name.length + 1);
        message[name.length] = 1;
        return hmac(extracted, message);
    }

    /// Overwrites what the keys are made of.
    void destroy() {
        Arrays.fill(extracted, (byte) 0);
    }
}
