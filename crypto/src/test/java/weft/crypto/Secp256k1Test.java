package weft.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import weft.testkit.Property;
import weft.testkit.Vectors;

@ParameterizedClass
@ValueSource(strings = {"native", "pure"})
class Secp256k1Test {
    private static final HexFormat HEX = HexFormat.of();
    private static final byte[] ORDER =
            hex("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141");

    private final Secp256k1 curve;

    Secp256k1Test(String choice) {
        curve = Curves.load(choice);
    }

    private static byte[] hex(String text) {
        return HEX.parseHex(text);
    }

    private byte[] secret(SplittableRandom random) {
        byte[] secret = Property.bytes(random, 32);
        return curve.isValidSecretKey(secret) ? secret : secret(random);
    }

    private static byte[] flipped(byte[] bytes, int bit) {
        byte[] result = bytes.clone();
        result[bit / 8] ^= (byte) (1 << bit % 8);
        return result;
    }

    @Test
    void shouldBeOneForTheProcess() {
        assertThat(Secp256k1.get()).isSameAs(Secp256k1.get());
    }

    @Test
    void shouldVerifyAsWycheproofSays() {
        int cases = 0;
        for (JsonNode group :
                Vectors.json("crypto/wycheproof_ecdsa_secp256k1_sha256_bitcoin.json")
                        .get("testGroups")) {
            byte[] key = hex(group.get("publicKey").get("uncompressed").asString());
            for (JsonNode test : group.get("tests")) {
                byte[] signature = hex(test.get("sig").asString());
                byte[] digest = Sha256.hash(hex(test.get("msg").asString()));
                // Consensus takes lax DER and high S; the corpus asks for strict DER and low S.
                boolean strict =
                        EcdsaSignature.parseLax(signature)
                                .filter(EcdsaSignature::isCompactLowS)
                                .map(EcdsaSignature::toDer)
                                .filter(der -> Arrays.equals(der, signature))
                                .isPresent();
                boolean valid = strict && curve.ecdsaVerify(signature, digest, key);
                String wanted = test.get("result").asString();
                assertThat(valid ? "valid" : "invalid").as(test.toString()).isEqualTo(wanted);
                cases++;
            }
        }
        assertThat(cases).isEqualTo(463);
    }

    @Test
    void shouldMultiplyAsWycheproofSays() {
        int cases = 0;
        for (JsonNode test :
                Vectors.json("crypto/wycheproof_ecdh_secp256k1.json.gz")
                        .get("testGroups")
                        .get(0)
                        .get("tests")) {
            String der = test.get("public").asString();
            String plainHead = "3056301006072a8648ce3d020106052b8104000a034200";
            String shared = test.get("shared").asString();
            String result = test.get("result").asString();
            boolean plain =
                    der.startsWith(plainHead) && der.length() == plainHead.length() + 2 * 65;
            // "acceptable" is said of odd ASN.1, which is not ours to judge.
            if (!plain || result.equals("acceptable")) {
                continue;
            }
            byte[] key = hex(der.substring(plainHead.length()));
            byte[] secret =
                    new java.math.BigInteger(test.get("private").asString(), 16).toByteArray();
            byte[] secret32 = new byte[32];
            int count = Math.min(32, secret.length);
            System.arraycopy(secret, secret.length - count, secret32, 32 - count, count);
            boolean valid = result.equals("valid");
            assertThat(curve.isValidPublicKey(key)).as(test.toString()).isEqualTo(valid);
            if (valid) {
                byte[] point = curve.publicKeyMultiply(key, secret32).orElseThrow();
                assertThat(Arrays.copyOfRange(point, 1, 33)).isEqualTo(hex(shared));
                assertThat(curve.ecdh(key, secret32)).hasValue(Sha256.hash(point));
                cases++;
            } else {
                assertThat(curve.ecdh(key, secret32)).isEmpty();
            }
        }
        assertThat(cases).isGreaterThan(450);
    }

