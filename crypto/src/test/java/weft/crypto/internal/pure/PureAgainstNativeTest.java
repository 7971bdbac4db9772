package weft.crypto.internal.pure;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Function;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import weft.crypto.EcdsaSignature;
import weft.crypto.Secp256k1;
import weft.crypto.Secp256k1Unavailable;
import weft.crypto.internal.Secp256k1Provider;
import weft.testkit.Property;

/// Both implementations give the same answers and refuse the same arguments with the same words.
class PureAgainstNativeTest {
    private static final HexFormat HEX = HexFormat.of();
    private static final Secp256k1 PURE = new PureSecp256k1("pure");
    private static final String REFUSED = "IllegalArgumentException: ";

    private static Secp256k1 library = PURE;

    @BeforeAll
    static void load() {
        try {
            library = Secp256k1Provider.load("native");
        } catch (Secp256k1Unavailable e) {
            Assumptions.abort("skipped: " + e.getMessage());
        }
    }

    private static String shown(Object answer) {
        return switch (answer) {
            case byte[] bytes -> HEX.formatHex(bytes);
            case Optional<?> some -> some.map(PureAgainstNativeTest::shown).orElse("empty");
            default -> answer.toString();
        };
    }

    private static String outcome(Secp256k1 curve, Function<Secp256k1, Object> call) {
        try {
            return shown(call.apply(curve));
        } catch (IllegalArgumentException e) {
            return REFUSED + e.getMessage();
        }
    }

    /// The answer that both give.
    private static String same(Function<Secp256k1, Object> call) {
        String pure = outcome(PURE, call);
        assertThat(pure).isEqualTo(outcome(library, call));
        return pure;
    }

    private static byte[] secret(SplittableRandom random) {
        byte[] secret = Numbers.word(random);
        return library.isValidSecretKey(secret) ? secret : secret(random);
    }

    /// Mostly a word, sometimes of a wrong length.
    private static byte[] anyWord(SplittableRandom random) {
        return random.nextInt(12) == 0
                ? Property.bytes(random, random.nextInt(40))
                : Numbers.word(random);
    }

    private static byte[] flipped(SplittableRandom random, byte[] bytes) {
        byte[] result = bytes.clone();
        result[random.nextInt(result.length)] ^= (byte) (1 << random.nextInt(8));
        return result;
    }

    private static byte[] joined(byte[]... parts) {
        byte[] all = new byte[0];
        for (byte[] part : parts) {
            all = Arrays.copyOf(all, all.length + part.length);
            System.arraycopy(part, 0, all, all.length - part.length, part.length);
        }
        return all;
    }

    /// A public key in every form, or something that looks like one.
    private static byte[] anyKey(SplittableRandom random) {
        byte[] whole = library.publicKey(secret(random), false);
        byte[] form = {(byte) random.nextInt(9)};
        return switch (random.nextInt(8)) {
            case 0 -> whole;
            case 1 -> {
                whole[0] = form[0];
                yield whole;
            }
            case 2 -> flipped(random, whole);
            case 3 -> joined(form, Numbers.word(random));
            case 4 -> joined(form, Numbers.word(random), Numbers.word(random));
            case 5 -> Property.bytes(random, random.nextInt(70));
            default -> library.publicKey(secret(random), true);
        };
    }

    private static byte[] anyXOnly(SplittableRandom random) {
        return random.nextInt(4) == 0 ? anyWord(random) : library.xOnlyPublicKey(secret(random));
    }

    @Test
    void shouldTakeTheSameKeys() {
        Property.holds(
                1500,
                random -> {
                    byte[] key = anyKey(random);
                    boolean compressed = random.nextBoolean();
                    same(c -> c.isValidPublicKey(key));
                    same(c -> c.convertPublicKey(key, compressed));
                    byte[] xOnly = anyXOnly(random);
                    same(c -> c.isValidXOnly(xOnly));
                    byte[] secret = anyWord(random);
                    same(c -> c.isValidSecretKey(secret));
                    same(c -> c.publicKey(secret, compressed));
                    same(c -> c.xOnlyPublicKey(secret));
                });
    }

    @Test
    void shouldTweakAlike() {
        Property.holds(
                800,
                random -> {
                    byte[] secret = anyWord(random);
                    byte[] key = anyKey(random);
                    byte[] xOnly = anyXOnly(random);
                    byte[] tweak = anyWord(random);
                    same(c -> c.secretKeyTweakAdd(secret, tweak));
                    same(c -> c.publicKeyTweakAdd(key, tweak));
                    same(c -> c.publicKeyMultiply(key, tweak));
                    same(c -> c.xOnlySecretTweakAdd(secret, tweak));
                    String sum = same(c -> c.xOnlyTweakAdd(xOnly, tweak));
                    int parity = random.nextInt(-1, 3);
                    byte[] tweaked =
                            sum.length() == 66 ? HEX.parseHex(sum.substring(2)) : anyWord(random);
                    byte[] claimed = random.nextInt(4) == 0 ? flipped32(random, tweaked) : tweaked;
                    same(c -> c.xOnlyTweakAddCheck(claimed, parity, xOnly, tweak));
                });
    }

