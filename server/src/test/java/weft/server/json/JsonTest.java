package weft.server.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import weft.testkit.Vectors;

/// Numbers, order of keys, and which texts are JSON.
class JsonTest {
    /// Twenty levels: "too deep" for the collection's authors, but not for Bitcoin Core, whose tests leave
    /// it out.
    private static final String NOT_TOO_DEEP = "fail18.json";

    @Test
    void shouldWriteAmountsWithEightDecimals() {
        assertThat(Json.write(Json.amount(0))).isEqualTo("0.00000000");
        assertThat(Json.write(Json.amount(1))).isEqualTo("0.00000001");
        assertThat(Json.write(Json.amount(-150_000_000))).isEqualTo("-1.50000000");
        assertThat(Json.write(Json.amount(2_099_999_997_690_000L))).isEqualTo("20999999.97690000");
    }

    @Test
    void shouldWriteDoublesAsBitcoinCoreDoes() {
        assertThat(Json.write(Json.real(4.656542373906925e-10))).isEqualTo("4.656542373906925e-10");
        assertThat(Json.write(Json.real(1))).isEqualTo("1");
        assertThat(Json.write(Json.real(0))).isEqualTo("0");
        assertThat(Json.write(Json.real(0.0001))).isEqualTo("0.0001");
        assertThat(Json.write(Json.real(0.00001))).isEqualTo("1e-05");
        assertThat(Json.write(Json.real(1e16))).isEqualTo("1e+16");
    }

    @Test
    void shouldKeepNumbersAndOrderOfKeys() {
        String text = "{\"z\":0.10000000,\"a\":123456789012345678901,\"m\":[true,null,\"x\"]}";
        assertThat(Json.write(Json.parse(text))).isEqualTo(text);
    }

    @Test
    void shouldTellJsonFromOtherText() {
        List<String> wrong =
                Vectors.json("rpc/json_parser.json")
                        .valueStream()
                        .filter(each -> isJson(each) != each.path("valid").booleanValue())
                        .map(each -> each.path("name").stringValue())
                        .toList();
        assertThat(wrong).containsExactly(NOT_TOO_DEEP);
    }

    private static boolean isJson(JsonNode vector) {
        try {
            Json.parse(HexFormat.of().parseHex(vector.path("text_hex").stringValue()));
            return true;
        } catch (IllegalArgumentException _) {
            return false;
        }
    }

    @Test
    void shouldRefuseMoreThanOneValue() {
        assertThatThrownBy(() -> Json.parse("{} {}")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void shouldTellOfRepeatedKeysAndFindTheFirst() {
        JsonNode object = Json.parse("{\"a\":1,\"b\":{\"c\":2,\"c\":3},\"a\":4}");
        assertThat(object.path("a").asInt()).isEqualTo(1);
        assertThat(Json.entries(object))
                .extracting(each -> each.getKey() + "=" + Json.write(each.getValue()))
                .startsWith("a=1")
                .endsWith("a=4")
                .hasSize(3);
        assertThat(Json.entries(object.path("b"))).hasSize(2);
        assertThat(Json.entries(Json.parse("{\"a\":1}"))).hasSize(1);
        assertThat(Json.write(object)).isEqualTo("{\"a\":1,\"b\":{\"c\":2}}");
    }
}