    @Test
    void shouldSignAsCore() {
        for (JsonNode each : Vectors.json("crypto/rfc6979_der_core.json")) {
            byte[] digest = Sha256.hash(each.get(1).asString().getBytes(StandardCharsets.UTF_8));
            byte[] secret = hex(each.get(0).asString());
            assertThat(curve.ecdsaSignFirstNonce(digest, secret))
                    .isEqualTo(hex(each.get(2).asString()));
        }
        for (JsonNode each : Vectors.json("crypto/rfc6979_core.json")) {
            byte[] digest = Sha256.hash(each.get(1).asString().getBytes(StandardCharsets.UTF_8));
            byte[] der = curve.ecdsaSignFirstNonce(digest, hex(each.get(0).asString()));
            assertThat(EcdsaSignature.parseLax(der)).hasValue(hex(each.get(2).asString()));
        }
    }

    @Test
    void shouldRecoverKnownKeys() {
        List<String> lines = Vectors.lines("crypto/ecdsa_recovery.txt.gz");
        for (int i = 0; i + 4 < lines.size(); i += 5) {
            byte[] secret = value(lines.get(i), "privkey");
            byte[] digest = value(lines.get(i + 1), "message");
            byte[] key = value(lines.get(i + 2), "pubkey");
            // The file has the library's own form: both numbers little-endian.
            byte[] raw = value(lines.get(i + 3), "sig");
            byte[] compact = new byte[64];
            for (int j = 0; j < 32; j++) {
                compact[j] = raw[31 - j];
                compact[32 + j] = raw[63 - j];
            }
            byte[] signature = new byte[65];
            signature[0] = Byte.parseByte(lines.get(i + 4).substring("recid = ".length()));
            System.arraycopy(compact, 0, signature, 1, 64);
            assertThat(curve.publicKey(secret, true)).isEqualTo(key);
            assertThat(curve.ecdsaRecover(signature, digest, true)).hasValue(key);
            assertThat(curve.ecdsaVerify(EcdsaSignature.toDer(compact), digest, key)).isTrue();
        }
        assertThat(lines).hasSize(5000);
    }

    private static byte[] value(String line, String name) {
        assertThat(line).startsWith(name + " = ");
        return hex(line.substring(name.length() + 3));
    }

    @Test
    void shouldSignAndVerify() {
        Property.holds(
                60,
                random -> {
                    byte[] secret = secret(random);
                    byte[] digest = Property.bytes(random, 32);
                    boolean compressed = random.nextBoolean();
                    byte[] key = curve.publicKey(secret, compressed);
                    byte[] der = curve.ecdsaSign(digest, secret);
                    assertThat(der.length).isLessThanOrEqualTo(70);
                    assertThat(EcdsaSignature.isLowS(der)).isTrue();
                    assertThat(curve.ecdsaVerify(der, digest, key)).isTrue();
                    assertThat(curve.ecdsaVerify(der, flipped(digest, random.nextInt(256)), key))
                            .isFalse();
                    byte[] compact = EcdsaSignature.parseLax(der).orElseThrow();
                    byte[] broken = EcdsaSignature.toDer(flipped(compact, random.nextInt(512)));
                    assertThat(curve.ecdsaVerify(broken, digest, key)).isFalse();
                    byte[] other = curve.publicKey(secret(random), compressed);
                    assertThat(curve.ecdsaVerify(der, digest, other)).isFalse();
                    byte[] recoverable = curve.ecdsaSignRecoverable(digest, secret);
                    assertThat(curve.ecdsaRecover(recoverable, digest, compressed)).hasValue(key);
                });
    }

