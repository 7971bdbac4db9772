package weft.primitives.address;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import weft.primitives.Bytes;
import weft.testkit.Property;
import weft.testkit.Vectors;

class EncodingsTest {
    @Test
    void shouldGiveKnownBase58() {
        int cases = 0;
        for (JsonNode each : Vectors.json("keys/base58_encode_decode.json")) {
            byte[] bytes = HexFormat.of().parseHex(each.get(0).asString());
            String text = each.get(1).asString();
            assertThat(Base58.encode(bytes)).isEqualTo(text);
            assertThat(Base58.decode(text, 256)).hasValue(bytes);
            assertThat(Base58.decode(" \t" + text + "\n ", bytes.length)).hasValue(bytes);
            if (bytes.length > 0) {
                assertThat(Base58.decode(text, bytes.length - 1)).isEmpty();
            }
            cases++;
        }
        assertThat(cases).isEqualTo(21);
    }

    @Test
    void shouldComeBackFromBase58() {
        Property.holds(
                500,
                random -> {
                    byte[] bytes = Property.bytes(random, random.nextInt(60));
                    for (int i = random.nextInt(4); i > 0 && i < bytes.length; i--) {
                        bytes[i - 1] = 0;
                    }
                    assertThat(Base58.decode(Base58.encode(bytes), bytes.length)).hasValue(bytes);
                    String checked = Base58.encodeChecked(bytes);
                    assertThat(Base58.decodeChecked(checked, bytes.length)).hasValue(bytes);
                    int at = random.nextInt(checked.length());
                    char other = checked.charAt(at) == '2' ? '3' : '2';
                    String changed = checked.substring(0, at) + other + checked.substring(at + 1);
                    assertThat(Base58.decodeChecked(changed, bytes.length + 1)).isEmpty();
                });
    }

    @Test
    void shouldRefuseWhatIsNotBase58() {
        for (String text : List.of("0", "O", "I", "l", "2 2", "2\u00002", "2\u0131", "ä")) {
            assertThat(Base58.decode(text, 100)).as(text).isEmpty();
        }
        assertThat(Base58.decode("z".repeat(10_000_000), 100)).isEmpty();
        assertThat(Base58.decode("1".repeat(10_000_000), 100)).isEmpty();
        assertThat(Base58.decodeChecked("", 100)).isEmpty();
    }

    private static String text(JsonNode node) {
        if (node.has("string")) {
            return node.get("string").asString();
        }
        byte[] bytes = HexFormat.of().parseHex(node.get("bytes_hex").asString());
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    @Test
    void shouldTellBech32FromBech32m() {
        JsonNode all = Vectors.json("keys/bip173_bip350_bech32.json");
        for (Bech32.Encoding encoding : Bech32.Encoding.values()) {
            boolean first = encoding == Bech32.Encoding.BECH32;
            JsonNode vectors = all.get(first ? "bip173_bech32" : "bip350_bech32m");
            for (JsonNode each : vectors.get("valid")) {
                Bech32.Decoded decoded = Bech32.decode(each.asString()).orElseThrow();
                assertThat(decoded.encoding()).isEqualTo(encoding);
                String again =
                        Bech32.encode(encoding, decoded.hrp(), decoded.values().toByteArray());
                assertThat(again).isEqualToIgnoringCase(each.asString());
                assertThat(Bech32.locateErrors(each.asString()).message()).isEmpty();
            }
            for (JsonNode each : vectors.get("invalid")) {
                assertThat(Bech32.decode(text(each))).as(each.toString()).isEmpty();
                assertThat(Bech32.locateErrors(text(each)).message())
                        .as(each.toString())
                        .isNotEmpty();
            }
            assertThat(vectors.get("valid").size()).isEqualTo(7);
        }
    }

    private static void wrong(String text, String message, Integer... positions) {
        assertThat(Bech32.locateErrors(text))
                .isEqualTo(new Bech32.Errors(message, List.of(positions)));
    }

    @Test
    void shouldLocateErrorsAsCore() {
        wrong(" 1nwldj5", "Invalid character or mixed case", 0);
        wrong(
                "an84characterslonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio1569pvx",
                "Bech32 string too long",
                90);
        wrong("pzry9x0s0muk", "Missing separator");
        wrong("li1dgmt3", "Invalid separator position", 2);
        wrong("x1b4n0q5v", "Invalid Base 32 character", 2);
        wrong("de1lg7wt\u00ff", "Invalid character or mixed case", 8);
        wrong("A1G7SGD8", "Invalid checksum");
        wrong("a12UEL5L", "Invalid character or mixed case", 3, 4, 5, 7);
        wrong("abcdef1qpzrz9x8gf2tvdw0s3jn54khce6mua7lmqqqxw", "Invalid Bech32 checksum", 11);
        wrong("test1zg69w7y6hn0aqy352euf40x77qddq3dc", "Invalid Bech32 checksum", 9, 16);
        wrong("abcdef1l7aum6echk45nj2s0wdvt2fg8x9yrzpqzd3ryx", "Invalid Bech32m checksum", 21);
        wrong("test1zg69v7y60n00qy352euf40x77qcusag6", "Invalid Bech32m checksum", 13, 32);
    }

    @Test
    void shouldLocateOneOrTwoErrors() {
        String digits = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
        Property.holds(
                500,
                random -> {
                    byte[] values = new byte[1 + random.nextInt(60)];
                    for (int i = 0; i < values.length; i++) {
                        values[i] = (byte) random.nextInt(32);
                    }
                    Bech32.Encoding encoding = Bech32.Encoding.values()[random.nextInt(2)];
                    String text = Bech32.encode(encoding, "bc", values);
                    assertThat(Bech32.decode(text))
                            .hasValue(new Bech32.Decoded(encoding, "bc", Bytes.copyOf(values)));
                    var places = new TreeSet<Integer>();
                    var changed = new StringBuilder(text);
                    for (int count = 1 + random.nextInt(2); places.size() < count; ) {
                        int place = 3 + random.nextInt(text.length() - 3);
                        char other = digits.charAt(random.nextInt(32));
                        if (other != text.charAt(place) && places.add(place)) {
                            changed.setCharAt(place, other);
                        }
                    }
                    Bech32.Errors errors = Bech32.locateErrors(changed.toString());
                    // The other checksum may explain the text by fewer errors, never by none.
                    String name = encoding == Bech32.Encoding.BECH32 ? "Bech32" : "Bech32m";
                    if (errors.message().equals("Invalid " + name + " checksum")) {
                        assertThat(errors.positions()).containsExactlyElementsOf(places);
                    } else {
                        assertThat(errors.positions().size()).isBetween(1, places.size());
                    }
                });
    }
}
