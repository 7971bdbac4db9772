package weft.crypto.internal.pure;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import weft.testkit.Property;

/// Every way of multiplying against doublings and additions by the schoolbook's formulas.
class PointTest {
    private static final BigInteger P = Numbers.P;

    /// Affine coordinates; null stands for infinity.
    private record Plain(BigInteger x, BigInteger y) {
        static @Nullable Plain of(@Nullable AffinePoint point) {
            return point == null ? null : new Plain(number(point.x()), number(point.y()));
        }

        private static BigInteger number(FieldElement element) {
            return Numbers.number(element);
        }

        static @Nullable Plain sum(@Nullable Plain a, @Nullable Plain b) {
            if (a == null || b == null) {
                return a == null ? b : a;
            }
            BigInteger slope;
            if (!a.x.equals(b.x)) {
                slope = b.y.subtract(a.y).multiply(b.x.subtract(a.x).modInverse(P));
            } else if (a.y.equals(b.y)) {
                slope =
                        a.x.pow(2)
                                .multiply(BigInteger.valueOf(3))
                                .multiply(a.y.shiftLeft(1).modInverse(P));
            } else {
                return null;
            }
            BigInteger x = slope.pow(2).subtract(a.x).subtract(b.x).mod(P);
            return new Plain(x, slope.multiply(a.x.subtract(x)).subtract(a.y).mod(P));
        }

        static @Nullable Plain product(@Nullable Plain point, BigInteger factor) {
            Plain result = null;
            for (int bit = factor.bitLength() - 1; bit >= 0; bit--) {
                result = sum(result, result);
                if (factor.testBit(bit)) {
                    result = sum(result, point);
                }
            }
            return result;
        }
    }

    private static AffinePoint point(SplittableRandom random) {
        if (random.nextInt(4) == 0) {
            // The generator and its like meet the tables' own points.
            AffinePoint g = AffinePoint.GENERATOR;
            AffinePoint near =
                    switch (random.nextInt(3)) {
                        case 0 -> g;
                        case 1 ->
                                new AffinePoint(
                                        new FieldElement()
                                                .setProduct(g.x(), Endomorphism.BETA)
                                                .normalize(),
                                        g.y());
                        default -> multiple(random.nextInt(2, 20));
                    };
            return random.nextBoolean() ? near : near.negated();
        }
        while (true) {
            var x = new FieldElement();
            boolean fits = x.setBytes(Property.bytes(random, 32), 0);
            AffinePoint point = fits ? AffinePoint.ofX(x, random.nextInt(2)) : null;
            if (point != null) {
                return point;
            }
        }
    }

    private static AffinePoint multiple(int factor) {
        return GeneratorComb.product(scalar(factor)).toAffine();
    }

    private static Scalar scalar(int number) {
        return Scalar.of(Numbers.bytes(BigInteger.valueOf(number)), 0);
    }

    private static Scalar factor(SplittableRandom random) {
        Scalar factor =
                random.nextInt(3) == 0
                        ? scalar(random.nextInt(40))
                        : Scalar.of(Numbers.word(random), 0);
        return random.nextInt(4) == 0 ? factor.negated() : factor;
    }

    @Test
    void shouldMultiplyTwoPointsAtOnce() {
        Plain generator = Plain.of(AffinePoint.GENERATOR);
        Property.holds(
                150,
                random -> {
                    AffinePoint p = point(random);
                    Scalar a = factor(random);
                    Scalar b = factor(random);
                    Plain left = Plain.product(Plain.of(p), Numbers.number(a));
                    Plain right = Plain.product(generator, Numbers.number(b));
                    assertThat(Plain.of(DoubleMultiplication.of(p, a, b).toAffine()))
                            .isEqualTo(Plain.sum(left, right));
                    assertThat(Plain.of(DoubleMultiplication.of(b).toAffine())).isEqualTo(right);
                });
    }

    @Test
    void shouldMultiplySecretly() {
        Plain generator = Plain.of(AffinePoint.GENERATOR);
        Property.holds(
                80,
                random -> {
                    AffinePoint p = point(random);
                    Scalar factor = factor(random);
                    if (factor.isZero()) {
                        return;
                    }
                    BigInteger number = Numbers.number(factor);
                    assertThat(Plain.of(SecretPoint.product(p, factor).toAffine()))
                            .isEqualTo(Plain.product(Plain.of(p), number));
                    assertThat(Plain.of(GeneratorComb.product(factor).toAffine()))
                            .isEqualTo(Plain.product(generator, number));
                });
    }

    @Test
    void shouldAddEveryTwoPoints() {
        Property.holds(
                200,
                random -> {
                    AffinePoint a = point(random);
                    AffinePoint b =
                            switch (random.nextInt(4)) {
                                case 0 -> a;
                                case 1 -> a.negated();
                                default -> point(random);
                            };
                    Plain wanted = Plain.sum(Plain.of(a), Plain.of(b));
                    var sum = new JacobianPoint(a);
                    sum.add(b.x(), b.y());
                    assertThat(sum.isInfinite()).isEqualTo(wanted == null);
                    assertThat(Plain.of(sum.toAffine())).isEqualTo(wanted);
                    BigInteger x = Plain.number(a.x());
                    assertThat(sum.hasX(a.x())).isEqualTo(wanted != null && wanted.x().equals(x));
                    if (wanted != null) {
                        var wantedX = new FieldElement();
                        wantedX.setBytes(Numbers.bytes(wanted.x()), 0);
                        assertThat(sum.hasX(wantedX)).isTrue();
                        var secret = new SecretPoint(a);
                        secret.add(new SecretPoint(b));
                        assertThat(Plain.of(secret.toAffine())).isEqualTo(wanted);
                        secret.twice();
                        assertThat(Plain.of(secret.toAffine()))
                                .isEqualTo(Plain.sum(wanted, wanted));
                    }
                });
    }
}