    @Test
    void shouldTakeHighSAndHybridKeys() {
        Property.holds(
                30,
                random -> {
                    byte[] secret = secret(random);
                    byte[] digest = Property.bytes(random, 32);
                    byte[] compact =
                            EcdsaSignature.parseLax(curve.ecdsaSign(digest, secret)).orElseThrow();
                    byte[] high = compact.clone();
                    byte[] negated =
                            new java.math.BigInteger(1, ORDER)
                                    .subtract(
                                            new java.math.BigInteger(
                                                    1, Arrays.copyOfRange(compact, 32, 64)))
                                    .toByteArray();
                    System.arraycopy(negated, negated.length - 32, high, 32, 32);
                    assertThat(EcdsaSignature.isCompactLowS(high)).isFalse();
                    assertThat(EcdsaSignature.normalize(high)).isEqualTo(compact);
                    byte[] key = curve.publicKey(secret, false);
                    assertThat(curve.ecdsaVerify(EcdsaSignature.toDer(high), digest, key)).isTrue();
                    byte[] hybrid = key.clone();
                    hybrid[0] = (byte) (6 + (key[64] & 1));
                    assertThat(curve.ecdsaVerify(EcdsaSignature.toDer(high), digest, hybrid))
                            .isTrue();
                    hybrid[0] ^= 1;
                    assertThat(curve.isValidPublicKey(hybrid)).isFalse();
                    assertThat(curve.convertPublicKey(key, true))
                            .hasValue(curve.publicKey(secret, true));
                });
    }

    @Test
    void shouldTakeLaxDer() {
        byte[] secret = new byte[32];
        secret[31] = 1;
        byte[] digest = new byte[32];
        byte[] key = curve.publicKey(secret, true);
        byte[] der = curve.ecdsaSign(digest, secret);
        byte[] garbageBehind = Arrays.copyOf(der, der.length + 5);
        byte[] wrongLength = der.clone();
        wrongLength[1] = 7;
        int r = der[3];
        byte[] longForm = new byte[der.length + 4];
        System.arraycopy(der, 0, longForm, 0, 3);
        longForm[3] = (byte) 0x82;
        longForm[4] = 0;
        longForm[5] = (byte) (r + 2);
        System.arraycopy(der, 4, longForm, 8, der.length - 4);
        for (byte[] lax : List.of(der, garbageBehind, wrongLength, longForm)) {
            assertThat(curve.ecdsaVerify(lax, digest, key)).isTrue();
        }
        for (int length = 0; length < der.length; length++) {
            assertThat(curve.ecdsaVerify(Arrays.copyOf(der, length), digest, key)).isFalse();
        }
        byte[] overflow = new byte[64];
        Arrays.fill(overflow, (byte) 0xff);
        assertThat(EcdsaSignature.parseLax(EcdsaSignature.toDer(overflow))).hasValue(new byte[64]);
        assertThat(curve.ecdsaVerify(EcdsaSignature.toDer(overflow), digest, key)).isFalse();
    }

    @Test
    void shouldParseWhatIsCanonical() {
        int cases = 0;
        for (JsonNode each : Vectors.json("crypto/sig_canonical.json")) {
            byte[] withType = hex(each.asString());
            assertThat(EcdsaSignature.parseLax(Arrays.copyOf(withType, withType.length - 1)))
                    .isPresent();
            cases++;
        }
        assertThat(cases).isEqualTo(5);
    }

    @Test
    void shouldSurviveEveryInput() {
        Property.holds(
                500,
                random -> {
                    byte[] signature = Property.bytes(random, random.nextInt(80));
                    if (signature.length > 4 && random.nextBoolean()) {
                        signature[0] = 0x30;
                        signature[2] = 2;
                        signature[3] = (byte) random.nextInt(40);
                    }
                    byte[] key =
                            Property.bytes(
                                    random, random.nextInt(3) == 0 ? random.nextInt(80) : 33);
                    if (key.length > 0) {
                        key[0] = (byte) random.nextInt(8);
                    }
                    byte[] digest = Property.bytes(random, 32);
                    assertThat(curve.ecdsaVerify(signature, digest, key)).isFalse();
                    assertThat(curve.schnorrVerify(signature, digest, key)).isFalse();
                    assertThat(curve.ecdsaRecover(signature, digest, true)).isEmpty();
                });
    }

    @Test
    void shouldVerifyAndSignAsBip340Says() {
        List<String> lines = Vectors.lines("script/bip340_schnorr.csv");
        for (String line : lines.subList(1, lines.size())) {
            String[] fields = line.split(",", -1);
            byte[] key = hex(fields[2]);
            byte[] message = hex(fields[4]);
            byte[] signature = hex(fields[5]);
            boolean wanted = fields[6].equals("TRUE");
            assertThat(curve.schnorrVerify(signature, message, key)).as(line).isEqualTo(wanted);
            if (!fields[1].isEmpty()) {
                assertThat(curve.xOnlyPublicKey(hex(fields[1]))).isEqualTo(key);
            }
            if (!fields[1].isEmpty() && message.length == 32) {
                assertThat(curve.schnorrSign(message, hex(fields[1]), hex(fields[3])))
                        .isEqualTo(signature);
            }
        }
        assertThat(lines).hasSize(20);
    }

