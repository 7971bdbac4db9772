package weft.crypto.internal.pure;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// ECDSA: R and S as numbers.
final class Ecdsa {
    private static final int RECOVERY_ODD = 1;
    private static final int RECOVERY_OVERFLOW = 2;
    private static final Scalar MINUS_ONE = Scalar.ONE.negated();

    /// n as a number of the field.
    private static final FieldElement ORDER = orderInField();

    private Ecdsa() {}

    private static FieldElement orderInField() {
        var order = new FieldElement();
        order.setBytes(MINUS_ONE.toBytes(), 0);
        return order.setSum(order, 1).normalize();
    }

    /// Whether R and S are a signature; S may be high.
    ///
    /// @param compact both below n
    static boolean verify(byte[] compact, byte[] digest, AffinePoint key) {
        Scalar r = Scalar.of(compact, 0);
        Scalar s = Scalar.of(compact, 32);
        if (r.isZero() || s.isZero()) {
            return false;
        }
        Scalar inverse = s.inverseVariable();
        Scalar forGenerator = Scalar.of(digest, 0).times(inverse);
        JacobianPoint point = DoubleMultiplication.of(key, r.times(inverse), forGenerator);
        // R is the x of a point modulo n: it is x, or x − n where that fits in the field.
        var x = new FieldElement();
        x.setBytes(compact, 0);
        if (point.hasX(x)) {
            return true;
        }
        FieldElement larger = plusOrder(r);
        return larger != null && point.hasX(larger);
    }

    /// `r + n` as a number of the field, null if it is not below p.
    private static @Nullable FieldElement plusOrder(Scalar r) {
        var x = new FieldElement();
        x.setBytes(r.toBytes(), 0);
        // p − n is far smaller than n, so the sum is below p if and only if it is not reduced.
        var sum = new FieldElement().setSum(x, ORDER).normalize();
        byte[] whole = new byte[32];
        sum.getBytes(whole, 0);
        return Scalar.isBelowOrder(whole, 0) ? null : sum;
    }

    /// Signs with the first nonce that serves; S is low.
    ///
    /// @param extra more bytes that the nonce depends on; may be empty
    /// @return 65 bytes: the two bits with which the key can be found (0 to 3), R and S
    static byte[] sign(byte[] digest, byte[] secretKey, byte[] extra) {
        Scalar secret = Scalar.of(secretKey, 0);
        Scalar message = Scalar.of(digest, 0);
        var nonces = new DeterministicNonces(secretKey, message.toBytes(), extra);
        try {
            while (true) {
                byte[] candidate = nonces.next();
                Scalar nonce = Scalar.of(candidate, 0);
                boolean fits = Scalar.isBelowOrder(candidate, 0) && !nonce.isZero();
                Arrays.fill(candidate, (byte) 0);
                byte @Nullable [] signature = fits ? sign(message, secret, nonce) : null;
                if (signature != null) {
                    return signature;
                }
            }
        } finally {
            nonces.clear();
        }
    }

    private static byte @Nullable [] sign(Scalar message, Scalar secret, Scalar nonce) {
        AffinePoint point = GeneratorComb.product(nonce).toAffine();
        byte[] x = point.xBytes();
        Scalar r = Scalar.of(x, 0);
        Scalar s = nonce.inverse().times(message.plus(r.times(secret)));
        if (r.isZero() || s.isZero()) {
            return null;
        }
        long high = s.highMask();
        int recovery = point.y().parity() ^ (int) (high & RECOVERY_ODD);
        if (!Scalar.isBelowOrder(x, 0)) {
            recovery |= RECOVERY_OVERFLOW;
        }
        byte[] signature = new byte[65];
        signature[0] = (byte) recovery;
        r.getBytes(signature, 1);
        s.negatedWhere(high).getBytes(signature, 33);
        return signature;
    }

    /// The key for which a signature is valid; null if there is none.
    static @Nullable AffinePoint recover(byte[] compact, int recovery, byte[] digest) {
        if (!Scalar.isBelowOrder(compact, 0) || !Scalar.isBelowOrder(compact, 32)) {
            return null;
        }
        Scalar r = Scalar.of(compact, 0);
        Scalar s = Scalar.of(compact, 32);
        if (r.isZero() || s.isZero()) {
            return null;
        }
        FieldElement x = new FieldElement();
        x.setBytes(compact, 0);
        if ((recovery & RECOVERY_OVERFLOW) != 0) {
            x = plusOrder(r);
        }
        AffinePoint point = x == null ? null : AffinePoint.ofX(x, recovery & RECOVERY_ODD);
        if (point == null) {
            return null;
        }
        Scalar inverse = r.inverseVariable();
        Scalar forGenerator = Scalar.of(digest, 0).times(inverse).negated();
        return DoubleMultiplication.of(point, s.times(inverse), forGenerator).toAffine();
    }
}