    private static byte[] flipped32(SplittableRandom random, byte[] bytes) {
        return bytes.length == 0 ? bytes : flipped(random, bytes);
    }

    @Test
    void shouldMeetInfinityAlike() {
        Property.holds(
                200,
                random -> {
                    byte[] secret = secret(random);
                    BigInteger number = Numbers.number(secret);
                    byte[] negated = Numbers.bytes(Numbers.N.subtract(number));
                    byte[] key = library.publicKey(secret, random.nextBoolean());
                    byte[] xOnly = library.xOnlyPublicKey(secret);
                    byte[] other = library.publicKey(secret(random), true);
                    assertThat(same(c -> c.secretKeyTweakAdd(secret, negated))).isEqualTo("empty");
                    assertThat(same(c -> c.publicKeyTweakAdd(key, negated))).isEqualTo("empty");
                    same(c -> c.publicKeyTweakAdd(key, secret));
                    same(c -> c.xOnlyTweakAdd(xOnly, negated));
                    same(c -> c.xOnlyTweakAdd(xOnly, secret));
                    same(c -> c.xOnlySecretTweakAdd(secret, negated));
                    same(c -> c.xOnlySecretTweakAdd(secret, secret));
                    byte[] minus = library.publicKey(negated, true);
                    assertThat(same(c -> c.publicKeySum(key, minus))).isEqualTo("empty");
                    same(c -> c.publicKeySum(key, minus, other));
                    same(c -> c.publicKeySum(key, key, other, anyKey(new SplittableRandom(7))));
                    byte[][] keys = new byte[random.nextInt(5)][];
                    Arrays.setAll(keys, i -> anyKey(random));
                    same(c -> c.publicKeySum(keys));
                });
    }

    @Test
    void shouldSignAlike() {
        Property.holds(
                250,
                random -> {
                    byte[] secret = anyWord(random);
                    byte[] digest = anyWord(random);
                    byte[] aux = anyWord(random);
                    same(c -> c.ecdsaSign(digest, secret));
                    same(c -> c.ecdsaSignFirstNonce(digest, secret));
                    same(c -> c.ecdsaSignRecoverable(digest, secret));
                    same(c -> c.schnorrSign(digest, secret, aux));
                });
    }

    @Test
    void shouldVerifyEcdsaAlike() {
        int[] valid = {0};
        Property.holds(
                1500,
                random -> {
                    byte[] secret = secret(random);
                    byte[] digest = Numbers.word(random);
                    byte[] right = library.ecdsaSign(digest, secret);
                    byte[] compact = EcdsaSignature.parseLax(right).orElseThrow();
                    byte[] r = Arrays.copyOf(compact, 32);
                    BigInteger s = new BigInteger(1, Arrays.copyOfRange(compact, 32, 64));
                    byte[] high = Numbers.bytes(Numbers.N.subtract(s));
                    byte[] signature =
                            switch (random.nextInt(6)) {
                                case 0 -> EcdsaSignature.toDer(joined(r, high));
                                case 1 -> flipped(random, right);
                                case 2 -> EcdsaSignature.toDer(joined(r, Numbers.word(random)));
                                case 3 ->
                                        EcdsaSignature.toDer(
                                                joined(Numbers.word(random), Numbers.word(random)));
                                default -> right;
                            };
                    byte[] key =
                            random.nextInt(5) == 0
                                    ? anyKey(random)
                                    : library.publicKey(secret, random.nextBoolean());
                    byte[] hashed = random.nextInt(8) == 0 ? anyWord(random) : digest;
                    String verdict = same(c -> c.ecdsaVerify(signature, hashed, key));
                    valid[0] += verdict.equals("true") ? 1 : 0;
                });
        assertThat(valid[0]).as("valid signatures").isBetween(300, 1200);
    }

