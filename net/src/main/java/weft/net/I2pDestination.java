package weft.net;

import java.io.IOException;
import java.util.Arrays;
import java.util.Base64;
import weft.crypto.Sha256;
import weft.primitives.Bytes;
import weft.wire.NetAddress;
import weft.wire.NetworkId;

/// Destinations of I2P: what an address of it is the hash of.
final class I2pDestination {
    /// Bytes before the certificate: two keys, and the certificate's type and length.
    private static final int BASE_BYTES = 387;

    private static final int CERTIFICATE_LENGTH_AT = 385;

    /// The only port that SAM 3.1 knows.
    static final int PORT = 0;

    private I2pDestination() {}

    /// Base64 as I2P writes it, with `-` and `~`, as bytes.
    ///
    /// @throws IOException if it is none
    static byte[] decode(String base64) throws IOException {
        try {
            return Base64.getDecoder().decode(base64.replace('-', '+').replace('~', '/'));
        } catch (IllegalArgumentException e) {
            throw new IOException("Cannot decode Base64: \"" + base64 + "\"", e);
        }
    }

    /// Base64 as I2P writes it.
    static String encode(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes).replace('+', '-').replace('/', '~');
    }

    /// The destination at the front of a private key.
    ///
    /// @throws IOException if the key is cut short
    static byte[] ofPrivateKey(byte[] key) throws IOException {
        if (key.length < CERTIFICATE_LENGTH_AT + 2) {
            throw new IOException(
                    "The private key is too short ("
                            + key.length
                            + " < "
                            + (CERTIFICATE_LENGTH_AT + 2)
                            + ")");
        }
        int certificate =
                ((key[CERTIFICATE_LENGTH_AT] & 0xff) << 8)
                        | (key[CERTIFICATE_LENGTH_AT + 1] & 0xff);
        if (BASE_BYTES + certificate > key.length) {
            throw new IOException(
                    "Certificate length ("
                            + certificate
                            + ") designates that the private key should be "
                            + (BASE_BYTES + certificate)
                            + " bytes, but it is only "
                            + key.length
                            + " bytes");
        }
        return Arrays.copyOf(key, BASE_BYTES + certificate);
    }

    /// The `.b32.i2p` address of a destination.
    static NetAddress address(byte[] destination) {
        return new NetAddress(NetworkId.I2P, Bytes.wrap(Sha256.hash(destination)), PORT);
    }
}
