package weft.p2p;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// IPv4 addresses with fewer than four numbers.
class IpShorthandTest {
    @ParameterizedTest
    @CsvSource({
        "127.1, 127.0.0.1",
        "127.1:18444, 127.0.0.1:18444",
        "10.1.258, 10.1.1.2",
        "1.16777215, 1.255.255.255",
        "127.0.0.1:8333, 127.0.0.1:8333",
        "1.16777216, 1.16777216",
        "256.1, 256.1",
        "1.256.1, 1.256.1",
        "1.2.65536, 1.2.65536",
        "1.2.3.4.5, 1.2.3.4.5",
        "seed.example:8333, seed.example:8333",
        "[::1]:8333, [::1]:8333",
        "127, 127",
        "1..2, 1..2",
        "1.2.3.4, 1.2.3.4",
        "1.2:, 1.2:",
        "1.2:123456, 1.2:123456",
        "1.2:1:2, 1.2:1:2",
        "1.123456789, 1.123456789",
        "+1.2, +1.2"
    })
    void shouldFillWhatIsLeft(String text, String address) {
        assertThat(IpShorthand.expand(text)).isEqualTo(address);
    }
}
