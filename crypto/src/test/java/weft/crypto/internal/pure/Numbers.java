package weft.crypto.internal.pure;

import java.math.BigInteger;
import java.util.List;
import java.util.SplittableRandom;
import weft.testkit.Property;

/// The same numbers as [BigInteger], and numbers at which arithmetic likes to go wrong.
final class Numbers {
    static final BigInteger P =
            BigInteger.TWO
                    .pow(256)
                    .subtract(BigInteger.TWO.pow(32))
                    .subtract(BigInteger.valueOf(977));
    static final BigInteger N =
            new BigInteger("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141", 16);

    private static final List<BigInteger> EDGES =
            List.of(
                    BigInteger.ZERO,
                    BigInteger.ONE,
                    BigInteger.TWO,
                    N.shiftRight(1),
                    N.shiftRight(1).add(BigInteger.ONE),
                    N.subtract(BigInteger.ONE),
                    N,
                    N.add(BigInteger.ONE),
                    P.subtract(N),
                    P.subtract(BigInteger.ONE),
                    P,
                    P.add(BigInteger.ONE),
                    BigInteger.TWO.pow(128),
                    BigInteger.TWO.pow(128).subtract(BigInteger.ONE),
                    BigInteger.TWO.pow(208).subtract(BigInteger.ONE),
                    BigInteger.TWO.pow(256).subtract(BigInteger.ONE));

    private Numbers() {}

    /// 32 bytes of a number below 2^256.
    static byte[] bytes(BigInteger number) {
        byte[] signed = number.toByteArray();
        byte[] bytes = new byte[32];
        int count = Math.min(32, signed.length);
        System.arraycopy(signed, signed.length - count, bytes, 32 - count, count);
        return bytes;
    }

    /// 32 bytes: one in three times an edge, else random.
    static byte[] word(SplittableRandom random) {
        return random.nextInt(3) == 0
                ? bytes(EDGES.get(random.nextInt(EDGES.size())))
                : Property.bytes(random, 32);
    }

    static BigInteger number(byte[] bytes) {
        return new BigInteger(1, bytes);
    }

    static BigInteger number(Scalar scalar) {
        return number(scalar.toBytes());
    }

    /// What the limbs stand for; may be negative or far above p.
    static BigInteger number(FieldElement element) {
        long[] limbs = new long[FieldElement.LIMBS];
        element.store(limbs, 0);
        BigInteger sum = BigInteger.ZERO;
        for (int i = FieldElement.LIMBS - 1; i >= 0; i--) {
            sum = sum.shiftLeft(52).add(BigInteger.valueOf(limbs[i]));
        }
        return sum;
    }

    /// An element whose limbs use a magnitude up to its bounds, often at them.
    static FieldElement element(SplittableRandom random, int magnitude) {
        if (random.nextInt(4) == 0) {
            var element = new FieldElement();
            element.setBytes(word(random), 0);
            return element;
        }
        long[] limbs = new long[FieldElement.LIMBS];
        for (int i = 0; i < limbs.length; i++) {
            long bound = (long) magnitude << (i == limbs.length - 1 ? 48 : 52);
            limbs[i] =
                    switch (random.nextInt(6)) {
                        case 0 -> bound;
                        case 1 -> -bound;
                        case 2 -> random.nextInt(-1, 2);
                        default -> random.nextLong(-bound, bound + 1);
                    };
        }
        return new FieldElement().load(limbs, 0);
    }
}
