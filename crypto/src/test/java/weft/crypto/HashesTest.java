package weft.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import weft.testkit.Property;
import weft.testkit.Vectors;

class HashesTest {
    private static final HexFormat HEX = HexFormat.of();

    private static JsonNode vectors(String name) {
        JsonNode list = Vectors.json("crypto/core_crypto_vectors.json").get(name);
        assertThat(list.size()).as("cases of " + name).isPositive();
        return list;
    }

    private static byte[] hex(JsonNode node, String field) {
        return HEX.parseHex(node.get(field).asString());
    }

    private static void eachDigest(String name, UnaryOperator<byte[]> hash) {
        for (JsonNode each : vectors(name)) {
            byte[] input;
            if (each.has("repeat_char")) {
                input = new byte[each.get("count").asInt()];
                Arrays.fill(input, (byte) each.get("repeat_char").asString().charAt(0));
            } else {
                input = hex(each, "input_hex");
            }
            assertThat(hash.apply(input)).isEqualTo(hex(each, "digest"));
        }
    }

    @Test
    void shouldGiveKnownDigests() {
        eachDigest("ripemd160", Ripemd160::hash);
        eachDigest("sha256", Sha256::hash);
    }

    @Test
    void shouldHashPartsAsCopies() {
        Property.holds(
                200,
                random -> {
                    byte[] data = Property.bytes(random, random.nextInt(300));
                    int from = random.nextInt(data.length + 1);
                    int length = random.nextInt(data.length - from + 1);
                    byte[] part = Arrays.copyOfRange(data, from, from + length);
                    assertThat(Ripemd160.hash(data, from, length)).isEqualTo(Ripemd160.hash(part));
                    assertThat(Hash160.hash(data, from, length))
                            .isEqualTo(Ripemd160.hash(Sha256.hash(part)));
                    var sip = new SipHash(random.nextLong(), random.nextLong());
                    assertThat(sip.hash(data, from, length)).isEqualTo(sip.hash(part));
                });
    }

    @Test
    void shouldGiveKnownAuthenticationCodes() {
        for (JsonNode each : vectors("hmac_sha256")) {
            assertThat(HmacSha256.hash(hex(each, "key"), hex(each, "message")))
                    .isEqualTo(hex(each, "mac"));
        }
        for (JsonNode each : vectors("hmac_sha512")) {
            assertThat(HmacSha512.hash(hex(each, "key"), hex(each, "message")))
                    .isEqualTo(hex(each, "mac"));
        }
    }

    @Test
    void shouldTakeAnEmptyKeyForZeros() {
        byte[] message = {1, 2, 3};
        assertThat(HmacSha256.hash(new byte[0], message))
                .isEqualTo(HmacSha256.hash(new byte[64], message));
    }

    @Test
    void shouldDeriveKnownKeys() {
        for (JsonNode each : vectors("hkdf_sha256_32")) {
            HkdfSha256 hkdf = HkdfSha256.extract(hex(each, "salt"), hex(each, "ikm"));
            assertThat(hkdf.expand(hex(each, "info"))).isEqualTo(hex(each, "okm"));
        }
    }

    @Test
    void shouldGiveKnownSipHashes() {
        JsonNode vectors = vectors("siphash_2_4");
        var sip =
                new SipHash(
                        Long.parseUnsignedLong(vectors.get("k0").asString(), 16),
                        Long.parseUnsignedLong(vectors.get("k1").asString(), 16));
        JsonNode hashes = vectors.get("hashes");
        byte[] input = new byte[hashes.size()];
        for (int i = 0; i < hashes.size(); i++) {
            input[i] = (byte) i;
            long known = Long.parseUnsignedLong(hashes.get(i).asString(), 16);
            assertThat(sip.hash(input, 0, i)).as("length %s", i).isEqualTo(known);
            assertThat(SipHash.hash(sip.k0(), sip.k1(), Arrays.copyOf(input, i))).isEqualTo(known);
        }
    }

