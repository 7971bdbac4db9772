package weft.crypto.internal.pure;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import weft.testkit.Property;

class ScalarTest {
    private static final BigInteger N = Numbers.N;
    private static final BigInteger LIMIT = BigInteger.TWO.pow(128);

    private static Scalar scalar(SplittableRandom random) {
        return Scalar.of(Numbers.word(random), 0);
    }

    @Test
    void shouldReadModuloTheOrder() {
        Property.holds(
                1000,
                random -> {
                    byte[] bytes = Numbers.word(random);
                    BigInteger number = Numbers.number(bytes);
                    Scalar scalar = Scalar.of(bytes, 0);
                    assertThat(Numbers.number(scalar)).isEqualTo(number.mod(N));
                    assertThat(Scalar.isBelowOrder(bytes, 0)).isEqualTo(number.compareTo(N) < 0);
                    assertThat(scalar.isZero()).isEqualTo(number.mod(N).signum() == 0);
                    int from = random.nextInt(256);
                    int count = random.nextInt(1, 17);
                    int wanted = number.mod(N).shiftRight(from).intValue() & ((1 << count) - 1);
                    assertThat(scalar.bits(from, count)).isEqualTo(wanted);
                });
    }

    @Test
    void shouldAddNegateAndMultiply() {
        Property.holds(
                3000,
                random -> {
                    Scalar a = scalar(random);
                    Scalar b = scalar(random);
                    BigInteger x = Numbers.number(a);
                    BigInteger y = Numbers.number(b);
                    assertThat(Numbers.number(a.plus(b))).isEqualTo(x.add(y).mod(N));
                    assertThat(Numbers.number(a.times(b))).isEqualTo(x.multiply(y).mod(N));
                    assertThat(Numbers.number(a.negated())).isEqualTo(x.negate().mod(N));
                    boolean high = x.compareTo(N.shiftRight(1)) > 0;
                    assertThat(a.highMask()).isEqualTo(high ? -1 : 0);
                    assertThat(Numbers.number(a.negatedWhere(a.highMask())))
                            .isEqualTo(x.min(N.subtract(x)));
                    BigInteger rounded = x.multiply(y).add(BigInteger.ONE.shiftLeft(383));
                    assertThat(Numbers.number(a.timesShifted(b)))
                            .isEqualTo(rounded.shiftRight(384));
                });
    }

    @Test
    void shouldInvertInBothWays() {
        Property.holds(
                200,
                random -> {
                    Scalar a = scalar(random);
                    BigInteger x = Numbers.number(a);
                    BigInteger wanted = x.signum() == 0 ? x : x.modInverse(N);
                    assertThat(Numbers.number(a.inverse())).isEqualTo(wanted);
                    assertThat(Numbers.number(a.inverseVariable())).isEqualTo(wanted);
                });
    }

    @Test
    void shouldSplitIntoShortFactors() {
        BigInteger lambda = Numbers.number(Endomorphism.LAMBDA);
        assertThat(lambda.modPow(BigInteger.valueOf(3), N)).isEqualTo(BigInteger.ONE);
        assertThat(Numbers.number(Endomorphism.BETA).modPow(BigInteger.valueOf(3), Numbers.P))
                .isEqualTo(BigInteger.ONE);
        Property.holds(
                2000,
                random -> {
                    Scalar k = scalar(random);
                    Endomorphism split = Endomorphism.split(k);
                    BigInteger first = Numbers.number(split.first());
                    BigInteger second = Numbers.number(split.second());
                    assertThat(first).isLessThan(LIMIT);
                    assertThat(second).isLessThan(LIMIT);
                    BigInteger sum =
                            (split.firstNegative() ? first.negate() : first)
                                    .add(
                                            (split.secondNegative() ? second.negate() : second)
                                                    .multiply(lambda));
                    assertThat(sum.mod(N)).isEqualTo(Numbers.number(k));
                });
    }

    @Test
    void shouldWriteSparseOddDigits() {
        Property.holds(
                1000,
                random -> {
                    BigInteger number =
                            random.nextInt(4) == 0
                                    ? LIMIT.subtract(BigInteger.valueOf(random.nextInt(1, 40)))
                                    : Numbers.number(Property.bytes(random, random.nextInt(17)));
                    int window = random.nextInt(2, 13);
                    boolean negative = random.nextBoolean();
                    short[] digits = new short[Wnaf.LENGTH];
                    Scalar value = Scalar.of(Numbers.bytes(number), 0);
                    int end = Wnaf.write(value, negative, window, digits);
                    BigInteger sum = BigInteger.ZERO;
                    int quiet = 0;
                    for (int i = digits.length - 1; i >= 0; i--) {
                        sum = sum.shiftLeft(1).add(BigInteger.valueOf(digits[i]));
                        if (digits[i] != 0) {
                            assertThat(digits[i] & 1).isEqualTo(1);
                            assertThat(Math.abs(digits[i])).isLessThan(1 << (window - 1));
                            assertThat(i).isLessThan(end);
                        }
                    }
                    for (short digit : digits) {
                        assertThat(digit == 0 || quiet == 0).isTrue();
                        quiet = digit != 0 ? window - 1 : Math.max(0, quiet - 1);
                    }
                    assertThat(sum).isEqualTo(negative ? number.negate() : number);
                });
    }
}
