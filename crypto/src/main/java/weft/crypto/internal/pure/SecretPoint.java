package weft.crypto.internal.pure;

/// A point of the curve as (x : y : z) with x / z and y / z the coordinates and z = 0 for infinity, for
/// secret factors: the formulas are complete (Renes, Costello, Batina 2016), the same operations in the
/// same order whatever the points are. Mutable, belongs to one thread.
///
/// Between calls every coordinate has a magnitude of at most 2.
final class SecretPoint {
    /// Limbs of a point in a table.
    static final int ENTRY = 3 * FieldElement.LIMBS;

    /// Three times the 7 of the curve's equation.
    private static final int B3 = 21;

    private static final int WINDOW = 4;

    private final FieldElement x = new FieldElement();
    private final FieldElement y = FieldElement.of(1);
    private final FieldElement z = new FieldElement();

    private final FieldElement t0 = new FieldElement();
    private final FieldElement t1 = new FieldElement();
    private final FieldElement t2 = new FieldElement();
    private final FieldElement t3 = new FieldElement();
    private final FieldElement t4 = new FieldElement();
    private final FieldElement t5 = new FieldElement();
    private final FieldElement t6 = new FieldElement();

    /// Infinity.
    SecretPoint() {}

    SecretPoint(AffinePoint point) {
        x.set(point.x());
        y.set(point.y());
        z.set(FieldElement.of(1));
    }

    /// `factor · P`: four bits at a time from a table of all sixteen multiples, of which every entry is read
    /// each time.
    static SecretPoint product(AffinePoint p, Scalar factor) {
        int size = 1 << WINDOW;
        long[] table = new long[size * ENTRY];
        var running = new SecretPoint();
        var step = new SecretPoint(p);
        for (int i = 0; i < size; i++) {
            running.store(table, i * ENTRY);
            running.add(step);
        }
        var result = new SecretPoint();
        for (int bit = 256 - WINDOW; bit >= 0; bit -= WINDOW) {
            for (int i = 0; i < WINDOW; i++) {
                result.twice();
            }
            step.select(table, 0, size, factor.bits(bit, WINDOW));
            result.add(step);
        }
        return result;
    }

    /// Writes the point to a table, with magnitude 1.
    void store(long[] table, int offset) {
        t0.set(x).shrink().store(table, offset);
        t0.set(y).shrink().store(table, offset + FieldElement.LIMBS);
        t0.set(z).shrink().store(table, offset + 2 * FieldElement.LIMBS);
    }

    /// Reads entry `index` of the `size` entries that begin at `offset`, and all others too.
    void select(long[] table, int offset, int size, int index) {
        x.setDifference(x, x);
        y.set(x);
        z.set(x);
        for (int i = 0; i < size; i++) {
            long mask = Words.sameMask(i, index);
            int entry = offset + i * ENTRY;
            x.addMasked(table, entry, mask);
            y.addMasked(table, entry + FieldElement.LIMBS, mask);
            z.addMasked(table, entry + 2 * FieldElement.LIMBS, mask);
        }
    }

    /// Adds any point: algorithm 7 of the paper.
    void add(SecretPoint other) {
        t3.setSum(x, y);
        t4.setSum(other.x, other.y);
        t3.setProduct(t3, t4);
        t4.setSum(y, z);
        t5.setSum(other.y, other.z);
        t4.setProduct(t4, t5);
        t5.setSum(x, z);
        t6.setSum(other.x, other.z);
        t5.setProduct(t5, t6);
        t0.setProduct(x, other.x);
        t1.setProduct(y, other.y);
        t2.setProduct(z, other.z);
        t3.setDifference(t3, t0);
        t3.setDifference(t3, t1);
        t4.setDifference(t4, t1);
        t4.setDifference(t4, t2);
        t5.setDifference(t5, t0);
        t5.setDifference(t5, t2);
        t0.setMultiple(t0, 3);
        t2.setMultiple(t2, B3).shrink();
        t6.setSum(t1, t2);
        t1.setDifference(t1, t2);
        t5.setMultiple(t5, B3).shrink();
        x.setProduct(t3, t1);
        y.setProduct(t4, t5);
        x.setDifference(x, y);
        t5.setProduct(t5, t0);
        y.setProduct(t1, t6);
        y.setSum(y, t5);
        z.setProduct(t6, t4);
        t0.setProduct(t0, t3);
        z.setSum(z, t0);
    }

    /// Becomes twice itself: algorithm 9 of the paper.
    void twice() {
        t0.setSquare(y);
        t3.setMultiple(t0, 8);
        t1.setProduct(y, z);
        t2.setSquare(z);
        t2.setMultiple(t2, B3).shrink();
        t4.setProduct(x, y);
        x.setProduct(t2, t3);
        y.setSum(t0, t2);
        z.setProduct(t1, t3);
        t2.setMultiple(t2, 3);
        t0.setDifference(t0, t2);
        y.setProduct(t0, y);
        y.setSum(x, y);
        x.setProduct(t0, t4);
        x.setMultiple(x, 2);
    }

    /// The point with z = 1; the point must not be infinity.
    AffinePoint toAffine() {
        FieldElement inverse = FieldPowers.inverse(z);
        var affineX = new FieldElement().setProduct(x, inverse);
        var affineY = new FieldElement().setProduct(y, inverse);
        return new AffinePoint(affineX.normalize(), affineY.normalize());
    }
}
