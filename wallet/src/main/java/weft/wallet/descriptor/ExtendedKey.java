package weft.wallet.descriptor;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import weft.crypto.HmacSha512;
import weft.crypto.Secp256k1;
import weft.primitives.Bytes;
import weft.primitives.Check;
import weft.primitives.address.AddressPrefixes;
import weft.primitives.address.Base58;
import weft.primitives.address.PrivateKey;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;
import weft.wallet.sign.KeyOrigin;
import weft.wallet.sign.SigningProvider;

/// A key that others grow from, with or without its secret. See BIP-0032. Immutable.
public final class ExtendedKey {
    private static final int BYTES = 78;
    private static final int FINGERPRINT_BYTES = 4;
    private static final int DEPTH_MAX = 255;
    private static final byte[] SEED_KEY =
            "Bitcoin seed".getBytes(java.nio.charset.StandardCharsets.US_ASCII);

    private final Place place;
    private final Bytes chainCode;
    private final Bytes publicKey;
    private final @Nullable Bytes secret;

    /// Where in the tree a key is.
    ///
    /// @param depth 0 for a master key
    /// @param parent fingerprint of the key above
    /// @param number of the last step
    private record Place(int depth, Bytes parent, int number) {
        static final Place MASTER = new Place(0, Bytes.wrap(new byte[FINGERPRINT_BYTES]), 0);

        boolean isPossible() {
            return depth > 0 || equals(MASTER);
        }
    }

    private ExtendedKey(Place place, Bytes chainCode, Bytes publicKey, @Nullable Bytes secret) {
        this.place = place;
        this.chainCode = chainCode;
        this.publicKey = publicKey;
        this.secret = secret;
    }

    /// The master key of a seed.
    ///
    /// @return empty for the one seed in 2¹²⁷ that has none
    public static Optional<ExtendedKey> ofSeed(byte[] seed) {
        Bytes both = Bytes.wrap(HmacSha512.hash(SEED_KEY, seed));
        return ofSecret(Place.MASTER, both.from(32), both.slice(0, 32));
    }

    private static Optional<ExtendedKey> ofSecret(Place place, Bytes chainCode, Bytes secret) {
        byte[] bytes = secret.toByteArray();
        return Secp256k1.get().isValidSecretKey(bytes)
                ? Optional.of(
                        new ExtendedKey(
                                place,
                                chainCode,
                                Bytes.wrap(Secp256k1.get().publicKey(bytes, true)),
                                secret))
                : Optional.empty();
    }

    /// Reads the text of either form.
    ///
    /// @return empty if it is none of this network, or no key
    public static Optional<ExtendedKey> parse(String text, AddressPrefixes prefixes) {
        Bytes all = Base58.decodeChecked(text, BYTES).map(Bytes::wrap).orElse(Bytes.EMPTY);
        boolean isSecret = all.startsWith(prefixes.extSecret());
        if (all.length() != BYTES || (!isSecret && !all.startsWith(prefixes.extPublic()))) {
            return Optional.empty();
        }
        ByteReader in = ByteReader.of(all.from(4).toByteArray());
        int depth = in.u8();
        Bytes parent = in.slice(FINGERPRINT_BYTES);
        int number = Integer.reverseBytes(in.i32());
        var place = new Place(depth, parent, number);
        Bytes chainCode = in.slice(32);
        Bytes key = in.rest();
        if (!place.isPossible()) {
            return Optional.empty();
        }
        if (isSecret) {
            return key.at(0) == 0 ? ofSecret(place, chainCode, key.from(1)) : Optional.empty();
        }
        return Secp256k1.get().isValidPublicKey(key.toByteArray())
                ? Optional.of(new ExtendedKey(place, chainCode, key, null))
                : Optional.empty();
    }

    /// The text: with the secret if it has one.
    public String encode(AddressPrefixes prefixes) {
        Bytes key = secret;
        var out = new ByteWriter(BYTES);
        out.bytes(key == null ? prefixes.extPublic() : prefixes.extSecret());
        out.u8(place.depth).bytes(place.parent).i32(Integer.reverseBytes(place.number));
        out.bytes(chainCode);
        if (key == null) {
            out.bytes(publicKey);
        } else {
            out.u8(0).bytes(key);
        }
        return Base58.encodeChecked(out.toByteArray());
    }

    /// The public key, compressed.
    public Bytes publicKey() {
        return publicKey;
    }

    /// The chain code, 32 bytes.
    public Bytes chainCode() {
        return chainCode;
    }

    /// Steps from the master key.
    public int depth() {
        return place.depth;
    }

    /// First four bytes of the hash of the key above.
    public Bytes parentFingerprint() {
        return place.parent;
    }

    /// Number of the last step; the highest bit set if it was hardened.
    public int number() {
        return place.number;
    }

    /// Whether the secret is known.
    public boolean hasSecret() {
        return secret != null;
    }

    /// The private key.
    public Optional<PrivateKey> privateKey() {
        return Optional.ofNullable(secret).map(each -> PrivateKey.of(each, true));
    }

    /// First four bytes of the hash of the public key.
    public Bytes fingerprint() {
        return SigningProvider.id(publicKey).slice(0, FINGERPRINT_BYTES);
    }

    /// The same without its secret.
    public ExtendedKey neutered() {
        return new ExtendedKey(place, chainCode, publicKey, null);
    }

    /// The same place with a secret.
    ///
    /// @param key of this public key
    ExtendedKey withSecret(PrivateKey key) {
        return new ExtendedKey(place, chainCode, publicKey, key.secret());
    }

    /// The key of a step.
    ///
    /// @param step the highest bit set for a hardened one, which needs the secret
    /// @return empty at the greatest depth, for a hardened step without secret, and for the one in
    ///     2¹²⁷ that does not exist
    public Optional<ExtendedKey> child(int step) {
        boolean isHardened = (step & KeyOrigin.HARDENED) != 0;
        Bytes key = secret;
        if (place.depth == DEPTH_MAX || (isHardened && key == null)) {
            return Optional.empty();
        }
        var out = new ByteWriter(37);
        if (isHardened) {
            out.u8(0).bytes(Check.present(key, "hardened steps have the secret"));
        } else {
            out.bytes(publicKey);
        }
        out.i32(Integer.reverseBytes(step));
        Bytes both = Bytes.wrap(HmacSha512.hash(chainCode.toByteArray(), out.toByteArray()));
        byte[] tweak = both.slice(0, 32).toByteArray();
        var next = new Place(place.depth + 1, fingerprint(), step);
        if (key != null) {
            return Secp256k1.get()
                    .secretKeyTweakAdd(key.toByteArray(), tweak)
                    .flatMap(sum -> ofSecret(next, both.from(32), Bytes.wrap(sum)));
        }
        return Secp256k1.get()
                .publicKeyTweakAdd(publicKey.toByteArray(), tweak)
                .map(sum -> new ExtendedKey(next, both.from(32), Bytes.wrap(sum), null));
    }

    /// Shows nothing of the secret.
    @Override
    public String toString() {
        return "ExtendedKey[" + publicKey.toHex() + "]";
    }
}