    @Test
    void shouldRefuseFlippedSchnorrSignatures() {
        Property.holds(
                60,
                random -> {
                    byte[] secret = secret(random);
                    byte[] message = Property.bytes(random, 32);
                    byte[] key = curve.xOnlyPublicKey(secret);
                    byte[] signature =
                            curve.schnorrSign(message, secret, Property.bytes(random, 32));
                    assertThat(curve.schnorrVerify(signature, message, key)).isTrue();
                    assertThat(
                                    curve.schnorrVerify(
                                            flipped(signature, random.nextInt(512)), message, key))
                            .isFalse();
                    assertThat(
                                    curve.schnorrVerify(
                                            signature, flipped(message, random.nextInt(256)), key))
                            .isFalse();
                    assertThat(
                                    curve.schnorrVerify(
                                            signature, message, flipped(key, random.nextInt(256))))
                            .isFalse();
                });
    }

    @Test
    void shouldTweakSecretAndPublicKeyAlike() {
        Property.holds(
                60,
                random -> {
                    byte[] secret = secret(random);
                    byte[] tweak = secret(random);
                    byte[] tweaked = curve.secretKeyTweakAdd(secret, tweak).orElseThrow();
                    byte[] key = curve.publicKey(secret, random.nextBoolean());
                    assertThat(curve.publicKeyTweakAdd(key, tweak))
                            .hasValue(curve.publicKey(tweaked, true));
                    assertThat(curve.publicKeySum(key, curve.publicKey(tweak, false)))
                            .hasValue(curve.publicKey(tweaked, true));
                    byte[] internal = curve.xOnlyPublicKey(secret);
                    byte[] output = curve.xOnlyTweakAdd(internal, tweak).orElseThrow();
                    byte[] outputX = Arrays.copyOfRange(output, 1, 33);
                    int parity = output[0] - 2;
                    assertThat(curve.xOnlyTweakAddCheck(outputX, parity, internal, tweak)).isTrue();
                    assertThat(curve.xOnlyTweakAddCheck(outputX, 1 - parity, internal, tweak))
                            .isFalse();
                    byte[] broken = flipped(outputX, random.nextInt(256));
                    assertThat(curve.xOnlyTweakAddCheck(broken, parity, internal, tweak)).isFalse();
                    byte[] outputSecret = curve.xOnlySecretTweakAdd(secret, tweak).orElseThrow();
                    assertThat(curve.publicKey(outputSecret, true)).isEqualTo(output);
                });
    }

    @Test
    void shouldRefuseWhatHasNoSum() {
        byte[] one = new byte[32];
        one[31] = 1;
        byte[] minusOne = ORDER.clone();
        minusOne[31]--;
        byte[] generator = curve.publicKey(one, true);
        assertThat(curve.secretKeyTweakAdd(one, minusOne)).isEmpty();
        assertThat(curve.secretKeyTweakAdd(one, ORDER)).isEmpty();
        assertThat(curve.publicKeyTweakAdd(generator, minusOne)).isEmpty();
        assertThat(curve.publicKeyMultiply(generator, new byte[32])).isEmpty();
        assertThat(curve.publicKeySum(generator, curve.publicKey(minusOne, true))).isEmpty();
        assertThat(curve.publicKeySum()).isEmpty();
        assertThat(curve.isValidSecretKey(ORDER)).isFalse();
        assertThat(curve.isValidSecretKey(new byte[32])).isFalse();
        assertThat(curve.isValidSecretKey(minusOne)).isTrue();
        assertThat(curve.isValidXOnly(Arrays.copyOfRange(generator, 1, 33))).isTrue();
        assertThat(curve.isValidXOnly(ORDER)).isEqualTo(curve.isValidPublicKey(prefixed(ORDER)));
        assertThat(curve.isValidXOnly(new byte[31])).isFalse();
        byte[] digest = new byte[32];
        assertThatThrownBy(() -> curve.ecdsaSign(digest, ORDER))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> curve.ecdsaSign(new byte[31], one))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static byte[] prefixed(byte[] x) {
        byte[] key = new byte[33];
        key[0] = 2;
        System.arraycopy(x, 0, key, 1, 32);
        return key;
    }

