package weft.consensus;

import java.math.BigInteger;

/// Targets in the compact form of block headers: one byte of exponent, three of mantissa, as Bitcoin Core's
/// `SetCompact` and `GetCompact`.
public final class CompactBits {
    private static final long SIGN = 0x0080_0000;
    private static final long MANTISSA = 0x007f_ffff;
    private static final int TARGET_BITS = 256;

    private CompactBits() {}

    /// A target that was read.
    ///
    /// @param value the number, without its sign
    /// @param negative the sign bit is set, and the number is not 0
    /// @param overflow the number does not fit in 256 bits
    public record Target(BigInteger value, boolean negative, boolean overflow) {}

    /// Reads a compact form.
    ///
    /// @param bits 0 to 2³² − 1
    public static Target decode(long bits) {
        int exponent = (int) (bits >>> 24);
        long mantissa = bits & MANTISSA;
        BigInteger value;
        if (exponent <= 3) {
            mantissa >>>= 8 * (3 - exponent);
            value = BigInteger.valueOf(mantissa);
        } else {
            value = BigInteger.valueOf(mantissa).shiftLeft(8 * (exponent - 3));
        }
        boolean negative = mantissa != 0 && (bits & SIGN) != 0;
        boolean overflow =
                mantissa != 0
                        && (exponent > 34
                                || (mantissa > 0xff && exponent > 33)
                                || (mantissa > 0xffff && exponent > 32));
        return new Target(
                overflow ? value.mod(BigInteger.ONE.shiftLeft(TARGET_BITS)) : value,
                negative,
                overflow);
    }

    /// Writes a compact form; what does not fit in three bytes is cut off.
    ///
    /// @param target not negative
    /// @return 0 to 2³² − 1
    public static long encode(BigInteger target) {
        int exponent = (target.bitLength() + 7) / 8;
        long mantissa =
                exponent <= 3
                        ? target.longValueExact() << (8 * (3 - exponent))
                        : target.shiftRight(8 * (exponent - 3)).longValueExact();
        if ((mantissa & SIGN) != 0) {
            mantissa >>>= 8;
            exponent++;
        }
        return mantissa | (long) exponent << 24;
    }
}
