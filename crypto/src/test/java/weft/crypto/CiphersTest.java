package weft.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import weft.testkit.Property;
import weft.testkit.Vectors;

class CiphersTest {
    private static final HexFormat HEX = HexFormat.of();

    private static JsonNode vectors(String name) {
        JsonNode list = Vectors.json("crypto/core_crypto_vectors.json").get(name);
        assertThat(list.size()).as("cases of " + name).isPositive();
        return list;
    }

    private static byte[] hex(JsonNode node, String field) {
        return HEX.parseHex(node.get(field).asString());
    }

    private static int nonceFirst(JsonNode node) {
        return (int) node.get("nonce_first32_next64").get(0).asLong();
    }

    private static long nonceRest(JsonNode node) {
        return node.get("nonce_first32_next64").get(1).bigIntegerValue().longValue();
    }

    private static byte[] crypt(ChaCha20 cipher, byte[] text) {
        byte[] copy = text.clone();
        cipher.crypt(copy, 0, copy.length);
        return copy;
    }

    @Test
    void shouldGiveKnownChaCha20() {
        for (JsonNode each : vectors("chacha20")) {
            byte[] output = hex(each, "output");
            byte[] plain = hex(each, "plaintext");
            var cipher = new ChaCha20(hex(each, "key"));
            cipher.seek(nonceFirst(each), nonceRest(each), (int) each.get("seek").asLong());
            byte[] found =
                    plain.length == 0 ? cipher.keystream(output.length) : crypt(cipher, plain);
            assertThat(found).isEqualTo(output);
        }
    }

    @Test
    void shouldCryptInPiecesAsInOne() {
        Property.holds(
                300,
                random -> {
                    byte[] key = Property.bytes(random, 32);
                    byte[] text = Property.bytes(random, random.nextInt(700));
                    byte[] whole = crypt(new ChaCha20(key), text);
                    byte[] pieces = text.clone();
                    var cipher = new ChaCha20(key);
                    for (int at = 0; at < pieces.length; ) {
                        int length = random.nextInt(Math.min(150, pieces.length - at) + 1);
                        cipher.crypt(pieces, at, length);
                        at += length;
                    }
                    assertThat(pieces).isEqualTo(whole);
                    assertThat(crypt(new ChaCha20(key), whole)).isEqualTo(text);
                });
    }

    @Test
    void shouldForgetTheKeystreamAtSeek() {
        byte[] key = Property.bytes(new java.util.SplittableRandom(1), 32);
        var cipher = new ChaCha20(key);
        byte[] first = cipher.keystream(100);
        cipher.seek(0, 0, 1);
        assertThat(cipher.keystream(36)).isEqualTo(Arrays.copyOfRange(first, 64, 100));
        cipher.destroy();
        cipher.seek(0, 0, 0);
        assertThat(cipher.keystream(100)).isNotEqualTo(first);
    }

    @Test
    void shouldGiveKnownTags() {
        for (JsonNode each : vectors("poly1305")) {
            assertThat(Poly1305.tag(hex(each, "key"), hex(each, "message")))
                    .isEqualTo(hex(each, "tag"));
        }
    }

    @Test
    void shouldTagPiecesAsOne() {
        Property.holds(
                300,
                random -> {
                    byte[] key = Property.bytes(random, 32);
                    byte[] text = Property.bytes(random, random.nextInt(200));
                    if (random.nextBoolean()) {
                        Arrays.fill(text, (byte) 0xff);
                        Arrays.fill(key, 0, 16, (byte) 0xff);
                    }
                    var poly = new Poly1305(key);
                    for (int at = 0; at < text.length; ) {
                        int length = random.nextInt(Math.min(50, text.length - at) + 1);
                        poly.update(text, at, length);
                        at += length;
                    }
                    assertThat(poly.finish())
                            .isEqualTo(naiveTag(key, text))
                            .isEqualTo(Poly1305.tag(key, text));
                });
    }

    /// The definition, word by word, with large numbers.
    private static byte[] naiveTag(byte[] key, byte[] text) {
        byte[] clamped = Arrays.copyOf(key, 16);
        for (int i : new int[] {3, 7, 11, 15}) {
            clamped[i] &= 15;
        }
        for (int i : new int[] {4, 8, 12}) {
            clamped[i] &= (byte) 252;
        }
        var p = java.math.BigInteger.ONE.shiftLeft(130).subtract(java.math.BigInteger.valueOf(5));
        var sum = java.math.BigInteger.ZERO;
        for (int at = 0; at < text.length; at += 16) {
            byte[] block = Arrays.copyOfRange(text, at, Math.min(text.length, at + 16));
            byte[] more = Arrays.copyOf(block, block.length + 1);
            more[block.length] = 1;
            sum = sum.add(littleEndian(more)).multiply(littleEndian(clamped)).mod(p);
        }
        sum = sum.add(littleEndian(Arrays.copyOfRange(key, 16, 32)));
        byte[] tag = new byte[16];
        for (int i = 0; i < 16; i++) {
            tag[i] = sum.shiftRight(8 * i).byteValue();
        }
        return tag;
    }

