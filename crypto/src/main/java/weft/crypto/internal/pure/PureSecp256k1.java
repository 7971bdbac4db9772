package weft.crypto.internal.pure;

import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import weft.crypto.EcdsaSignature;
import weft.crypto.Secp256k1;
import weft.crypto.Sha256;

/// [Secp256k1] in Java alone, for systems for which no libsecp256k1 comes along, and as its reference in
/// tests: every method gives the same bytes and refuses the same arguments.
///
/// Where a secret key or a nonce goes in, no branch, no array index and no number of rounds depends on it:
/// tables are read whole, choices are masks, inversions are powers with fixed exponents. That is what Java
/// code can do. The language promises nothing about time: the compilers may turn masks into branches, the
/// collector copies arrays, and copies of secrets stay on the heap until it reuses the place. Nor is there
/// blinding against who measures power. Whoever shares a machine with an attacker should sign with
/// libsecp256k1.
public final class PureSecp256k1 implements Secp256k1 {
    private static final int WORD_BYTES = 32;
    private static final byte[] NOTHING = new byte[0];

    private final String name;

    /// An implementation; all are alike and keep nothing but their name.
    ///
    /// @param name what [#name] tells
    public PureSecp256k1(String name) {
        this.name = name;
    }

    @Override
    public String name() {
        return name;
    }

    private static void length(byte[] ours, int wanted, String what) {
        if (ours.length != wanted) {
            throw new IllegalArgumentException(
                    wanted + " bytes wanted for " + what + ": " + ours.length);
        }
    }

    private static boolean isScalar(byte[] bytes) {
        return Scalar.isBelowOrder(bytes, 0);
    }

    /// The number of a secret key.
    private static Scalar secret(byte[] secretKey) {
        length(secretKey, SECRET_KEY_BYTES, "a secret key");
        Scalar secret = Scalar.of(secretKey, 0);
        if (!isScalar(secretKey) || secret.isZero()) {
            throw new IllegalArgumentException(
                    "not a secret key: zero or not below the group order");
        }
        return secret;
    }

    private static Optional<byte[]> bytes(@Nullable AffinePoint point, boolean compressed) {
        return Optional.ofNullable(point).map(found -> found.toBytes(compressed));
    }

    @Override
    public boolean isValidPublicKey(byte[] publicKey) {
        return PointBytes.read(publicKey) != null;
    }

    @Override
    public boolean isValidXOnly(byte[] xOnly) {
        return PointBytes.readXOnly(xOnly) != null;
    }

    @Override
    public boolean isValidSecretKey(byte[] secretKey) {
        return secretKey.length == SECRET_KEY_BYTES
                && isScalar(secretKey)
                && !Scalar.of(secretKey, 0).isZero();
    }

    @Override
    public byte[] publicKey(byte[] secretKey, boolean compressed) {
        return GeneratorComb.product(secret(secretKey)).toAffine().toBytes(compressed);
    }

    @Override
    public Optional<byte[]> convertPublicKey(byte[] publicKey, boolean compressed) {
        return bytes(PointBytes.read(publicKey), compressed);
    }

    @Override
    public byte[] xOnlyPublicKey(byte[] secretKey) {
        return GeneratorComb.product(secret(secretKey)).toAffine().xBytes();
    }

    @Override
    public Optional<byte[]> secretKeyTweakAdd(byte[] secretKey, byte[] tweak) {
        Scalar secret = secret(secretKey);
        length(tweak, WORD_BYTES, "a tweak");
        return tweaked(secret, tweak);
    }

    private static Optional<byte[]> tweaked(Scalar secret, byte[] tweak) {
        Scalar sum = secret.plus(Scalar.of(tweak, 0));
        return isScalar(tweak) && !sum.isZero() ? Optional.of(sum.toBytes()) : Optional.empty();
    }

    @Override
    public Optional<byte[]> publicKeyTweakAdd(byte[] publicKey, byte[] tweak) {
        length(tweak, WORD_BYTES, "a number");
        return bytes(tweaked(PointBytes.read(publicKey), tweak), true);
    }

    /// `point + tweak · G`; null if there is no point, the tweak is too large or the sum is infinity.
    private static @Nullable AffinePoint tweaked(@Nullable AffinePoint point, byte[] tweak) {
        if (point == null || !isScalar(tweak)) {
            return null;
        }
        JacobianPoint sum = DoubleMultiplication.of(Scalar.of(tweak, 0));
        sum.add(point.x(), point.y());
        return sum.toAffine();
    }

    @Override
    public Optional<byte[]> publicKeyMultiply(byte[] publicKey, byte[] factor) {
        length(factor, WORD_BYTES, "a number");
        AffinePoint point = PointBytes.read(publicKey);
        Scalar number = Scalar.of(factor, 0);
        if (point == null || !isScalar(factor) || number.isZero()) {
            return Optional.empty();
        }
        return bytes(SecretPoint.product(point, number).toAffine(), true);
    }

    @Override
    public Optional<byte[]> publicKeySum(byte[]... publicKeys) {
        var sum = new JacobianPoint();
        for (byte[] publicKey : publicKeys) {
            AffinePoint point = PointBytes.read(publicKey);
            if (point == null) {
                return Optional.empty();
            }
            sum.add(point.x(), point.y());
        }
        return bytes(sum.toAffine(), true);
    }

