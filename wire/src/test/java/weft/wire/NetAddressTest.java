package weft.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import weft.primitives.Bytes;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;
import weft.primitives.codec.MalformedBytes;
import weft.testkit.Property;
import weft.testkit.Vectors;

class NetAddressTest {
    private static final Bytes PORT = Bytes.parse("208d");

    private static NetAddress readV2(String hex) {
        Bytes all = Bytes.parse(hex).plus(PORT);
        ByteReader in = ByteReader.of(all.toByteArray());
        NetAddress address = NetAddress.readV2(in);
        in.expectEnd();
        return address;
    }

    @Test
    void shouldWriteBothFormsAsCore() {
        for (JsonNode each : Vectors.json("p2p/bip155_addrv2.json").get("serialize")) {
            NetAddress address =
                    each.get("address").asString().endsWith(".internal")
                            ? readV2(each.get("v2").asString())
                            : NetAddress.parse(each.get("address").asString(), 8333).withPort(8333);
            var v1 = new ByteWriter();
            address.writeV1(v1);
            assertThat(v1.toBytes().toHex()).isEqualTo(each.get("v1").asString() + PORT);
            var v2 = new ByteWriter();
            address.writeV2(v2);
            assertThat(v2.toBytes().toHex()).isEqualTo(each.get("v2").asString() + PORT);
        }
    }

    @Test
    void shouldReadBip155AsCore() {
        for (JsonNode each : Vectors.json("p2p/bip155_addrv2.json").get("deserialize_v2")) {
            String hex = each.get("hex").asString();
            if (each.has("error")) {
                var refused =
                        assertThatThrownBy(() -> readV2(hex))
                                .as(hex)
                                .isInstanceOf(MalformedBytes.class);
                String error = each.get("error").asString();
                if (error.startsWith("BIP155") || error.startsWith("Address too long")) {
                    refused.hasMessage(error);
                }
            } else {
                NetAddress address = readV2(hex);
                assertThat(address.isValid()).as(hex).isEqualTo(each.get("valid").asBoolean());
                if (each.has("text")) {
                    assertThat(address.addressText()).isEqualTo(each.get("text").asString());
                }
                if (each.has("network")) {
                    assertThat(address.network().name())
                            .isEqualToIgnoringCase(each.get("network").asString());
                }
                if (each.has("v1_compatible")) {
                    assertThat(address.isV1Compatible())
                            .isEqualTo(each.get("v1_compatible").asBoolean());
                }
            }
        }
    }

    @Test
    void shouldReadWholeAddressMessages() {
        JsonNode vectors = Vectors.json("p2p/bip155_addrv2.json");
        Bytes v1 = Bytes.parse(vectors.get("addr_message_payload_v1").asString());
        Bytes v2 = Bytes.parse(vectors.get("addr_message_payload_v2").asString());
        var addr = (Addr) MessageCodec.decode("addr", v1, Negotiated.CURRENT);
        var addrV2 = (AddrV2) MessageCodec.decode("addrv2", v2, Negotiated.CURRENT);
        assertThat(addr.entries()).isEqualTo(addrV2.entries());
        assertThat(addr.payload()).isEqualTo(v1);
        assertThat(addrV2.payload()).isEqualTo(v2);
        List<AddressEntry> entries =
                vectors.get("addr_message_entries")
                        .valueStream()
                        .map(
                                each ->
                                        new AddressEntry(
                                                each.get("time").asLong(),
                                                each.get("services").asLong(),
                                                NetAddress.parse(
                                                        each.get("address").asString(),
                                                        each.get("port").asInt())))
                        .toList();
        assertThat(addr.entries()).isEqualTo(entries);
    }

