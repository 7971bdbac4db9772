package weft.crypto.internal.pure;

/// `a · P + b · G` for public numbers, what every verification needs: both factors split in two by the
/// [Endomorphism], and the four short products computed with one row of doublings (Strauss).
final class DoubleMultiplication {
    private static final int WINDOW = 5;
    private static final int COUNT = 1 << (WINDOW - 2);
    private static final int ENTRY = 3 * FieldElement.LIMBS;

    /// Odd multiples of P, each with x, y and the x of its λ-multiple, affine on the curve
    /// y² = x³ + 7 · scale⁶.
    private final long[] table = new long[COUNT * ENTRY];

    /// What leads from that curve to the curve itself.
    private final FieldElement scale = new FieldElement();

    private final short[] pFirst = new short[Wnaf.LENGTH];
    private final short[] pSecond = new short[Wnaf.LENGTH];
    private final short[] gFirst = new short[Wnaf.LENGTH];
    private final short[] gSecond = new short[Wnaf.LENGTH];
    private final JacobianPoint sum = new JacobianPoint();
    private final FieldElement x = new FieldElement();
    private final FieldElement y = new FieldElement();
    private int length;

    private DoubleMultiplication() {}

    /// `a · P + b · G`.
    static JacobianPoint of(AffinePoint p, Scalar a, Scalar b) {
        var work = new DoubleMultiplication();
        work.makeTable(p);
        Endomorphism split = Endomorphism.split(a);
        work.write(split, WINDOW, work.pFirst, work.pSecond);
        work.write(Endomorphism.split(b), GeneratorOddMultiples.WINDOW, work.gFirst, work.gSecond);
        return work.run();
    }

    /// `b · G`.
    static JacobianPoint of(Scalar b) {
        var work = new DoubleMultiplication();
        work.scale.set(FieldElement.of(1));
        work.write(Endomorphism.split(b), GeneratorOddMultiples.WINDOW, work.gFirst, work.gSecond);
        return work.run();
    }

    private void write(Endomorphism split, int window, short[] first, short[] second) {
        int end = Wnaf.write(split.first(), split.firstNegative(), window, first);
        length = Math.max(length, end);
        end = Wnaf.write(split.second(), split.secondNegative(), window, second);
        length = Math.max(length, end);
    }

    /// Makes the table without an inversion: on the curve where 2P has z = 1, every step is an addition of
    /// an affine point; then all multiples get the z of the last one, which becomes part of the scale.
    private void makeTable(AffinePoint p) {
        var twice = new JacobianPoint(p);
        twice.twice();
        FieldElement z = twice.z();
        x.setSquare(z);
        y.setProduct(x, z);
        var running = new JacobianPoint();
        running.set(x.setProduct(x, p.x()), y.setProduct(y, p.y()));
        FieldElement[] ratios = new FieldElement[COUNT];
        for (int i = 0; i < COUNT; i++) {
            if (i > 0) {
                ratios[i] = running.add(twice.x(), twice.y()).copy();
            }
            running.x().store(table, i * ENTRY);
            running.y().store(table, i * ENTRY + FieldElement.LIMBS);
        }
        scale.setProduct(z, running.z());
        var factor = FieldElement.of(1);
        var square = new FieldElement();
        for (int i = COUNT - 1; i >= 0; i--) {
            int entry = i * ENTRY;
            square.setSquare(factor);
            x.load(table, entry);
            x.setProduct(x, square);
            square.setProduct(square, factor);
            y.load(table, entry + FieldElement.LIMBS);
            y.setProduct(y, square);
            x.store(table, entry);
            y.store(table, entry + FieldElement.LIMBS);
            x.setProduct(x, Endomorphism.BETA);
            x.store(table, entry + 2 * FieldElement.LIMBS);
            if (i > 0) {
                factor.setProduct(factor, ratios[i]);
            }
        }
    }

    private JacobianPoint run() {
        for (int i = length - 1; i >= 0; i--) {
            sum.twice();
            addMultiple(pFirst[i], 0);
            addMultiple(pSecond[i], 2 * FieldElement.LIMBS);
            addGenerator(gFirst[i], false);
            addGenerator(gSecond[i], true);
        }
        if (!sum.isInfinite()) {
            sum.scaleZ(scale);
        }
        return sum;
    }

    private void addMultiple(int digit, int xOffset) {
        if (digit == 0) {
            return;
        }
        int entry = (Math.abs(digit) >> 1) * ENTRY;
        x.load(table, entry + xOffset);
        y.load(table, entry + FieldElement.LIMBS);
        if (digit < 0) {
            y.setNegated(y);
        }
        sum.add(x, y);
    }

    private void addGenerator(int digit, boolean lambda) {
        if (digit != 0) {
            GeneratorOddMultiples.load(digit, lambda, x, y);
            sum.addFromCurve(x, y, scale);
        }
    }
}
