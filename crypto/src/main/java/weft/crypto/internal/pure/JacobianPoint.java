package weft.crypto.internal.pure;

import org.jspecify.annotations.Nullable;

/// A point of the curve as (x / z², y / z³), or infinity, for public values: the time of every method depends
/// on the point. Mutable, belongs to one thread.
///
/// Between calls x has a magnitude of at most 9, y of 9, z of 2. The formulas do not name the curve's 7, so
/// they serve every curve y² = x³ + b; [DoubleMultiplication] uses that.
final class JacobianPoint {
    private final FieldElement x = new FieldElement();
    private final FieldElement y = new FieldElement();
    private final FieldElement z = new FieldElement();
    private boolean infinite = true;

    private final FieldElement t0 = new FieldElement();
    private final FieldElement t1 = new FieldElement();
    private final FieldElement t2 = new FieldElement();
    private final FieldElement t3 = new FieldElement();
    private final FieldElement t4 = new FieldElement();

    /// Infinity.
    JacobianPoint() {}

    JacobianPoint(AffinePoint point) {
        set(point.x(), point.y());
    }

    FieldElement x() {
        return x;
    }

    FieldElement y() {
        return y;
    }

    FieldElement z() {
        return z;
    }

    boolean isInfinite() {
        return infinite;
    }

    /// Becomes the point with these affine coordinates.
    void set(FieldElement affineX, FieldElement affineY) {
        x.set(affineX);
        y.set(affineY);
        z.set(FieldElement.of(1));
        infinite = false;
    }

    /// Multiplies z: goes from the curve y² = x³ + 7·f⁶ back to the curve.
    void scaleZ(FieldElement factor) {
        z.setProduct(z, factor);
    }

    /// Becomes twice itself: dbl-2009-l of the Explicit-Formulas Database.
    void twice() {
        if (infinite) {
            return;
        }
        // No point of odd order has y = 0, so this never gives infinity.
        t0.setSquare(x);
        t1.setSquare(y);
        t2.setSum(x, t1);
        z.setProduct(y, z);
        z.setMultiple(z, 2);
        t1.setSquare(t1);
        t2.setSquare(t2);
        t2.setDifference(t2, t0);
        t2.setDifference(t2, t1);
        t2.setMultiple(t2, 2);
        t0.setMultiple(t0, 3);
        x.setSquare(t0);
        x.setDifference(x, t2);
        x.setDifference(x, t2);
        t2.setDifference(t2, x);
        y.setProduct(t0, t2);
        t1.setMultiple(t1, 8);
        y.setDifference(y, t1);
    }

    /// Adds a point with affine coordinates of magnitude 1.
    ///
    /// @return what z was multiplied by, valid until the next call; z's own value if this was infinity, and
    ///     without meaning if the point was the same or the negative
    FieldElement add(FieldElement affineX, FieldElement affineY) {
        return addScaled(affineX, affineY, z);
    }

    /// Adds a point with affine coordinates of magnitude 1 on the curve y² = x³ + 7 to this one on the
    /// curve y² = x³ + 7·scale⁶ where the two meet.
    ///
    /// @param scaleInverse z times the inverse of the scale that leads from that curve to this
    private FieldElement addScaled(
            FieldElement affineX, FieldElement affineY, FieldElement scaleInverse) {
        if (infinite) {
            set(affineX, affineY);
            return z;
        }
        t0.setSquare(scaleInverse);
        t1.setProduct(affineY, scaleInverse);
        t1.setProduct(t1, t0);
        t0.setProduct(t0, affineX);
        t0.setDifference(t0, x);
        t1.setDifference(t1, y);
        if (t0.isZeroVariable()) {
            if (t1.isZeroVariable()) {
                twice();
            } else {
                infinite = true;
            }
            return t0;
        }
        z.setProduct(z, t0);
        t2.setSquare(t0);
        t3.setProduct(t0, t2);
        t2.setProduct(t2, x);
        x.setSquare(t1);
        x.setDifference(x, t3);
        x.setDifference(x, t2);
        x.setDifference(x, t2);
        t2.setDifference(t2, x);
        t2.setProduct(t2, t1);
        y.setProduct(y, t3);
        y.setDifference(t2, y);
        return t0;
    }

    /// Adds a point of the curve y² = x³ + 7 to this one, which is on y² = x³ + 7·scale⁶ and has, to be on
    /// the first curve, to have its z multiplied by `scale`.
    void addFromCurve(FieldElement affineX, FieldElement affineY, FieldElement scale) {
        if (infinite) {
            // Into the other curve: z = 1 there is 1 / scale here, so x and y grow by its powers.
            t0.setSquare(scale);
            t1.setProduct(t0, scale);
            t0.setProduct(t0, affineX);
            t1.setProduct(t1, affineY);
            set(t0, t1);
            return;
        }
        t4.setProduct(z, scale);
        addScaled(affineX, affineY, t4);
    }

    /// The point with z = 1; null if it is infinity.
    @Nullable AffinePoint toAffine() {
        return infinite ? null : toAffine(FieldPowers.inverse(z));
    }

    JacobianPoint copy() {
        var result = new JacobianPoint();
        result.x.set(x);
        result.y.set(y);
        result.z.set(z);
        result.infinite = infinite;
        return result;
    }

    /// The points with z = 1; none may be infinity. Inverts once for all.
    static AffinePoint[] toAffine(JacobianPoint[] points) {
        int count = points.length;
        FieldElement[] products = new FieldElement[count];
        var product = FieldElement.of(1);
        for (int i = 0; i < count; i++) {
            products[i] = product.copy();
            product.setProduct(product, points[i].z);
        }
        FieldElement inverse = FieldPowers.inverse(product);
        AffinePoint[] result = new AffinePoint[count];
        var one = new FieldElement();
        for (int i = count - 1; i >= 0; i--) {
            one.setProduct(inverse, products[i]);
            inverse.setProduct(inverse, points[i].z);
            result[i] = points[i].toAffine(one);
        }
        return result;
    }

    private AffinePoint toAffine(FieldElement inverse) {
        var square = new FieldElement().setSquare(inverse);
        var affineX = new FieldElement().setProduct(x, square);
        var affineY = new FieldElement().setProduct(y, square.setProduct(square, inverse));
        return new AffinePoint(affineX.normalize(), affineY.normalize());
    }

    /// Whether its affine x is this number, which is in normal form; false for infinity.
    boolean hasX(FieldElement affineX) {
        if (infinite) {
            return false;
        }
        t0.setSquare(z);
        t0.setProduct(t0, affineX);
        return t0.setDifference(t0, x).isZeroVariable();
    }
}