    @Test
    void shouldHashWordsAsTheirBytes() {
        Property.holds(
                200,
                random -> {
                    byte[] bytes = Property.bytes(random, 36);
                    var buffer =
                            java.nio.ByteBuffer.wrap(bytes).order(java.nio.ByteOrder.LITTLE_ENDIAN);
                    var sip = SipHash.of(Property.bytes(random, 16));
                    long w0 = buffer.getLong(0);
                    long w1 = buffer.getLong(8);
                    long w2 = buffer.getLong(16);
                    long w3 = buffer.getLong(24);
                    assertThat(sip.hash(w0, w1, w2, w3)).isEqualTo(sip.hash(bytes, 0, 32));
                    assertThat(sip.hash(w0, w1, w2, w3, buffer.getInt(32)))
                            .isEqualTo(sip.hash(bytes));
                    assertThat(SipHash.hash(sip.k0(), sip.k1(), w0, w1, w2, w3))
                            .isEqualTo(sip.hash(bytes, 0, 32));
                });
    }

    @Test
    void shouldGiveKnownMurmurHashes() {
        for (JsonNode each : vectors("murmurhash3")) {
            int hash = Murmur3.hash((int) each.get("seed").asLong(), hex(each, "data"));
            assertThat(Integer.toUnsignedLong(hash)).isEqualTo(each.get("hash").asLong());
        }
    }

    @Test
    void shouldTagAsWritten() {
        byte[] tag = Sha256.hash("TapLeaf".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        byte[] plain = new Sha256().update(tag).update(tag).update(new byte[] {1, 2}).finish();
        TaggedHash tagged = TaggedHash.of("TapLeaf");
        for (int i = 0; i < 2; i++) {
            assertThat(tagged.hash(new byte[] {1}, new byte[] {2})).isEqualTo(plain);
            assertThat(tagged.begin().update(new byte[] {1, 2}).finish()).isEqualTo(plain);
        }
    }

    private static byte[] element(int number) {
        byte[] element = new byte[32];
        element[0] = (byte) number;
        return element;
    }

    private static byte[] reversed(byte[] bytes) {
        byte[] result = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            result[i] = bytes[bytes.length - 1 - i];
        }
        return result;
    }

    @Test
    void shouldGiveKnownSetHashes() {
        JsonNode vectors = vectors("muhash3072");
        for (JsonNode each : vectors.get("combine")) {
            var set = new MuHash3072();
            each.get("insert").forEach(number -> set.insert(element(number.asInt())));
            each.get("remove").forEach(number -> set.remove(element(number.asInt())));
            assertThat(reversed(set.hash())).isEqualTo(hex(each, "finalize_rpc_order"));
        }
        var saved = new MuHash3072().insert(element(1)).insert(element(2));
        assertThat(saved.toByteArray()).isEqualTo(hex(vectors, "serialized_insert_1_2"));
        JsonNode overflow = vectors.get("overflow");
        MuHash3072 full = MuHash3072.of(hex(overflow, "serialized"));
        assertThat(full.hash()).isEqualTo(hex(overflow, "finalize_bytes"));
    }

    @Test
    void shouldHashSetsWhateverTheOrder() {
        Property.holds(
                20,
                random -> {
                    byte[] a = Property.bytes(random, random.nextInt(100));
                    byte[] b = Property.bytes(random, random.nextInt(100));
                    byte[] c = Property.bytes(random, random.nextInt(100));
                    byte[] wanted = new MuHash3072().insert(a).insert(b).hash();
                    assertThat(new MuHash3072().remove(c).insert(b).insert(c).insert(a).hash())
                            .isEqualTo(wanted);
                    var half = MuHash3072.of(new MuHash3072().insert(b).toByteArray());
                    assertThat(half.combine(new MuHash3072().insert(a)).hash()).isEqualTo(wanted);
                    assertThat(new MuHash3072().insert(a).hash()).isNotEqualTo(wanted);
                });
    }
}