    @Test
    void shouldDecodeEllswiftAsBip324Says() {
        List<String> lines = Vectors.lines("p2p/bip324_ellswift_decode.csv");
        for (String line : lines.subList(1, lines.size())) {
            String[] fields = line.split(",", -1);
            byte[] key = curve.ellswiftDecode(hex(fields[0]));
            assertThat(Arrays.copyOfRange(key, 1, 33)).as(line).isEqualTo(hex(fields[1]));
        }
        assertThat(lines).hasSizeGreaterThan(70);
    }

    @Test
    void shouldDecodeEveryInverseToItsX() {
        List<String> lines = Vectors.lines("p2p/bip324_xswiftec_inv.csv");
        int cases = 0;
        for (String line : lines.subList(1, lines.size())) {
            String[] fields = line.split(",", -1);
            for (int i = 2; i < 10; i++) {
                if (!fields[i].isEmpty()) {
                    byte[] key = curve.ellswiftDecode(hex(fields[0] + fields[i]));
                    assertThat(Arrays.copyOfRange(key, 1, 33)).isEqualTo(hex(fields[1]));
                    cases++;
                }
            }
        }
        assertThat(cases).isGreaterThan(50);
    }

    @Test
    void shouldShareSecretsAsBip324Says() {
        List<String> lines = Vectors.lines("p2p/bip324_packet_encoding.csv");
        List<String> names = List.of(lines.getFirst().split(","));
        for (String line : lines.subList(1, lines.size())) {
            String[] fields = line.split(",", -1);
            byte[] shared =
                    curve.ellswiftXdhBip324(
                            hex(fields[names.indexOf("in_ellswift_ours")]),
                            hex(fields[names.indexOf("in_ellswift_theirs")]),
                            hex(fields[names.indexOf("in_priv_ours")]),
                            fields[names.indexOf("in_initiating")].equals("1"));
            assertThat(shared).isEqualTo(hex(fields[names.indexOf("mid_shared_secret")]));
        }
        assertThat(lines).hasSizeGreaterThan(6);
    }

    @Test
    void shouldShareOneSecretOnBothSides() {
        Property.holds(
                40,
                random -> {
                    byte[] a = secret(random);
                    byte[] b = secret(random);
                    byte[] ellA = curve.ellswiftCreate(a, Property.bytes(random, 32));
                    byte[] ellB = curve.ellswiftCreate(b, Property.bytes(random, 32));
                    byte[] x = curve.xOnlyPublicKey(a);
                    assertThat(Arrays.copyOfRange(curve.ellswiftDecode(ellA), 1, 33)).isEqualTo(x);
                    byte[] shared = curve.ellswiftXdhBip324(ellA, ellB, a, true);
                    assertThat(curve.ellswiftXdhBip324(ellB, ellA, b, false)).isEqualTo(shared);
                    assertThat(curve.ellswiftXdhBip324(ellB, ellA, b, true)).isNotEqualTo(shared);
                });
    }

    @Test
    void shouldServeManyThreads() throws Exception {
        try (var pool = Executors.newFixedThreadPool(4)) {
            Callable<Integer> work =
                    () -> {
                        Property.holds(
                                50,
                                random -> {
                                    byte[] secret = secret(random);
                                    byte[] digest = Property.bytes(random, 32);
                                    byte[] der = curve.ecdsaSign(digest, secret);
                                    assertThat(
                                                    curve.ecdsaVerify(
                                                            der,
                                                            digest,
                                                            curve.publicKey(secret, true)))
                                            .isTrue();
                                });
                        return 1;
                    };
            for (var each : pool.invokeAll(List.of(work, work, work, work))) {
                assertThat(each.get()).isEqualTo(1);
            }
        }
    }
}
