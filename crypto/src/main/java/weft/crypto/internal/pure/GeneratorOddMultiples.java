package weft.crypto.internal.pure;

/// The odd multiples of the generator G, 1·G to (2^(WINDOW − 1) − 1)·G, each with its x, its y, and the x of
/// its λ-multiple. Public values; made once, when the class is first used.
final class GeneratorOddMultiples {
    /// Window of the signed digits that this table serves.
    static final int WINDOW = 11;

    private static final int COUNT = 1 << (WINDOW - 2);
    private static final int ENTRY = 3 * FieldElement.LIMBS;
    private static final long[] TABLE = make();

    private GeneratorOddMultiples() {}

    private static long[] make() {
        JacobianPoint[] points = new JacobianPoint[COUNT];
        var twice = new JacobianPoint(AffinePoint.GENERATOR);
        twice.twice();
        AffinePoint step = java.util.Objects.requireNonNull(twice.toAffine());
        var running = new JacobianPoint(AffinePoint.GENERATOR);
        for (int i = 0; i < COUNT; i++) {
            points[i] = running.copy();
            running.add(step.x(), step.y());
        }
        AffinePoint[] affine = JacobianPoint.toAffine(points);
        long[] table = new long[COUNT * ENTRY];
        var lambdaX = new FieldElement();
        for (int i = 0; i < COUNT; i++) {
            affine[i].x().store(table, i * ENTRY);
            affine[i].y().store(table, i * ENTRY + FieldElement.LIMBS);
            lambdaX.setProduct(affine[i].x(), Endomorphism.BETA);
            lambdaX.store(table, i * ENTRY + 2 * FieldElement.LIMBS);
        }
        return table;
    }

    /// Reads `digit · G`, or `digit · λ · G`.
    ///
    /// @param digit odd, below 2^(WINDOW − 1), or the negative of such a number
    static void load(int digit, boolean lambda, FieldElement x, FieldElement y) {
        int entry = (Math.abs(digit) >> 1) * ENTRY;
        x.load(TABLE, entry + (lambda ? 2 * FieldElement.LIMBS : 0));
        y.load(TABLE, entry + FieldElement.LIMBS);
        if (digit < 0) {
            y.setNegated(y);
        }
    }
}
