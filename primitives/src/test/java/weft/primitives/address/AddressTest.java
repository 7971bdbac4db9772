package weft.primitives.address;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import weft.primitives.Bytes;
import weft.testkit.Property;
import weft.testkit.Vectors;

class AddressTest {
    private static String caseFlipped(String text) {
        var flipped = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            flipped.append(
                    Character.isUpperCase(c) ? Character.toLowerCase(c) : Character.toUpperCase(c));
        }
        return flipped.toString();
    }

    @Test
    void shouldReadWhatIsValid() {
        int cases = 0;
        for (JsonNode each : Vectors.json("keys/key_io_valid.json")) {
            String text = each.get(0).asString();
            Bytes content = Bytes.parse(each.get(1).asString());
            AddressPrefixes network = Networks.of(each.get(2).get("chain").asString());
            if (each.get(2).get("isPrivkey").asBoolean()) {
                PrivateKey key = PrivateKey.parse(text, network).orElseThrow();
                assertThat(key.secret()).isEqualTo(content);
                assertThat(key.isCompressed())
                        .isEqualTo(each.get(2).get("isCompressed").asBoolean());
                assertThat(key.encode(network)).isEqualTo(text);
                assertThatThrownBy(() -> Address.parse(text, network))
                        .isInstanceOf(AddressFault.class);
            } else {
                Address address = Address.parse(text, network);
                assertThat(address.scriptPubKey()).isEqualTo(content);
                assertThat(address.encode(network)).isEqualTo(text);
                assertThat(Address.of(content)).hasValue(address);
                assertThat(PrivateKey.parse(text, network)).isEmpty();
                if (each.get(2).path("tryCaseFlip").asBoolean(false)) {
                    assertThat(Address.parse(caseFlipped(text), network)).isEqualTo(address);
                }
            }
            cases++;
        }
        assertThat(cases).isEqualTo(70);
    }

    @Test
    void shouldRefuseWhatIsInvalid() {
        int cases = 0;
        for (JsonNode each : Vectors.json("keys/key_io_invalid.json")) {
            String text = each.get(0).asString();
            for (AddressPrefixes network : Networks.ALL) {
                assertThatThrownBy(() -> Address.parse(text, network))
                        .isInstanceOf(AddressFault.class);
                assertThat(PrivateKey.parse(text, network)).isEmpty();
            }
            cases++;
        }
        assertThat(cases).isEqualTo(70);
    }

    @Test
    void shouldReadAddressesOfBip350() {
        JsonNode vectors = Vectors.json("keys/bip173_bip350_bech32.json").get("bip350_bech32m");
        for (JsonNode each : vectors.get("valid_addresses")) {
            String text = each.get("address").asString();
            AddressPrefixes network =
                    text.toLowerCase(java.util.Locale.ROOT).startsWith("bc")
                            ? Networks.MAIN
                            : Networks.TEST;
            Address address = Address.parse(text, network);
            assertThat(address.scriptPubKey().toHex())
                    .isEqualTo(each.get("scriptPubKey").asString());
            assertThat(address.encode(network)).isEqualToIgnoringCase(text);
        }
        for (JsonNode each : vectors.get("invalid_addresses")) {
            for (AddressPrefixes network : Networks.ALL) {
                assertThatThrownBy(() -> Address.parse(each.get("address").asString(), network))
                        .isInstanceOf(AddressFault.class);
            }
        }
        assertThat(vectors.get("invalid_addresses").size()).isGreaterThan(10);
    }

    private static void refused(String text, String message, Integer... positions) {
        AddressFault fault =
                catchThrowableOfType(AddressFault.class, () -> Address.parse(text, Networks.MAIN));
        assertThat(fault).as(text).isNotNull().hasMessage(message);
        assertThat(fault.positions()).as(text).isEqualTo(List.of(positions));
    }

    @Test
    void shouldSayWhyInTheWordsOfCore() {
        String unknown = "Invalid or unsupported Segwit (Bech32) or Base58 encoding.";
        refused("tc1qw508d6qejxtdg4y5r3zarvary0c5xw7kg3g4ty", unknown);
        refused("0", unknown);
        refused("", "Invalid checksum or length of Base58 address (P2PKH or P2SH)");
        refused("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5", "Invalid Bech32 checksum", 41);
        refused(
                "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3t4",
                "Invalid character or mixed case",
                40);
        refused("bc1gmk9yu", "Empty Bech32 data section");
        refused(
                "BC1QR508D6QEJXTDG4Y5R3ZARVARYV98GJ9P",
                "Invalid Bech32 v0 address program size (16 bytes), per BIP141");
        refused(
                "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqh2y7hd",
                "Version 1+ witness address must use Bech32m checksum");
        refused(
                "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kemeawh",
                "Version 0 witness address must use Bech32 checksum");
        refused(
                "bc1p38j9r5y49hruaue7wxjce0updqjuyyx0kh56v8s25huc6995vvpql3jow4",
                "Invalid Base 32 character",
                59);
        refused(
                "BC130XLXVLHEMJA6C4DQV22UAPCTQUPFHLXM9H8Z3K2E72Q4K9HCZ7VQ7ZWS8R",
                "Invalid Bech32 address witness version");
        refused("bc1pw5dgrnzv", "Invalid Bech32 address program size (1 byte)");
        refused(
                "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7v8n0nx0muaewav253zgeav",
                "Invalid Bech32 address program size (41 bytes)");
        refused(
                "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7v07qwwzcrf",
                "Invalid padding in Bech32 data section");
        refused(
                "1FsSia9rv4NeEwvJ2GvXrX7LyxYspbN2mp",
                "Invalid checksum or length of Base58 address (P2PKH or P2SH)");
        refused(
                "mzK2FFDEhxqHcmrJw1ysqFkVyhUULo45hZ",
                "Invalid or unsupported Base58-encoded address.");
        refused(
                Base58.encodeChecked(new byte[20]),
                "Invalid length for Base58 address (P2PKH or P2SH)");
        refused(
                Bech32.encode(Bech32.Encoding.BECH32, "bc1bc", new byte[1]),
                "Invalid or unsupported prefix for Segwit (Bech32) address (expected bc, got bc1bc).");
    }

    private static Address any(SplittableRandom random) {
        return switch (random.nextInt(4)) {
            case 0 -> new Address.P2pkh(Bytes.wrap(Property.bytes(random, 20)));
            case 1 -> new Address.P2sh(Bytes.wrap(Property.bytes(random, 20)));
            case 2 ->
                    new Address.WitnessProgram(
                            0, Bytes.wrap(Property.bytes(random, random.nextBoolean() ? 20 : 32)));
            default ->
                    new Address.WitnessProgram(
                            1 + random.nextInt(16),
                            Bytes.wrap(Property.bytes(random, 2 + random.nextInt(39))));
        };
    }

    @Test
    void shouldComeBackFromTextAndScript() {
        Property.holds(
                500,
                random -> {
                    Address address = any(random);
                    AddressPrefixes network = Networks.ALL.get(random.nextInt(Networks.ALL.size()));
                    String text = address.encode(network);
                    assertThat(Address.parse(text, network)).isEqualTo(address);
                    assertThat(Address.of(address.scriptPubKey())).hasValue(address);
                });
    }

    @Test
    void shouldRefuseEveryChangedCharacter() {
        Property.holds(
                500,
                random -> {
                    String text = any(random).encode(Networks.MAIN);
                    int at = random.nextInt(text.length());
                    char other = (char) (33 + random.nextInt(94));
                    if (Character.toLowerCase(other) == Character.toLowerCase(text.charAt(at))) {
                        return;
                    }
                    String changed = text.substring(0, at) + other + text.substring(at + 1);
                    assertThatThrownBy(() -> Address.parse(changed, Networks.MAIN))
                            .isInstanceOf(AddressFault.class);
                });
    }

    @Test
    void shouldKnowScriptsWithoutAddress() {
        for (String script :
                List.of(
                        "",
                        "6a0401020304",
                        "0014" + "00".repeat(19),
                        "0013" + "00".repeat(19),
                        "5101" + "00",
                        "5129" + "00".repeat(41),
                        "6114" + "00".repeat(20),
                        "4f14" + "00".repeat(20),
                        "76a914" + "00".repeat(20) + "88ad",
                        "76a914" + "00".repeat(20) + "88ac00",
                        "21" + "02".repeat(33) + "ac")) {
            assertThat(Address.of(Bytes.parse(script))).as(script).isEmpty();
        }
        assertThat(Address.of(Bytes.parse("51024e73")).orElseThrow().encode(Networks.MAIN))
                .isEqualTo("bc1pfeessrawgf");
    }

    @Test
    void shouldNotThrowOtherThingsForAnyText() {
        Property.holds(
                2000,
                random -> {
                    var text = new StringBuilder(random.nextBoolean() ? "bc1" : "");
                    int length = random.nextInt(120);
                    for (int i = 0; i < length; i++) {
                        boolean odd = random.nextInt(20) == 0;
                        text.append(
                                (char) (odd ? random.nextInt(0x10000) : 33 + random.nextInt(94)));
                    }
                    assertThatThrownBy(() -> Address.parse(text.toString(), Networks.MAIN))
                            .isInstanceOf(AddressFault.class);
                    assertThat(PrivateKey.parse(text.toString(), Networks.MAIN)).isEmpty();
                });
    }

    @Test
    void shouldKeepTheSecretOutOfLogs() {
        var key = PrivateKey.of(Bytes.parse("00".repeat(31) + "07"), true);
        assertThat(key.toString()).doesNotContain("07");
        assertThat(PrivateKey.parse(key.encode(Networks.TEST), Networks.TEST)).hasValue(key);
        assertThat(PrivateKey.parse(key.encode(Networks.TEST), Networks.MAIN)).isEmpty();
        assertThat(key.publicKey().length()).isEqualTo(33);
        assertThatThrownBy(() -> PrivateKey.of(Bytes.parse("00".repeat(32)), true))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
