package weft.crypto.internal.pure;

/// `k · G` for a secret k: for each four bits of k the table has all sixteen multiples of G at that place,
/// so only additions are left, 64 of them whatever k is. Of each sixteen all are read.
final class GeneratorComb {
    private static final int WINDOW = 4;
    private static final int SIZE = 1 << WINDOW;
    private static final int PLACES = 256 / WINDOW;
    private static final long[] TABLE = make();

    private GeneratorComb() {}

    private static long[] make() {
        long[] table = new long[PLACES * SIZE * SecretPoint.ENTRY];
        var unit = new SecretPoint(AffinePoint.GENERATOR);
        for (int place = 0; place < PLACES; place++) {
            var running = new SecretPoint();
            for (int i = 0; i < SIZE; i++) {
                running.store(table, (place * SIZE + i) * SecretPoint.ENTRY);
                running.add(unit);
            }
            unit = running;
        }
        return table;
    }

    /// `k · G`; infinity only for zero.
    static SecretPoint product(Scalar k) {
        var result = new SecretPoint();
        var step = new SecretPoint();
        for (int place = 0; place < PLACES; place++) {
            int digit = k.bits(place * WINDOW, WINDOW);
            step.select(TABLE, place * SIZE * SecretPoint.ENTRY, SIZE, digit);
            result.add(step);
        }
        return result;
    }
}