    @Test
    void shouldRecoverAlikeAndVerifyWhatWasRecovered() {
        int[] large = {0};
        BigInteger gap = Numbers.P.subtract(Numbers.N);
        Property.holds(
                600,
                random -> {
                    byte[] digest = Numbers.word(random);
                    // An x between n and p is one that R shows only modulo n.
                    BigInteger some = Numbers.number(Property.bytes(random, 17));
                    byte[] r =
                            random.nextBoolean()
                                    ? Numbers.bytes(some.mod(gap))
                                    : Numbers.word(random);
                    byte[] id = {(byte) random.nextInt(-1, 5)};
                    byte[] compact = joined(r, Numbers.word(random));
                    byte[] signature = joined(id, compact);
                    byte[] given = random.nextInt(10) == 0 ? flipped(random, signature) : signature;
                    boolean compressed = random.nextBoolean();
                    same(c -> c.ecdsaRecover(given, digest, compressed));
                    String key = same(c -> c.ecdsaRecover(signature, digest, compressed));
                    if (!key.equals("empty")) {
                        byte[] found = HEX.parseHex(key);
                        byte[] der = EcdsaSignature.toDer(compact);
                        assertThat(same(c -> c.ecdsaVerify(der, digest, found))).isEqualTo("true");
                        large[0] += id[0] > 1 ? 1 : 0;
                    }
                });
        assertThat(large[0]).as("x not below the order").isGreaterThan(20);
    }

    @Test
    void shouldVerifySchnorrAlike() {
        int[] valid = {0};
        Property.holds(
                1200,
                random -> {
                    byte[] secret = secret(random);
                    byte[] message = Property.bytes(random, 32);
                    byte[] right = library.schnorrSign(message, secret, Property.bytes(random, 32));
                    byte[] r = Arrays.copyOf(right, 32);
                    byte[] s = Arrays.copyOfRange(right, 32, 64);
                    byte[] signature =
                            switch (random.nextInt(6)) {
                                case 0 -> flipped(random, right);
                                case 1 -> joined(r, Numbers.word(random));
                                case 2 -> joined(Numbers.word(random), s);
                                // The same x, but with the odd y: −s · G + e · P and its like.
                                case 3 ->
                                        joined(
                                                r,
                                                Numbers.bytes(
                                                        Numbers.N.subtract(Numbers.number(s))));
                                default -> right;
                            };
                    byte[] key =
                            random.nextInt(6) == 0
                                    ? anyXOnly(random)
                                    : library.xOnlyPublicKey(secret);
                    byte[] said =
                            random.nextInt(6) == 0
                                    ? Property.bytes(random, random.nextInt(200))
                                    : message;
                    String verdict = same(c -> c.schnorrVerify(signature, said, key));
                    valid[0] += verdict.equals("true") ? 1 : 0;
                });
        assertThat(valid[0]).as("valid signatures").isBetween(150, 800);
    }

    @Test
    void shouldRefuseAnOddNonceAlike() {
        Property.holds(
                60,
                random -> {
                    // With e · P taken off, s · G must be R itself and not −R: choose R's secret,
                    // take
                    // both signs.
                    byte[] message = Property.bytes(random, 32);
                    byte[] secret = secret(random);
                    byte[] key = library.xOnlyPublicKey(secret);
                    byte[] nonce = secret(random);
                    byte[] r = library.xOnlyPublicKey(nonce);
                    Scalar e =
                            Scalar.of(
                                    weft.crypto.TaggedHash.of("BIP0340/challenge")
                                            .hash(r, key, message),
                                    0);
                    boolean oddKey = library.publicKey(secret, true)[0] == 3;
                    Scalar d = Scalar.of(secret, 0).negatedWhere(oddKey ? -1 : 0);
                    Scalar k = Scalar.of(nonce, 0);
                    byte[] one = joined(r, k.plus(e.times(d)).toBytes());
                    byte[] other = joined(r, k.negated().plus(e.times(d)).toBytes());
                    String first = same(c -> c.schnorrVerify(one, message, key));
                    String second = same(c -> c.schnorrVerify(other, message, key));
                    assertThat(first).as("one of two").isNotEqualTo(second);
                });
    }

    @Test
    void shouldShareAlike() {
        Property.holds(
                300,
                random -> {
                    byte[] key = anyKey(random);
                    byte[] secret = anyWord(random);
                    same(c -> c.ecdh(key, secret));
                    byte[] ours = anyEncoding(random);
                    byte[] theirs = anyEncoding(random);
                    boolean initiating = random.nextBoolean();
                    same(c -> c.ellswiftXdhBip324(ours, theirs, secret, initiating));
                });
    }

    private static byte[] anyEncoding(SplittableRandom random) {
        return random.nextInt(20) == 0
                ? Property.bytes(random, random.nextInt(70))
                : joined(Numbers.word(random), Numbers.word(random));
    }

    @Test
    void shouldEncodeAndDecodeAlike() {
        Property.holds(
                500,
                random -> {
                    byte[] encoding = anyEncoding(random);
                    same(c -> c.ellswiftDecode(encoding));
                    byte[] secret = anyWord(random);
                    byte[] aux = anyWord(random);
                    String made = same(c -> c.ellswiftCreate(secret, aux));
                    if (!made.startsWith(REFUSED)) {
                        String point = same(c -> c.ellswiftDecode(HEX.parseHex(made)));
                        assertThat(point).isEqualTo(shown(PURE.publicKey(secret, true)));
                    }
                });
    }
}
