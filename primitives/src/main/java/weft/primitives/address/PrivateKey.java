package weft.primitives.address;

import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import weft.crypto.Secp256k1;
import weft.primitives.Bytes;
import weft.primitives.Check;

/// A secret key and the form of its public key, as wallet import format holds them.
public final class PrivateKey {
    private static final int SECRET_BYTES = 32;
    private static final int TEXT_BYTES_MAX = 34;

    private final Bytes secret;
    private final boolean compressed;

    private PrivateKey(Bytes secret, boolean compressed) {
        this.secret = secret;
        this.compressed = compressed;
    }

    /// Takes a secret key.
    ///
    /// @param secret 32 bytes, not zero and below the group order
    /// @param compressed whether its public key is written in 33 bytes
    public static PrivateKey of(Bytes secret, boolean compressed) {
        Check.argument(Secp256k1.get().isValidSecretKey(secret.toByteArray()), "not a secret key");
        return new PrivateKey(secret, compressed);
    }

    /// Reads wallet import format.
    ///
    /// @return empty if the text is none, of another network, or holds no key of the curve
    public static Optional<PrivateKey> parse(String text, AddressPrefixes prefixes) {
        return Base58.decodeChecked(text, TEXT_BYTES_MAX)
                .flatMap(all -> ofChecked(all, prefixes.secretKey()));
    }

    private static Optional<PrivateKey> ofChecked(byte[] all, int prefix) {
        boolean compressed = all.length == TEXT_BYTES_MAX && all[TEXT_BYTES_MAX - 1] == 1;
        if ((all.length != 1 + SECRET_BYTES && !compressed) || (all[0] & 0xff) != prefix) {
            return Optional.empty();
        }
        byte[] secret = Arrays.copyOfRange(all, 1, 1 + SECRET_BYTES);
        Arrays.fill(all, (byte) 0);
        return Secp256k1.get().isValidSecretKey(secret)
                ? Optional.of(new PrivateKey(Bytes.wrap(secret), compressed))
                : Optional.empty();
    }

    /// Writes wallet import format.
    public String encode(AddressPrefixes prefixes) {
        byte[] all = new byte[compressed ? TEXT_BYTES_MAX : TEXT_BYTES_MAX - 1];
        all[0] = (byte) prefixes.secretKey();
        secret.copyTo(all, 1);
        if (compressed) {
            all[TEXT_BYTES_MAX - 1] = 1;
        }
        String text = Base58.encodeChecked(all);
        Arrays.fill(all, (byte) 0);
        return text;
    }

    /// The secret key, 32 bytes.
    public Bytes secret() {
        return secret;
    }

    /// Whether the public key is written in 33 bytes, else in 65.
    public boolean isCompressed() {
        return compressed;
    }

    /// The public key in the form that this key asks for.
    public Bytes publicKey() {
        return Bytes.wrap(Secp256k1.get().publicKey(secret.toByteArray(), compressed));
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof PrivateKey that
                && compressed == that.compressed
                && secret.equals(that.secret);
    }

    @Override
    public int hashCode() {
        return 31 * secret.hashCode() + Boolean.hashCode(compressed);
    }

    /// Shows nothing of the secret.
    @Override
    public String toString() {
        return "PrivateKey[…]";
    }
}
