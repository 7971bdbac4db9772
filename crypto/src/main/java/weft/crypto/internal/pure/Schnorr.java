package weft.crypto.internal.pure;

import java.util.Arrays;
import weft.crypto.TaggedHash;

/// Schnorr signatures (BIP-0340).
final class Schnorr {
    private static final TaggedHash AUX = TaggedHash.of("BIP0340/aux");
    private static final TaggedHash NONCE = TaggedHash.of("BIP0340/nonce");
    private static final TaggedHash CHALLENGE = TaggedHash.of("BIP0340/challenge");

    private Schnorr() {}

    private static Scalar challenge(byte[] r, byte[] xOnly, byte[] message) {
        return Scalar.of(CHALLENGE.hash(r, xOnly, message), 0);
    }

    /// @param signature 64 bytes
    /// @param key the point with an even y
    static boolean verify(byte[] signature, byte[] message, AffinePoint key) {
        var rx = new FieldElement();
        if (!rx.setBytes(signature, 0) || !Scalar.isBelowOrder(signature, 32)) {
            return false;
        }
        Scalar s = Scalar.of(signature, 32);
        byte[] r = Arrays.copyOf(signature, 32);
        Scalar e = challenge(r, key.xBytes(), message);
        JacobianPoint sum = DoubleMultiplication.of(key, e.negated(), s);
        // The x is cheap to compare and the y is not, so a wrong x is found first.
        if (!sum.hasX(rx)) {
            return false;
        }
        AffinePoint point = sum.toAffine();
        return point != null && point.y().parity() == 0;
    }

    /// @param secretKey a valid secret key
    /// @param aux 32 bytes of randomness or zeros
    static byte[] sign(byte[] message, byte[] secretKey, byte[] aux) {
        Scalar given = Scalar.of(secretKey, 0);
        AffinePoint key = GeneratorComb.product(given).toAffine();
        Scalar secret = given.negatedWhere(-(long) key.y().parity());
        byte[] xOnly = key.xBytes();
        byte[] masked = AUX.hash(aux);
        byte[] secretBytes = secret.toBytes();
        for (int i = 0; i < masked.length; i++) {
            masked[i] ^= secretBytes[i];
        }
        byte[] nonceBytes = NONCE.hash(masked, xOnly, message);
        Scalar drawn = Scalar.of(nonceBytes, 0);
        Arrays.fill(masked, (byte) 0);
        Arrays.fill(secretBytes, (byte) 0);
        Arrays.fill(nonceBytes, (byte) 0);
        if (drawn.isZero()) {
            throw new IllegalStateException("a hash is zero modulo the group order");
        }
        AffinePoint point = GeneratorComb.product(drawn).toAffine();
        Scalar nonce = drawn.negatedWhere(-(long) point.y().parity());
        byte[] r = point.xBytes();
        Scalar s = nonce.plus(challenge(r, xOnly, message).times(secret));
        byte[] signature = Arrays.copyOf(r, 64);
        s.getBytes(signature, 32);
        return signature;
    }
}
