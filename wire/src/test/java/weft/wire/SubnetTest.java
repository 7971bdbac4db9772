package weft.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SubnetTest {
    private static final String ONION =
            "kpgvmscirrdqpekbqjsvw5teanhatztpp2gl6eee4zkowvwfxwenqaid.onion";

    @ParameterizedTest
    @CsvSource({
        "1.2.3.4, 1.2.3.4/32",
        "1.2.3.4/24, 1.2.3.0/24",
        "1.2.3.4/0, 0.0.0.0/0",
        "1.2.3.4/255.255.254.0, 1.2.2.0/23",
        "1.2.3.4/255.255.255.255, 1.2.3.4/32",
        "::1, ::1/128",
        "2001:db8:1:2::5/33, 2001:db8::/33",
        "1:2:3:4:5:6:7:8/ffff:ffff:ffff:fffe:ffff:ffff:ffff:ff0f, ",
        "1:2:3:4:5:6:7:8/ffff::, 1::/16",
        ONION + ", " + ONION
    })
    void shouldParseAndPrint(String text, String expected) {
        if (expected == null) {
            assertThatThrownBy(() -> Subnet.parse(text))
                    .isInstanceOf(IllegalArgumentException.class);
        } else {
            assertThat(Subnet.parse(text)).hasToString(expected);
            assertThat(Subnet.parse(expected)).isEqualTo(Subnet.parse(text));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1.2.3.4/33",
                "::/129",
                "1.2.3.4/255.0.255.0",
                "1.2.3.4/ffff::",
                "1.2.3.4/-1",
                "x/8",
                "",
                ONION + "/8"
            })
    void shouldRefuseOtherTexts(String text) {
        assertThatThrownBy(() -> Subnet.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void shouldContainWhatBeginsWithTheSameBits() {
        Subnet subnet = Subnet.parse("1.2.2.0/23");
        assertThat(subnet.contains(NetAddress.parse("1.2.3.4", 8333))).isTrue();
        assertThat(subnet.contains(NetAddress.parse("1.2.4.4", 8333))).isFalse();
        assertThat(subnet.contains(NetAddress.parse("[102:304::]", 8333))).isFalse();
        assertThat(Subnet.parse(ONION).contains(NetAddress.parse(ONION + ":1", 0))).isTrue();
        assertThat(Subnet.parse("0.0.0.0/0").contains(NetAddress.parse("255.255.255.255", 0)))
                .isFalse();
    }

    @Test
    void shouldRankOurAddresses() {
        NetAddress ipv4 = NetAddress.parse("8.8.8.8", 8333);
        NetAddress ipv6 = NetAddress.parse("2a00::1", 8333);
        NetAddress tunnel = NetAddress.parse("2002:808:808::1", 8333);
        NetAddress onion = NetAddress.parse(ONION, 8333);
        assertThat(ipv6.reachabilityFrom(ipv6)).isGreaterThan(tunnel.reachabilityFrom(ipv6));
        assertThat(ipv4.reachabilityFrom(ipv4)).isGreaterThan(ipv6.reachabilityFrom(ipv4));
        assertThat(onion.reachabilityFrom(onion)).isGreaterThan(ipv4.reachabilityFrom(onion));
        assertThat(NetAddress.parse("10.0.0.1", 1).reachabilityFrom(ipv4)).isZero();
        assertThat(tunnel.linkedIpv4()).hasValue(0x08080808);
    }
}