    @Override
    public boolean ecdsaVerify(byte[] laxDerSignature, byte[] digest32, byte[] publicKey) {
        length(digest32, WORD_BYTES, "a digest");
        Optional<byte[]> compact = EcdsaSignature.parseLax(laxDerSignature);
        if (compact.isEmpty()) {
            return false;
        }
        AffinePoint key = PointBytes.read(publicKey);
        return key != null && Ecdsa.verify(compact.get(), digest32, key);
    }

    @Override
    public byte[] ecdsaSign(byte[] digest32, byte[] secretKey) {
        return sign(digest32, secretKey, true);
    }

    @Override
    public byte[] ecdsaSignFirstNonce(byte[] digest32, byte[] secretKey) {
        return sign(digest32, secretKey, false);
    }

    private static byte[] sign(byte[] digest32, byte[] secretKey, boolean lowR) {
        length(digest32, WORD_BYTES, "a digest");
        secret(secretKey);
        byte[] extra = NOTHING;
        for (int tried = 1; ; tried++) {
            byte[] recoverable = Ecdsa.sign(digest32, secretKey, extra);
            byte[] compact = Arrays.copyOfRange(recoverable, 1, recoverable.length);
            if (!lowR || compact[0] >= 0) {
                return EcdsaSignature.toDer(compact);
            }
            // The number of the try, lowest byte first.
            extra = new byte[WORD_BYTES];
            for (int i = 0; i < Integer.BYTES; i++) {
                extra[i] = (byte) (tried >> (8 * i));
            }
        }
    }

    @Override
    public byte[] ecdsaSignRecoverable(byte[] digest32, byte[] secretKey) {
        length(digest32, WORD_BYTES, "a digest");
        secret(secretKey);
        return Ecdsa.sign(digest32, secretKey, NOTHING);
    }

    @Override
    public Optional<byte[]> ecdsaRecover(byte[] signature, byte[] digest32, boolean compressed) {
        length(digest32, WORD_BYTES, "a digest");
        if (signature.length != 1 + SIGNATURE_BYTES || signature[0] < 0 || signature[0] > 3) {
            return Optional.empty();
        }
        byte[] compact = Arrays.copyOfRange(signature, 1, signature.length);
        return bytes(Ecdsa.recover(compact, signature[0], digest32), compressed);
    }

    @Override
    public Optional<byte[]> ecdh(byte[] publicKey, byte[] secretKey) {
        Scalar secret = secret(secretKey);
        AffinePoint point = PointBytes.read(publicKey);
        if (point == null) {
            return Optional.empty();
        }
        byte[] shared = SecretPoint.product(point, secret).toAffine().toBytes(true);
        return Optional.of(Sha256.hash(shared));
    }

    @Override
    public boolean schnorrVerify(byte[] signature, byte[] message, byte[] xOnly) {
        if (signature.length != SIGNATURE_BYTES) {
            return false;
        }
        AffinePoint key = PointBytes.readXOnly(xOnly);
        return key != null && Schnorr.verify(signature, message, key);
    }

    @Override
    public byte[] schnorrSign(byte[] message32, byte[] secretKey, byte[] aux) {
        length(message32, WORD_BYTES, "a message");
        length(aux, WORD_BYTES, "randomness");
        secret(secretKey);
        return Schnorr.sign(message32, secretKey, aux);
    }

    @Override
    public boolean xOnlyTweakAddCheck(byte[] tweaked, int parity, byte[] internal, byte[] tweak) {
        if (tweaked.length != X_ONLY_BYTES || (parity & ~1) != 0) {
            return false;
        }
        length(tweak, WORD_BYTES, "a tweak");
        AffinePoint sum = tweaked(PointBytes.readXOnly(internal), tweak);
        return sum != null && sum.y().parity() == parity && Arrays.equals(sum.xBytes(), tweaked);
    }

    @Override
    public Optional<byte[]> xOnlyTweakAdd(byte[] internal, byte[] tweak) {
        length(tweak, WORD_BYTES, "a tweak");
        return bytes(tweaked(PointBytes.readXOnly(internal), tweak), true);
    }

    @Override
    public Optional<byte[]> xOnlySecretTweakAdd(byte[] secretKey, byte[] tweak) {
        Scalar secret = secret(secretKey);
        length(tweak, WORD_BYTES, "a tweak");
        int parity = GeneratorComb.product(secret).toAffine().y().parity();
        return tweaked(secret.negatedWhere(-(long) parity), tweak);
    }

    @Override
    public byte[] ellswiftCreate(byte[] secretKey, byte[] aux) {
        length(aux, WORD_BYTES, "randomness");
        secret(secretKey);
        return ElligatorSwift.create(secretKey, aux);
    }

    @Override
    public byte[] ellswiftDecode(byte[] encoding) {
        length(encoding, ELLSWIFT_BYTES, "an encoding");
        return ElligatorSwift.decode(encoding).toBytes(true);
    }

    @Override
    public byte[] ellswiftXdhBip324(
            byte[] ours, byte[] theirs, byte[] secretKey, boolean initiating) {
        length(ours, ELLSWIFT_BYTES, "our encoding");
        length(theirs, ELLSWIFT_BYTES, "their encoding");
        secret(secretKey);
        return ElligatorSwift.share(ours, theirs, secretKey, initiating);
    }
}
