package weft.crypto.internal.pure;

/// The curve's cheap multiplication: λ · (x, y) = (β · x, y), where λ³ = 1 modulo n and β³ = 1 modulo p.
/// With it a factor k becomes two short ones, k = k1 + k2 · λ (Gallant, Lambert, Vanstone). For public
/// numbers.
///
/// @param first the size of k1, below 2^128
/// @param firstNegative whether k1 is negative
/// @param second the size of k2, below 2^128
/// @param secondNegative whether k2 is negative
record Endomorphism(Scalar first, boolean firstNegative, Scalar second, boolean secondNegative) {
    static final FieldElement BETA =
            FieldElement.ofHex("7ae96a2b657c07106e64479eac3434e99cf0497512f58995c1396c28719501ee");

    static final Scalar LAMBDA =
            Scalar.ofHex("5363ad4cc05c30e0a5261c028812645a122e22ea20816678df02967c1b23bd72");

    // The short basis (a1, b1), (a2, b2) of the lattice of all (i, j) with i + j · λ = 0 modulo n,
    // and
    // 2^384 · b2 / n and 2^384 · −b1 / n, rounded: the numbers that bring a factor near the origin.
    private static final Scalar MINUS_B1 =
            Scalar.ofHex("00000000000000000000000000000000e4437ed6010e88286f547fa90abfe4c3");
    private static final Scalar MINUS_B2 =
            Scalar.ofHex("fffffffffffffffffffffffffffffffe8a280ac50774346dd765cda83db1562c");
    private static final Scalar QUOTIENT1 =
            Scalar.ofHex("3086d221a7d46bcde86c90e49284eb153daa8a1471e8ca7fe893209a45dbb031");
    private static final Scalar QUOTIENT2 =
            Scalar.ofHex("e4437ed6010e88286f547fa90abfe4c4221208ac9df506c61571b4ae8ac47f71");

    /// Splits a factor.
    static Endomorphism split(Scalar k) {
        Scalar c1 = k.timesShifted(QUOTIENT1).times(MINUS_B1);
        Scalar c2 = k.timesShifted(QUOTIENT2).times(MINUS_B2);
        Scalar second = c1.plus(c2);
        Scalar first = k.plus(second.times(LAMBDA).negated());
        long firstHigh = first.highMask();
        long secondHigh = second.highMask();
        return new Endomorphism(
                first.negatedWhere(firstHigh),
                firstHigh != 0,
                second.negatedWhere(secondHigh),
                secondHigh != 0);
    }
}
