package weft.crypto.internal.pure;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import weft.crypto.Sha256;
import weft.crypto.TaggedHash;

/// ElligatorSwift: points as 64 bytes that look random, (u, t) with two numbers of the field (BIP-0324).
final class ElligatorSwift {
    private static final TaggedHash CREATE = TaggedHash.of("secp256k1_ellswift_create");
    private static final TaggedHash SHARED = TaggedHash.of("bip324_ellswift_xonly_ecdh");
    private static final byte[] ZERO32 = new byte[32];
    private static final int FIELD_BYTES = 32;
    private static final int BRANCHES = 64;

    /// (√−3 − 1) / 2 and its sisters.
    private static final FieldElement C1 =
            FieldElement.ofHex("851695d49a83f8ef919bb86153cbcb16630fb68aed0a766a3ec693d68e6afa40");

    private static final FieldElement C2 =
            FieldElement.ofHex("7ae96a2b657c07106e64479eac3434e99cf0497512f58995c1396c28719501ee");
    private static final FieldElement C3 = new FieldElement().setNegated(C1).normalize();
    private static final FieldElement C4 = new FieldElement().setNegated(C2).normalize();

    private static final FieldElement HALF = FieldPowers.inverse(FieldElement.of(2));

    private ElligatorSwift() {}

    private static FieldElement element() {
        return new FieldElement();
    }

    private static FieldElement product(FieldElement a, FieldElement b) {
        return element().setProduct(a, b);
    }

    private static FieldElement square(FieldElement a) {
        return element().setSquare(a);
    }

    private static boolean isX(FieldElement x) {
        return FieldPowers.isSquare(AffinePoint.equation(x));
    }

    /// Whether n / d is the x of a point: then d · n³ + 7 · d⁴ is a square.
    private static boolean isX(FieldElement n, FieldElement d) {
        FieldElement cube = product(square(n), n);
        FieldElement fourth = square(square(d));
        fourth.setMultiple(fourth, AffinePoint.B);
        return FieldPowers.isSquare(element().setSum(product(cube, d), fourth).shrink());
    }

    /// The point of an encoding; every 64 bytes have one.
    static AffinePoint decode(byte[] encoding) {
        FieldElement u = element();
        FieldElement t = element();
        u.setBytes(encoding, 0);
        t.setBytes(encoding, FIELD_BYTES);
        u.normalize();
        t.normalize();
        int parity = t.parity();
        return Objects.requireNonNull(AffinePoint.ofX(decodeX(u, t), parity));
    }

    /// The x for (u, t): the first of x3, x2, x1 in the words of BIP-0324 that a point has.
    private static FieldElement decodeX(FieldElement u, FieldElement t) {
        if (u.isNormalZero()) {
            u.set(FieldElement.of(1));
        }
        FieldElement s = t.isNormalZero() ? FieldElement.of(1) : square(t);
        FieldElement uu = square(u);
        FieldElement g = AffinePoint.equation(u);
        FieldElement p = element().setSum(g, s);
        if (p.isZeroVariable()) {
            s.setMultiple(s, 4);
            p.setSum(g, s);
        }
        FieldElement d = product(s, uu);
        d.setMultiple(d, 3);
        FieldElement n = element().setDifference(product(d, u), square(p));
        if (isX(n, d)) {
            return quotient(n, d);
        }
        n.setSum(product(C1, s), product(C2, g));
        n.setProduct(n, u);
        if (!isX(n, p)) {
            n.setSum(n, product(p, u));
            n.setNegated(n);
        }
        return quotient(n, p);
    }

    private static FieldElement quotient(FieldElement n, FieldElement d) {
        return product(n, FieldPowers.inverse(d)).normalize();
    }

    /// One t with which u decodes to x, if there is one for this branch; else null. Both are in normal form,
    /// u is not zero, and x is that of a point.
    ///
    /// @param branch 0 to 7
    static @Nullable FieldElement encode(FieldElement x, FieldElement u, int branch) {
        FieldElement cube = AffinePoint.equation(u);
        FieldElement s = element();
        FieldElement v;
        if ((branch & 2) == 0) {
            FieldElement m = element().setSum(u, x);
            m.setNegated(m);
            if (isX(m)) {
                return null;
            }
            s.setDifference(product(u, x), square(m));
            if (!FieldPowers.isSquare(product(s, cube))) {
                return null;
            }
            s.setProduct(cube, FieldPowers.inverse(s));
            v = x;
        } else {
            s.setDifference(x, u);
            v = thirdFormula(u, cube, s, (branch & 1) != 0);
            if (v == null) {
                return null;
            }
        }
        FieldElement w = FieldPowers.root(s);
        int signs = branch & 5;
        if (signs == 0 || signs == 5) {
            w.setNegated(w);
        }
        FieldElement sum = product(u, (branch & 1) != 0 ? C4 : C3);
        return product(w, sum.setSum(sum, v)).normalize();
    }

    /// The number v of the formula for x3: (r / s − u) / 2; null if there is none.
    private static @Nullable FieldElement thirdFormula(
            FieldElement u, FieldElement cube, FieldElement s, boolean rootNeeded) {
        if (!FieldPowers.isSquare(s)) {
            return null;
        }
        FieldElement q = product(s, square(u));
        q.setMultiple(q, 3);
        FieldElement four = element().setMultiple(cube, 4);
        q.setSum(q, four);
        q.setProduct(q, s);
        q.setNegated(q);
        FieldElement r = FieldPowers.root(q);
        if (!FieldPowers.isRoot(r, q) || (rootNeeded && r.isZeroVariable()) || s.isZeroVariable()) {
            return null;
        }
        FieldElement v = product(r, FieldPowers.inverse(s));
        return v.setProduct(v.setDifference(v, u), HALF);
    }

    /// Hashes a running counter: the chance that chooses among encodings.
    private static byte[] draw(Sha256 seeded, int count) {
        byte[] number = {
            (byte) count, (byte) (count >> 8), (byte) (count >> 16), (byte) (count >> 24)
        };
        return seeded.copy().update(number).finish();
    }

    /// An encoding of the point of a secret key, the same that libsecp256k1 finds.
    static byte[] create(byte[] secretKey, byte[] aux) {
        AffinePoint point = GeneratorComb.product(Scalar.of(secretKey, 0)).toAffine();
        Sha256 seeded = CREATE.begin().update(secretKey).update(ZERO32).update(aux);
        byte[] branches = new byte[0];
        int left = 0;
        int count = 0;
        while (true) {
            if (left == 0) {
                branches = draw(seeded, count++);
                left = BRANCHES;
            }
            left--;
            int branch = branches[left >> 1] >> ((left & 1) << 2) & 7;
            byte[] uBytes = draw(seeded, count++);
            FieldElement u = element();
            u.setBytes(uBytes, 0);
            FieldElement t = encode(point.x(), u.normalize(), branch);
            if (t != null) {
                if (t.parity() != point.y().parity()) {
                    t.setNegated(t).normalize();
                }
                byte[] encoding = Arrays.copyOf(uBytes, 2 * FIELD_BYTES);
                t.getBytes(encoding, FIELD_BYTES);
                return encoding;
            }
        }
    }

    /// The shared secret of BIP-0324.
    static byte[] share(byte[] ours, byte[] theirs, byte[] secretKey, boolean initiating) {
        AffinePoint point = decode(theirs);
        byte[] x = SecretPoint.product(point, Scalar.of(secretKey, 0)).toAffine().xBytes();
        return initiating ? SHARED.hash(ours, theirs, x) : SHARED.hash(theirs, ours, x);
    }
}
