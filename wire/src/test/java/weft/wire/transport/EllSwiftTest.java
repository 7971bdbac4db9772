package weft.wire.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.testkit.Property;
import weft.testkit.Vectors;

class EllSwiftTest {
    private static final BigInteger P = BigInteger.ONE.shiftLeft(256)
            .subtract(BigInteger.ONE.shiftLeft(32))
            .subtract(BigInteger.valueOf(977));

    private static List<String[]> rows(String file) {
        List<String> lines = Vectors.lines(file);
        return lines.subList(1, lines.size()).stream().map(line -> line.split(",", -1)).toList();
    }

    @Test
    @DisplayName("S-110 ElligatorSwift keys are decoded as in BIP324's vectors")
    void shouldDecodeAsBip324Says() {
        List<String[]> rows = rows("p2p/bip324_ellswift_decode.csv");
        assertThat(rows).hasSize(76);
        for (String[] row : rows) {
            BigInteger u = new BigInteger(row[0].substring(0, 64), 16).mod(P);
            BigInteger t = new BigInteger(row[0].substring(64), 16).mod(P);
            assertThat(EllSwift.decode(u, t)).as(row[2]).isEqualTo(new BigInteger(row[1], 16));
        }
    }

    @Test
    @DisplayName("S-110 ElligatorSwift keys are encoded as in BIP324's vectors")
    void shouldEncodeAsBip324Says() {
        List<String[]> rows = rows("p2p/bip324_xswiftec_inv.csv");
        assertThat(rows).hasSize(32);
        for (String[] row : rows) {
            BigInteger u = new BigInteger(row[0], 16);
            BigInteger x = new BigInteger(row[1], 16);
            for (int which = 0; which < 8; which++) {
                String expected = row[2 + which];
                Optional<BigInteger> t = EllSwift.inverse(x, u, which);
                assertThat(t.map(each -> "%064x".formatted(each)).orElse("")).isEqualTo(expected);
            }
        }
    }

    @Test
    void shouldShareTheSameSecretOnBothSides() {
        Property.holds(10, random -> {
            byte[] a = Property.bytes(random, 32);
            byte[] b = Property.bytes(random, 32);
            byte[] keyA = EllSwift.create(a, Property.bytes(random, 32));
            byte[] keyB = EllSwift.create(b, Property.bytes(random, 32));
            byte[] shared = EllSwift.shared(keyA, keyB, a, true);
            assertThat(EllSwift.shared(keyB, keyA, b, false)).isEqualTo(shared);
            assertThat(EllSwift.shared(keyA, keyB, a, false)).isNotEqualTo(shared);
        });
    }
}