    private static java.math.BigInteger littleEndian(byte[] bytes) {
        byte[] reversed = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            reversed[i] = bytes[bytes.length - 1 - i];
        }
        return new java.math.BigInteger(1, reversed);
    }

    @Test
    void shouldGiveKnownAuthenticatedEncryption() {
        for (JsonNode each : vectors("chacha20_poly1305")) {
            var cipher = new ChaCha20Poly1305(hex(each, "key"));
            byte[] plain = hex(each, "plaintext");
            byte[] aad = hex(each, "aad");
            byte[] sealed = cipher.encrypt(nonceFirst(each), nonceRest(each), aad, plain);
            assertThat(sealed).isEqualTo(hex(each, "ciphertext"));
            assertThat(cipher.decrypt(nonceFirst(each), nonceRest(each), aad, sealed))
                    .hasValue(plain);
        }
    }

    @Test
    void shouldRefuseEveryFlippedBit() {
        Property.holds(
                100,
                random -> {
                    var cipher = new ChaCha20Poly1305(Property.bytes(random, 32));
                    byte[] plain = Property.bytes(random, random.nextInt(100));
                    byte[] aad = Property.bytes(random, 1 + random.nextInt(40));
                    byte[] sealed = cipher.encrypt(1, 2, aad, plain);
                    byte[] broken = flipped(sealed, random.nextInt(8 * sealed.length));
                    assertThat(cipher.decrypt(1, 2, aad, broken)).isEmpty();
                    assertThat(
                                    cipher.decrypt(
                                            1,
                                            2,
                                            flipped(aad, random.nextInt(8 * aad.length)),
                                            sealed))
                            .isEmpty();
                    assertThat(cipher.decrypt(1, 3, aad, sealed)).isEmpty();
                    assertThat(cipher.decrypt(2, 2, aad, sealed)).isEmpty();
                    byte[] cut = Arrays.copyOf(sealed, random.nextInt(sealed.length));
                    assertThat(cipher.decrypt(1, 2, aad, cut)).isEmpty();
                    byte[] before = broken.clone();
                    assertThat(cipher.decryptInPlace(1, 2, broken, 0, plain.length, aad)).isFalse();
                    assertThat(broken).isEqualTo(before);
                    assertThat(cipher.decrypt(1, 2, aad, sealed)).hasValue(plain);
                });
    }

    private static byte[] flipped(byte[] bytes, int bit) {
        byte[] result = bytes.clone();
        result[bit / 8] ^= (byte) (1 << bit % 8);
        return result;
    }

    @Test
    void shouldRekeyTheLengthCipher() {
        for (JsonNode each : vectors("fschacha20")) {
            byte[] plain = hex(each, "plaintext");
            int interval = each.get("rekey_interval").asInt();
            var cipher = new FsChaCha20(hex(each, "key"), interval);
            byte[] text = new byte[0];
            for (int i = 0; i <= interval; i++) {
                text = plain.clone();
                cipher.crypt(text, 0, text.length);
            }
            assertThat(text).isEqualTo(hex(each, "ciphertext_after_rotation"));
        }
    }

    @Test
    void shouldRekeyThePacketCipher() {
        for (JsonNode each : vectors("fschacha20_poly1305")) {
            var sender = new FsChaCha20Poly1305(hex(each, "key"));
            var receiver = new FsChaCha20Poly1305(hex(each, "key"));
            for (int i = 0; i < each.get("message_index").asInt(); i++) {
                byte[] sealed = sender.encrypt(new byte[] {1}, new byte[i % 7]);
                assertThat(receiver.decrypt(new byte[] {1}, sealed)).hasValue(new byte[i % 7]);
            }
            byte[] aad = hex(each, "aad");
            byte[] sealed = sender.encrypt(aad, hex(each, "plaintext"));
            assertThat(sealed).isEqualTo(hex(each, "ciphertext"));
            int length = sealed.length - FsChaCha20Poly1305.TAG_BYTES;
            assertThat(receiver.decryptInPlace(sealed, 0, length, aad)).isTrue();
            assertThat(Arrays.copyOf(sealed, length)).isEqualTo(hex(each, "plaintext"));
        }
    }

    @Test
    void shouldCountAPacketThatIsWrong() {
        byte[] key = new byte[32];
        var sender = new FsChaCha20Poly1305(key);
        var receiver = new FsChaCha20Poly1305(key);
        byte[] first = sender.encrypt(new byte[0], new byte[] {1});
        byte[] second = sender.encrypt(new byte[0], new byte[] {2});
        assertThat(receiver.decrypt(new byte[0], flipped(first, 3))).isEmpty();
        assertThat(receiver.decrypt(new byte[0], second)).hasValue(new byte[] {2});
    }
}
