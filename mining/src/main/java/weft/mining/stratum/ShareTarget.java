package weft.mining.stratum;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.Locale;
import weft.primitives.Check;
import weft.primitives.Digest256;

/// From difficulties to targets and back, as pools count: difficulty 1 is the target of the first blocks.
public final class ShareTarget {
    private static final BigDecimal ONE = new BigDecimal(BigInteger.valueOf(0xffff).shiftLeft(208));
    private static final BigInteger HIGHEST =
            BigInteger.ONE.shiftLeft(256).subtract(BigInteger.ONE);
    private static final int DIGITS = 20;

    private ShareTarget() {}

    /// The highest hash that a difficulty allows.
    ///
    /// @param difficulty above 0
    public static Digest256 of(double difficulty) {
        Check.argument(difficulty > 0, "difficulties are above 0");
        BigInteger target =
                ONE.divide(BigDecimal.valueOf(difficulty), 0, RoundingMode.FLOOR).toBigInteger();
        return Digest256.parse(String.format(Locale.ROOT, "%064x", target.min(HIGHEST)));
    }

    /// The difficulty of a target.
    ///
    /// @param target above 0
    public static double difficulty(Digest256 target) {
        var number = new BigDecimal(new BigInteger(target.toHex(), 16));
        return ONE.divide(number, DIGITS, RoundingMode.HALF_UP).doubleValue();
    }
}