    @Test
    void shouldGroupAsCore() {
        for (JsonNode each : Vectors.json("p2p/bip155_addrv2.json").get("net_groups")) {
            var expected = new ByteWriter();
            for (JsonNode part : each.get("group")) {
                if (part.isString()) {
                    NetworkId network =
                            List.of(NetworkId.values()).stream()
                                    .filter(id -> id.label().equals(part.asString()))
                                    .findFirst()
                                    .orElseThrow();
                    expected.u8(network.number());
                } else {
                    expected.u8(part.asInt());
                }
            }
            NetAddress address = NetAddress.parse(each.get("address").asString(), 8333);
            assertThat(address.netGroup()).as(address.toString()).isEqualTo(expected.toBytes());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "1.2.3.4:8333, 1.2.3.4:8333",
        "1.2.3.4, 1.2.3.4:7",
        "[::1]:8333, [::1]:8333",
        "::1, [::1]:7",
        "[::1], [::1]:7",
        "2001:db8:0:0:1:0:0:1, [2001:db8::1:0:0:1]:7",
        "2001:0:0:1:0:0:0:1, [2001:0:0:1::1]:7",
        "1:2:3:4:5:6:7:0, [1:2:3:4:5:6:7:0]:7",
        "::ffff:1.2.3.4, 1.2.3.4:7",
        "1:2:3:4:5:6:7::, [1:2:3:4:5:6:7:0]:7",
        "fe80::1%eth0, [fe80::1]:7",
        "kpgvmscirrdqpekbqjsvw5teanhatztpp2gl6eee4zkowvwfxwenqaid.onion:8333, "
                + "kpgvmscirrdqpekbqjsvw5teanhatztpp2gl6eee4zkowvwfxwenqaid.onion:8333",
        "ukeu3k5oycgaauneqgtnvselmt4yemvoilkln7jpvamvfx7dnkdq.b32.i2p:0, "
                + "ukeu3k5oycgaauneqgtnvselmt4yemvoilkln7jpvamvfx7dnkdq.b32.i2p:0"
    })
    void shouldParseAndPrint(String text, String expected) {
        assertThat(NetAddress.parse(text, 7)).hasToString(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "1.2.3",
                "1.2.3.256",
                "1.2.3.4:65536",
                "1.2.3.4:",
                "1.2.3.4:x",
                "localhost",
                ":::",
                "1::2::3",
                "[::1",
                "1:2:3:4:5:6:7:8:9",
                "12345::",
                "6hzph5hv6337r6p2.onion",
                "lpgvmscirrdqpekbqjsvw5teanhatztpp2gl6eee4zkowvwfxwenqaid.onion"
            })
    void shouldRefuseOtherTexts(String text) {
        assertThatThrownBy(() -> NetAddress.parse(text, 7))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void shouldParseWhatItPrints() {
        Property.holds(
                500,
                random -> {
                    for (NetworkId network : NetworkId.values()) {
                        NetAddress address = new SampleMessages(random).address(network);
                        if (network == NetworkId.CJDNS) {
                            assertThat(address.addressText()).contains(":");
                        } else if (network != NetworkId.INTERNAL) {
                            assertThat(NetAddress.parse(address.toString(), 1)).isEqualTo(address);
                        }
                    }
                });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "10.1.2.3",
                "172.16.0.1",
                "172.31.255.255",
                "192.168.1.1",
                "198.18.0.1",
                "198.19.9.9",
                "169.254.0.1",
                "100.64.0.1",
                "100.127.255.255",
                "192.0.2.1",
                "198.51.100.1",
                "203.0.113.1",
                "127.0.0.1",
                "0.1.2.3",
                "255.255.255.255",
                "0.0.0.0",
                "::",
                "::1",
                "fe80::1",
                "fc00::1",
                "fdff::1",
                "2001:db8::1",
                "2001:10::1",
                "2001:2f::1"
            })
    void shouldNotRouteReservedRanges(String text) {
        assertThat(NetAddress.parse(text, 8333).isRoutable()).isFalse();
        assertThat(NetAddress.parse(text, 8333).networkLabel()).isEqualTo("not_publicly_routable");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "8.8.8.8",
                "172.32.0.1",
                "172.15.255.255",
                "192.169.0.1",
                "100.128.0.1",
                "198.20.0.1",
                "2001:30::1",
                "2001::1",
                "2002::1",
                "64:ff9b::1",
                "2001:470::1",
                "fe00::1",
                "kpgvmscirrdqpekbqjsvw5teanhatztpp2gl6eee4zkowvwfxwenqaid.onion"
            })
    void shouldRouteTheRest(String text) {
        assertThat(NetAddress.parse(text, 8333).isRoutable()).isTrue();
    }

    @Test
    void shouldReadEveryFixedSeedAsTextAndAsBytes() {
        for (String chain : List.of("main", "test", "testnet4", "signet")) {
            String text = "p2p/seeds/nodes_" + chain + ".txt";
            String bytes = "p2p/seeds/fixed_seeds_" + chain + ".bip155.bin";
            List<NetAddress> fromText =
                    Vectors.lines(text).stream()
                            .map(line -> line.replaceFirst("#.*", "").strip())
                            .filter(line -> !line.isEmpty())
                            .map(line -> NetAddress.parse(line, 8333).flipToCjdns())
                            .toList();
            ByteReader in = ByteReader.of(Vectors.bytes(bytes));
            for (NetAddress expected : fromText) {
                assertThat(NetAddress.readV2(in)).isEqualTo(expected);
            }
            assertThat(in.isAtEnd()).isTrue();
        }
    }

    @Test
    void shouldOrderByNetworkAddressAndPort() {
        NetAddress a = NetAddress.parse("9.9.9.9:1", 0);
        NetAddress b = NetAddress.parse("9.9.9.9:2", 0);
        NetAddress c = NetAddress.parse("200.0.0.1:1", 0);
        NetAddress d = NetAddress.parse("[1::]:1", 0);
        assertThat(java.util.stream.Stream.of(d, c, b, a).sorted()).containsExactly(a, b, c, d);
    }
}
