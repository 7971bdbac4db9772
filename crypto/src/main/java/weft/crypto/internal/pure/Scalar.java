package weft.crypto.internal.pure;

import java.util.HexFormat;

/// A number modulo n, the order of the group; always between 0 and n − 1. Immutable.
///
/// Five limbs of 52 bits. No method but those named `…Variable` takes a time that depends on values.
final class Scalar {
    static final Scalar ZERO = new Scalar(new long[5]);
    static final Scalar ONE = new Scalar(new long[] {1, 0, 0, 0, 0});

    private static final int LIMBS = 5;
    private static final int BITS = 52;
    private static final long MASK = (1L << BITS) - 1;
    private static final long TOP_MASK = (1L << 48) - 1;
    private static final byte[] ORDER_BYTES =
            HexFormat.of()
                    .parseHex("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141");
    private static final long[] ORDER = limbs(ORDER_BYTES, 0);
    private static final long[] HALF =
            limbs(
                    HexFormat.of()
                            .parseHex(
                                    "7fffffffffffffffffffffffffffffff"
                                            + "5d576e7357a4501ddfe92f46681b20a0"),
                    0);

    /// 2^256 modulo n: 129 bits.
    private static final long[] FOLD = complement();

    /// 2^260 modulo n: 133 bits.
    private static final long[] FOLD_WIDE = {
        FOLD[0] << 4 & MASK,
        (FOLD[1] << 4 | FOLD[0] >>> 48) & MASK,
        (FOLD[2] << 4 | FOLD[1] >>> 48) & MASK
    };

    private final long[] n;

    private Scalar(long[] n) {
        this.n = n;
    }

    private static long[] limbs(byte[] bytes, int offset) {
        long w3 = Words.get(bytes, offset);
        long w2 = Words.get(bytes, offset + 8);
        long w1 = Words.get(bytes, offset + 16);
        long w0 = Words.get(bytes, offset + 24);
        return new long[] {
            w0 & MASK,
            (w0 >>> 52 | w1 << 12) & MASK,
            (w1 >>> 40 | w2 << 24) & MASK,
            (w2 >>> 28 | w3 << 36) & MASK,
            w3 >>> 16
        };
    }

    private static long[] complement() {
        long[] result = new long[3];
        long carry = 1;
        for (int i = 0; i < 3; i++) {
            carry += (~ORDER[i] & MASK);
            result[i] = carry & MASK;
            carry >>= BITS;
        }
        return result;
    }

    /// The number that 64 hexadecimal digits stand for.
    static Scalar ofHex(String digits) {
        return of(HexFormat.of().parseHex(digits), 0);
    }

    /// Reads 32 bytes, big-endian, modulo n.
    static Scalar of(byte[] bytes, int offset) {
        long[] n = limbs(bytes, offset);
        subtractOrder(n);
        return new Scalar(n);
    }

    /// Whether 32 bytes, big-endian, are below n.
    static boolean isBelowOrder(byte[] bytes, int offset) {
        return difference(limbs(bytes, offset), ORDER, new long[LIMBS]) != 0;
    }

    /// `a − b` into `result`; −1 if that was negative, else 0.
    private static long difference(long[] a, long[] b, long[] result) {
        long carry = 0;
        for (int i = 0; i < LIMBS - 1; i++) {
            carry += a[i] - b[i];
            result[i] = carry & MASK;
            carry >>= BITS;
        }
        carry += a[4] - b[4];
        result[4] = carry & TOP_MASK;
        return carry >> 63;
    }

    /// Takes n off where that leaves no negative number.
    private static void subtractOrder(long[] a) {
        long[] less = new long[LIMBS];
        long keep = difference(a, ORDER, less);
        for (int i = 0; i < LIMBS; i++) {
            a[i] = less[i] ^ ((less[i] ^ a[i]) & keep);
        }
    }

    /// 32 bytes, big-endian.
    byte[] toBytes() {
        byte[] bytes = new byte[32];
        getBytes(bytes, 0);
        return bytes;
    }

    /// Writes 32 bytes, big-endian.
    void getBytes(byte[] bytes, int offset) {
        Words.put(bytes, offset, n[3] >>> 36 | n[4] << 16);
        Words.put(bytes, offset + 8, n[2] >>> 24 | n[3] << 28);
        Words.put(bytes, offset + 16, n[1] >>> 12 | n[2] << 40);
        Words.put(bytes, offset + 24, n[0] | n[1] << 52);
    }

    boolean isZero() {
        return (n[0] | n[1] | n[2] | n[3] | n[4]) == 0;
    }

    /// All ones if the number is above n / 2, else 0.
    long highMask() {
        return difference(HALF, n, new long[LIMBS]);
    }

    /// `count` bits, at most 32, from bit `from` on.
    int bits(int from, int count) {
        int limb = from / BITS;
        int shift = from % BITS;
        long word = n[limb] >>> shift;
        if (shift + count > BITS && limb + 1 < LIMBS) {
            word |= n[limb + 1] << (BITS - shift);
        }
        return (int) (word & ((1L << count) - 1));
    }

