package weft.app.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import weft.server.json.Json;

final class ConversionsTest {
    private final Conversions conversions = new Conversions();

    @Test
    void shouldMakeJsonOnlyOfParametersInTheTable() {
        assertThat(Json.write(conversions.positional("getblockhash", List.of("7"))))
                .isEqualTo("[7]");
        assertThat(Json.write(conversions.positional("getblock", List.of("00ff", "2"))))
                .isEqualTo("[\"00ff\",2]");
        assertThat(Json.write(conversions.positional("echo", List.of("7", "true"))))
                .isEqualTo("[\"7\",\"true\"]");
        assertThat(Json.write(conversions.positional("echojson", List.of("7", "[true,null]"))))
                .isEqualTo("[7,[true,null]]");
    }

    @Test
    void shouldTakeNamedArguments() {
        assertThat(
                        Json.write(
                                conversions.named(
                                        "getblock", List.of("verbosity=1", "blockhash=00"))))
                .isEqualTo("{\"verbosity\":1,\"blockhash\":\"00\"}");
        assertThat(Json.write(conversions.named("getblock", List.of("00", "verbosity=1"))))
                .isEqualTo("{\"verbosity\":1,\"args\":[\"00\"]}");
    }

    @Test
    void shouldLetTheLastOfEqualNamesWin() {
        assertThat(Json.write(conversions.named("getblockhash", List.of("height=1", "height=2"))))
                .isEqualTo("{\"height\":2}");
    }

    @Test
    void shouldKeepAmountsAsTheyWereTyped() {
        assertThat(
                        Json.write(
                                conversions.positional(
                                        "sendrawtransaction", List.of("00", "0.10000000"))))
                .isEqualTo("[\"00\",0.10000000]");
    }

    @Test
    void shouldSayWhatIsNoJson() {
        assertThatThrownBy(() -> conversions.positional("getblockhash", List.of("abc")))
                .isInstanceOf(CliFault.class)
                .hasMessage("Error parsing JSON: abc");
    }
}
