package weft.primitives.address;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import weft.testkit.Property;

class Base58Test {
    private static final String DIGITS =
            "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

    private static String slowly(byte[] bytes) {
        var text = new StringBuilder();
        BigInteger base = BigInteger.valueOf(DIGITS.length());
        BigInteger rest = new BigInteger(1, bytes);
        while (rest.signum() > 0) {
            text.append(DIGITS.charAt(rest.mod(base).intValue()));
            rest = rest.divide(base);
        }
        for (int i = 0; i < bytes.length && bytes[i] == 0; i++) {
            text.append(DIGITS.charAt(0));
        }
        return text.reverse().toString();
    }

    @Test
    void shouldWriteTheNumberThatTheBytesAre() {
        Property.holds(
                2_000,
                random -> {
                    byte[] bytes = new byte[random.nextInt(90)];
                    random.nextBytes(bytes);
                    int zeros = random.nextInt(bytes.length + 1) * random.nextInt(2);
                    Arrays.fill(bytes, 0, zeros, (byte) 0);
                    if (random.nextInt(4) == 0) {
                        Arrays.fill(bytes, zeros, bytes.length, (byte) 0xff);
                    }
                    String text = Base58.encode(bytes);
                    assertThat(text).isEqualTo(slowly(bytes));
                    assertThat(Base58.decode(text, bytes.length)).hasValue(bytes);
                });
    }
}