    Scalar plus(Scalar other) {
        long[] sum = new long[LIMBS];
        long carry = 0;
        for (int i = 0; i < LIMBS; i++) {
            carry += n[i] + other.n[i];
            sum[i] = carry & MASK;
            carry >>= BITS;
        }
        subtractOrder(sum);
        return new Scalar(sum);
    }

    Scalar negated() {
        long[] result = new long[LIMBS];
        difference(ORDER, n, result);
        subtractOrder(result);
        return new Scalar(result);
    }

    /// The negative if `mask` is all ones, this if it is 0.
    Scalar negatedWhere(long mask) {
        long[] result = negated().n;
        for (int i = 0; i < LIMBS; i++) {
            result[i] = n[i] ^ ((n[i] ^ result[i]) & mask);
        }
        return new Scalar(result);
    }

    /// Adds the product of the lowest limbs of `a`, from `from` on, with `b` to columns.
    private static void addProduct(long[] columns, long[] a, int from, long[] b) {
        for (int i = from; i < a.length; i++) {
            long factor = a[i];
            for (int j = 0; j < b.length; j++) {
                columns[i - from + j] += factor * b[j] & MASK;
                columns[i - from + j + 1] += Math.unsignedMultiplyHigh(factor << 12, b[j]);
            }
        }
    }

    private static void carry(long[] columns) {
        long carry = 0;
        for (int i = 0; i < columns.length; i++) {
            carry += columns[i];
            columns[i] = carry & MASK;
            carry >>= BITS;
        }
    }

    /// Ten limbs of the whole product.
    private static long[] wideProduct(long[] a, long[] b) {
        long[] columns = new long[10];
        addProduct(columns, a, 0, b);
        carry(columns);
        return columns;
    }

    Scalar times(Scalar other) {
        // 512 bits, then 386, then 261, then less than two n.
        long[] wide = wideProduct(n, other.n);
        long[] once = new long[8];
        System.arraycopy(wide, 0, once, 0, LIMBS);
        addProduct(once, wide, LIMBS, FOLD_WIDE);
        carry(once);
        long[] twice = new long[6];
        System.arraycopy(once, 0, twice, 0, LIMBS);
        addProduct(twice, once, LIMBS, FOLD_WIDE);
        carry(twice);
        long top = twice[5] << 4 | twice[4] >>> 48;
        long[] result = {twice[0], twice[1], twice[2], twice[3], twice[4] & TOP_MASK};
        for (int i = 0; i < 3; i++) {
            result[i] += top * FOLD[i] & MASK;
            result[i + 1] += Math.unsignedMultiplyHigh(top << 12, FOLD[i]);
        }
        carry(result);
        subtractOrder(result);
        return new Scalar(result);
    }

    /// The product divided by 2^384 and rounded to the nearest whole number, below 2^128.
    Scalar timesShifted(Scalar factor) {
        long[] wide = wideProduct(n, factor.n);
        // Bit 384 is bit 20 of limb 7.
        wide[7] += 1 << 19;
        carry(wide);
        return new Scalar(
                new long[] {
                    (wide[7] >>> 20 | wide[8] << 32) & MASK,
                    (wide[8] >>> 20 | wide[9] << 32) & MASK,
                    wide[9] >>> 20,
                    0,
                    0
                });
    }

    /// `1 / this`, zero for zero, by Fermat's little theorem: the (n − 2)th power.
    Scalar inverse() {
        // Four bits of the exponent at a time; it is public, so its digits may choose.
        Scalar[] powers = new Scalar[16];
        powers[0] = ONE;
        for (int i = 1; i < 16; i++) {
            powers[i] = powers[i - 1].times(this);
        }
        Scalar result = ONE;
        for (int i = 0; i < 64; i++) {
            for (int j = 0; j < 4; j++) {
                result = result.times(result);
            }
            int digit = ORDER_BYTES[i / 2] >> (i % 2 == 0 ? 4 : 0) & 15;
            // n ends in 0x41, so taking two touches the last digits only: 0x3f.
            if (i == 62) {
                digit = 3;
            } else if (i == 63) {
                digit = 15;
            }
            result = result.times(powers[digit]);
        }
        return result;
    }

    /// `1 / this`, zero for zero, in a time that depends on the number: not for secrets.
    Scalar inverseVariable() {
        if (isZero()) {
            return this;
        }
        var order = new java.math.BigInteger(1, ORDER_BYTES);
        byte[] inverse = new java.math.BigInteger(1, toBytes()).modInverse(order).toByteArray();
        byte[] bytes = new byte[32];
        int count = Math.min(32, inverse.length);
        System.arraycopy(inverse, inverse.length - count, bytes, 32 - count, count);
        return of(bytes, 0);
    }
}
