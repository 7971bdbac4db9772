package weft.crypto.internal.pure;

/// Inverses and square roots in the field, as powers with fixed exponents; all take a time that does not
/// depend on values.
///
/// In binary both exponents begin with 223 ones; the powers with 2, 22 and 223 ones make the rest short.
final class FieldPowers {
    private final FieldElement ones2 = new FieldElement();
    private final FieldElement ones22 = new FieldElement();
    private final FieldElement ones223 = new FieldElement();

    /// The powers of a number, of magnitude at most 8.
    FieldPowers(FieldElement a) {
        var ones3 = new FieldElement();
        var ones = new FieldElement();
        ones2.setProduct(ones2.setSquare(a), a);
        ones3.setProduct(ones3.setSquare(ones2), a);
        // 6, 9, 11 ones
        ones.setProduct(ones.setSquare(ones3, 3), ones3);
        ones.setProduct(ones.setSquare(ones, 3), ones3);
        ones.setProduct(ones.setSquare(ones, 2), ones2);
        ones22.setProduct(ones22.setSquare(ones, 11), ones);
        var ones44 = new FieldElement();
        ones44.setProduct(ones44.setSquare(ones22, 22), ones22);
        var ones88 = new FieldElement();
        ones88.setProduct(ones88.setSquare(ones44, 44), ones44);
        // 176, 220, 223 ones
        ones223.setProduct(ones223.setSquare(ones88, 88), ones88);
        ones223.setProduct(ones223.setSquare(ones223, 44), ones44);
        ones223.setProduct(ones223.setSquare(ones223, 3), ones3);
    }

    /// `1 / a`, zero for zero: the (p − 2)th power. The magnitude of `a` is at most 8.
    static FieldElement inverse(FieldElement a) {
        var powers = new FieldPowers(a);
        var result = new FieldElement();
        result.setProduct(result.setSquare(powers.ones223, 23), powers.ones22);
        result.setProduct(result.setSquare(result, 5), a);
        result.setProduct(result.setSquare(result, 3), powers.ones2);
        return result.setProduct(result.setSquare(result, 2), a);
    }

    /// The ((p + 1) / 4)th power: a square root of `a` where it has one, else of `−a`. The magnitude of `a`
    /// is at most 8.
    static FieldElement root(FieldElement a) {
        var powers = new FieldPowers(a);
        var result = new FieldElement();
        result.setProduct(result.setSquare(powers.ones223, 23), powers.ones22);
        result.setProduct(result.setSquare(result, 6), powers.ones2);
        return result.setSquare(result, 2);
    }

    /// Whether `root`, which [#root] made of `a`, is its square root.
    static boolean isRoot(FieldElement root, FieldElement a) {
        return new FieldElement().setSquare(root).sameAs(a);
    }

    /// Whether the number has a square root; zero has one. Its magnitude is at most 8.
    static boolean isSquare(FieldElement a) {
        return isRoot(root(a), a);
    }
}
