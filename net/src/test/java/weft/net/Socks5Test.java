package weft.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import weft.primitives.Bytes;
import weft.testkit.Property;

/// The handshake with a SOCKS5 proxy, byte by byte.
class Socks5Test {
    private static final Socks5.Login LOGIN = new Socks5.Login("me", "secret");

    private static Socks5 handshake(Socks5.@Nullable Login login) throws IOException {
        return new Socks5("seed.example", 8333, login);
    }

    private static void hear(Socks5 handshake, String hex) throws IOException {
        byte[] all = Bytes.parse(hex).toByteArray();
        for (int at = 0; at < all.length; ) {
            int end = at + handshake.wanted();
            handshake.received(java.util.Arrays.copyOfRange(all, at, end));
            at = end;
        }
    }

    private static String sent(Socks5 handshake) {
        return Bytes.wrap(handshake.toSend()).toString();
    }

    private static String hex(String text) {
        return Bytes.wrap(text.getBytes(StandardCharsets.US_ASCII)).toString();
    }

    @Test
    void shouldAskForANameWithoutALogin() throws Exception {
        Socks5 handshake = handshake(null);
        assertThat(sent(handshake)).isEqualTo("050100");
        hear(handshake, "0500");
        assertThat(sent(handshake)).isEqualTo("05010003" + "0c" + hex("seed.example") + "208d");
        assertThat(handshake.isDialling()).isTrue();
        hear(handshake, "05000001" + "7f000001" + "1f90");
        assertThat(handshake.wanted()).isZero();
    }

    @Test
    void shouldLogInWhereTheProxyWants() throws Exception {
        Socks5 handshake = handshake(LOGIN);
        assertThat(sent(handshake)).isEqualTo("05020002");
        hear(handshake, "0502");
        assertThat(sent(handshake)).isEqualTo("01" + "02" + hex("me") + "06" + hex("secret"));
        hear(handshake, "0100");
        assertThat(sent(handshake)).startsWith("05010003");
        hear(handshake, "05000001" + "00000000" + "0000");
        assertThat(handshake.wanted()).isZero();
    }

    @Test
    void shouldNotLogInWhereTheProxyDoesNotWant() throws Exception {
        Socks5 handshake = handshake(LOGIN);
        hear(handshake, "0500");
        assertThat(sent(handshake)).startsWith("05010003");
    }

    @Test
    void shouldReadEveryFormOfTheProxysAddress() throws Exception {
        for (String address :
                List.of(
                        "01" + "01020304",
                        "04" + "20010db8".repeat(4),
                        "03" + "03616263",
                        "0300")) {
            Socks5 handshake = handshake(null);
            hear(handshake, "0500" + "050000" + address + "0050");
            assertThat(handshake.wanted()).as(address).isZero();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "1, general failure",
        "2, connection not allowed",
        "3, network unreachable",
        "4, host unreachable",
        "5, connection refused",
        "6, TTL expired",
        "7, protocol error",
        "8, address type not supported",
        "9, unknown",
        "255, unknown"
    })
    void shouldSayWhyTheProxyRefuses(int code, String why) throws Exception {
        Socks5 handshake = handshake(null);
        hear(handshake, "0500");
        assertThatThrownBy(() -> handshake.received(new byte[] {5, (byte) code, 0, 1}))
                .isInstanceOf(IOException.class)
                .hasMessage("Socks5() connect to seed.example:8333 failed: " + why);
    }

    @ParameterizedTest
    @CsvSource({
        "0400, Proxy failed to initialize",
        "4854, Proxy failed to initialize",
        "0502, Proxy requested wrong authentication method 02",
        "0501, Proxy requested wrong authentication method 01",
        "05ff, Proxy requested wrong authentication method ff",
        "050004000001, Proxy failed to accept request",
        "050005000101, malformed proxy response",
        "050005000002, malformed proxy response"
    })
    void shouldNotSpeakWithWhatIsNoProxy(String said, String why) throws Exception {
        Socks5 handshake = handshake(null);
        assertThatThrownBy(() -> hear(handshake, said))
                .isInstanceOf(IOException.class)
                .hasMessage(why);
    }

    @Test
    void shouldTakeNoForAnAnswerToALogin() throws Exception {
        for (String no : List.of("0101", "0500", "01ff")) {
            Socks5 handshake = handshake(LOGIN);
            hear(handshake, "0502");
            assertThatThrownBy(() -> hear(handshake, no))
                    .hasMessage("Proxy authentication unsuccessful");
        }
    }

    @Test
    void shouldRefuseWhatDoesNotFit() throws Exception {
        assertThat(new Socks5("x".repeat(255), 1, null).wanted()).isEqualTo(2);
        assertThatThrownBy(() -> new Socks5("x".repeat(256), 1, null))
                .hasMessage("Hostname too long");
        // 128 letters of two bytes each.
        assertThatThrownBy(() -> new Socks5("é".repeat(128), 1, null))
                .hasMessage("Hostname too long");
        Socks5 longLogin = handshake(new Socks5.Login("u", "p".repeat(256)));
        assertThatThrownBy(() -> hear(longLogin, "0502"))
                .hasMessage("Proxy username or password too long");
    }

    @Test
    void shouldEndWithAnAnswerWhateverTheProxySays() {
        Property.holds(
                10_000,
                random -> {
                    try {
                        Socks5 handshake = handshake(random.nextBoolean() ? LOGIN : null);
                        for (int i = 0; i < 8 && handshake.wanted() > 0; i++) {
                            byte[] said = new byte[handshake.wanted()];
                            random.nextBytes(said);
                            // Mostly plausible, else nothing gets past the first byte.
                            said[0] = random.nextInt(4) > 0 ? (byte) (i == 1 ? 1 : 5) : said[0];
                            for (int j = 1; j < said.length && random.nextInt(4) > 0; j++) {
                                said[j] = (byte) random.nextInt(0, 5);
                            }
                            handshake.received(said);
                        }
                        assertThat(handshake.wanted()).isLessThanOrEqualTo(257);
                    } catch (IOException e) {
                        assertThat(e.getMessage()).isNotBlank().doesNotContain("\n");
                    }
                });
    }

    @Test
    void shouldMakeLoginsOf128BitsThatNobodyHas() {
        var random = new SplittableRandom(7);
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < 1_000; i++) {
            Socks5.Login login = Socks5.Login.random(random::nextBytes);
            assertThat(login.user()).matches("[0-9a-f]{32}");
            assertThat(login.password()).matches("[0-9a-f]{32}");
            assertThat(seen.add(login.user()) && seen.add(login.password())).isTrue();
        }
    }
}
