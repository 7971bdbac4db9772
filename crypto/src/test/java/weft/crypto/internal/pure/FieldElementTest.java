package weft.crypto.internal.pure;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import org.junit.jupiter.api.Test;
import weft.testkit.Property;

class FieldElementTest {
    private static final BigInteger P = Numbers.P;

    private static BigInteger normal(FieldElement element) {
        byte[] bytes = new byte[32];
        element.copy().normalize().getBytes(bytes, 0);
        return Numbers.number(bytes);
    }

    @Test
    void shouldReadAndWriteBytes() {
        Property.holds(
                500,
                random -> {
                    byte[] bytes = Numbers.word(random);
                    var element = new FieldElement();
                    BigInteger number = Numbers.number(bytes);
                    assertThat(element.setBytes(bytes, 0)).isEqualTo(number.compareTo(P) < 0);
                    assertThat(Numbers.number(element)).isEqualTo(number);
                    byte[] back = new byte[32];
                    element.getBytes(back, 0);
                    assertThat(back).isEqualTo(bytes);
                });
    }

    @Test
    void shouldMultiplyAtTheBoundsOfMagnitude() {
        Property.holds(
                5000,
                random -> {
                    FieldElement a = Numbers.element(random, 16);
                    FieldElement b = Numbers.element(random, 16);
                    var product = new FieldElement().setProduct(a, b);
                    BigInteger wanted = Numbers.number(a).multiply(Numbers.number(b)).mod(P);
                    assertThat(Numbers.number(product).mod(P)).isEqualTo(wanted);
                    assertMagnitudeOne(product);
                    var square = new FieldElement().setSquare(a);
                    assertThat(Numbers.number(square).mod(P))
                            .isEqualTo(Numbers.number(a).pow(2).mod(P));
                    assertMagnitudeOne(square);
                    BigInteger first = Numbers.number(a).mod(P);
                    assertThat(normal(a.setProduct(a, b))).as("in place").isEqualTo(wanted);
                    BigInteger second = Numbers.number(b).mod(P);
                    assertThat(normal(b.setSquare(b))).isEqualTo(second.pow(2).mod(P));
                    assertThat(wanted).isEqualTo(first.multiply(second).mod(P));
                });
    }

    private static void assertMagnitudeOne(FieldElement element) {
        long[] limbs = new long[FieldElement.LIMBS];
        element.store(limbs, 0);
        for (int i = 0; i < 4; i++) {
            assertThat(limbs[i]).isBetween(0L, (1L << 52) - 1);
        }
        // A carry may stand above the last limb, or be borrowed from it.
        assertThat(limbs[4]).isBetween(-(1L << 12), (1L << 48) + (1L << 12));
    }

    @Test
    void shouldNormalizeEveryMagnitude() {
        Property.holds(
                5000,
                random -> {
                    FieldElement a = Numbers.element(random, 1 + random.nextInt(1000));
                    BigInteger wanted = Numbers.number(a).mod(P);
                    assertThat(Numbers.number(a.copy().normalize())).isEqualTo(wanted);
                    assertThat(Numbers.number(a.copy().shrink()).mod(P)).isEqualTo(wanted);
                    assertThat(a.isZeroVariable()).isEqualTo(wanted.signum() == 0);
                    assertThat(a.copy().normalize().parity()).isEqualTo(wanted.testBit(0) ? 1 : 0);
                });
    }

    @Test
    void shouldKnowEveryFormOfZero() {
        var p = new FieldElement();
        p.setBytes(Numbers.bytes(P), 0);
        Property.holds(
                200,
                random -> {
                    FieldElement a = Numbers.element(random, 8);
                    var zero = new FieldElement().setMultiple(p, random.nextInt(-9, 10));
                    assertThat(zero.isZeroVariable()).isTrue();
                    var same = new FieldElement().setSum(a, zero);
                    assertThat(same.sameAs(a)).isTrue();
                    assertThat(same.setDifference(same, a).isZeroVariable()).isTrue();
                    assertThat(same.setSum(same, 1).isZeroVariable()).isFalse();
                });
    }

    @Test
    void shouldAddSubtractNegateAndChoose() {
        Property.holds(
                500,
                random -> {
                    FieldElement a = Numbers.element(random, 8);
                    FieldElement b = Numbers.element(random, 8);
                    BigInteger x = Numbers.number(a);
                    BigInteger y = Numbers.number(b);
                    var result = new FieldElement();
                    assertThat(normal(result.setSum(a, b))).isEqualTo(x.add(y).mod(P));
                    assertThat(normal(result.setDifference(a, b))).isEqualTo(x.subtract(y).mod(P));
                    assertThat(normal(result.setNegated(a))).isEqualTo(x.negate().mod(P));
                    assertThat(normal(result.setMultiple(a, 21)))
                            .isEqualTo(x.multiply(BigInteger.valueOf(21)).mod(P));
                    result.set(a).setWhere(0, b);
                    assertThat(Numbers.number(result)).isEqualTo(x);
                    result.setWhere(-1, b);
                    assertThat(Numbers.number(result)).isEqualTo(y);
                });
    }

    @Test
    void shouldInvertAndTakeRoots() {
        Property.holds(
                300,
                random -> {
                    FieldElement a = Numbers.element(random, 8);
                    BigInteger number = Numbers.number(a).mod(P);
                    BigInteger inverse =
                            number.signum() == 0 ? BigInteger.ZERO : number.modInverse(P);
                    assertThat(normal(FieldPowers.inverse(a))).isEqualTo(inverse);
                    BigInteger half = P.subtract(BigInteger.ONE).shiftRight(1);
                    boolean square = number.modPow(half, P).compareTo(BigInteger.ONE) <= 0;
                    assertThat(FieldPowers.isSquare(a)).isEqualTo(square);
                    FieldElement root = FieldPowers.root(a);
                    BigInteger wanted = square ? number : P.subtract(number);
                    assertThat(normal(root).pow(2).mod(P)).isEqualTo(wanted);
                });
    }
}
