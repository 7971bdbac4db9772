package weft.crypto.internal.pure;

import org.jspecify.annotations.Nullable;

/// A point of the curve y² = x³ + 7 other than infinity, its coordinates in normal form.
///
/// Read only: who takes a coordinate does not change it.
record AffinePoint(FieldElement x, FieldElement y) {
    /// The 7 of the curve's equation.
    static final int B = 7;

    static final AffinePoint GENERATOR =
            new AffinePoint(
                    FieldElement.ofHex(
                            "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"),
                    FieldElement.ofHex(
                            "483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8"));

    /// `x³ + 7`; the magnitude of `x` is at most 16.
    static FieldElement equation(FieldElement x) {
        var result = new FieldElement();
        result.setProduct(result.setSquare(x), x);
        return result.setSum(result, B);
    }

    /// The point with this x and a y of this parity; null if there is none.
    ///
    /// @param x in normal form
    static @Nullable AffinePoint ofX(FieldElement x, int parity) {
        FieldElement square = equation(x);
        FieldElement y = FieldPowers.root(square);
        if (!FieldPowers.isRoot(y, square)) {
            return null;
        }
        y.normalize();
        if (y.parity() != parity) {
            y.setNegated(y).normalize();
        }
        return new AffinePoint(x, y);
    }

    /// Whether the coordinates fulfil the curve's equation.
    boolean isOnCurve() {
        return new FieldElement().setSquare(y).sameAs(equation(x));
    }

    /// The point with the other y.
    AffinePoint negated() {
        return new AffinePoint(x, new FieldElement().setNegated(y).normalize());
    }

    /// The point as 33 or 65 bytes.
    byte[] toBytes(boolean compressed) {
        byte[] bytes = new byte[compressed ? 33 : 65];
        bytes[0] = (byte) (compressed ? 2 + y.parity() : 4);
        x.getBytes(bytes, 1);
        if (!compressed) {
            y.getBytes(bytes, 33);
        }
        return bytes;
    }

    /// The x coordinate as 32 bytes.
    byte[] xBytes() {
        byte[] bytes = new byte[32];
        x.getBytes(bytes, 0);
        return bytes;
    }
}
