package weft.chain;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import weft.consensus.script.Opcode;
import weft.consensus.script.ScriptBuilder;
import weft.consensus.script.ScriptFlags;
import weft.consensus.script.SignatureVerifier;
import weft.crypto.Secp256k1;
import weft.primitives.Bytes;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.Txid;
import weft.testkit.Property;

class ScriptCachesTest {
    private static final Secp256k1 CURVE = Secp256k1.get();

    private static ScriptCaches caches() {
        return new ScriptCaches(new byte[] {1, 2, 3}, 1 << 20);
    }

    private static Transaction tx(long number) {
        var in = new TxIn(new OutPoint(new Txid(number, 0, 0, 0), 0), Bytes.EMPTY, 0);
        return Transaction.of(2, List.of(in), List.of(new TxOut(1, Bytes.EMPTY)), List.of(), 0);
    }

    private static ScriptCheck check(Transaction tx, int opcode) {
        Bytes script = new ScriptBuilder().op(opcode).build();
        return new ScriptCheck(tx, 0, List.of(new TxOut(1, script)), ScriptFlags.MANDATORY);
    }

    @Test
    void shouldAnswerAsTheCurveDoesWhateverIsRemembered() {
        Property.holds(
                30,
                random -> {
                    SignatureVerifier known = caches().verifier(true);
                    byte[] secret = Property.bytes(random, 32);
                    secret[0] = 1;
                    byte[] digest = Property.bytes(random, 32);
                    byte[] key = CURVE.publicKey(secret, true);
                    byte[] xOnly = CURVE.xOnlyPublicKey(secret);
                    byte[] ecdsa = CURVE.ecdsaSign(digest, secret);
                    byte[] schnorr = CURVE.schnorrSign(digest, secret, new byte[32]);
                    byte[] other = digest.clone();
                    other[random.nextInt(32)] ^= 1;
                    for (int i = 0; i < 2; i++) {
                        assertThat(known.ecdsa(ecdsa, digest, key)).isTrue();
                        assertThat(known.schnorr(schnorr, digest, xOnly)).isTrue();
                        assertThat(known.ecdsa(ecdsa, other, key)).isFalse();
                        assertThat(known.schnorr(schnorr, other, xOnly)).isFalse();
                        // The same bytes in the other role.
                        assertThat(known.ecdsa(schnorr, digest, xOnly)).isFalse();
                        assertThat(known.schnorr(ecdsa, digest, key)).isFalse();
                    }
                });
    }

    @Test
    void shouldNotTakeBytesOfTheKeyForBytesOfTheSignature() {
        SignatureVerifier known = caches().verifier(true);
        byte[] secret = Property.bytes(new java.util.SplittableRandom(5), 32);
        secret[0] = 1;
        byte[] digest = new byte[32];
        byte[] key = CURVE.publicKey(secret, true);
        byte[] ecdsa = CURVE.ecdsaSign(digest, secret);
        assertThat(known.ecdsa(ecdsa, digest, key)).isTrue();
        byte[] all = Arrays.copyOf(key, key.length + ecdsa.length);
        System.arraycopy(ecdsa, 0, all, key.length, ecdsa.length);
        for (int cut = 0; cut <= all.length; cut++) {
            byte[] left = Arrays.copyOf(all, cut);
            byte[] right = Arrays.copyOfRange(all, cut, all.length);
            assertThat(known.ecdsa(right, digest, left)).isEqualTo(cut == key.length);
        }
    }

    @Test
    void shouldRememberWholeTransactionsWithTheirFlags() {
        ScriptCaches caches = caches();
        var verifier = new InlineScriptVerifier(caches);
        Transaction tx = tx(1);
        assertThat(verifier.verify(List.of(check(tx, Opcode.OP_1)))).isNull();
        assertThat(caches.knows(tx, ScriptFlags.MANDATORY)).isFalse();
        assertThat(verifier.verifyAndRemember(List.of(check(tx, Opcode.OP_1)))).isNull();
        assertThat(caches.knows(tx, ScriptFlags.MANDATORY)).isTrue();
        assertThat(caches.knows(tx, ScriptFlags.STANDARD)).isFalse();
        assertThat(caches.knows(tx(2), ScriptFlags.MANDATORY)).isFalse();
        // No script runs any more: one that fails would be noticed.
        assertThat(verifier.verify(List.of(check(tx, Opcode.OP_RETURN)))).isNull();
    }

    @Test
    void shouldRememberNothingOfAListThatFails() {
        ScriptCaches caches = caches();
        var verifier = new InlineScriptVerifier(caches);
        List<ScriptCheck> checks =
                List.of(check(tx(1), Opcode.OP_1), check(tx(2), Opcode.OP_RETURN));
        assertThat(verifier.verifyAndRemember(checks))
                .extracting(ScriptVerifier.Failure::check)
                .isSameAs(checks.get(1));
        assertThat(caches.knows(tx(1), ScriptFlags.MANDATORY)).isFalse();
        assertThat(caches.knows(tx(2), ScriptFlags.MANDATORY)).isFalse();
    }

    @Test
    void shouldStayWithinItsMemory() {
        assertThat(new ScriptCaches(new byte[32], ScriptCaches.DEFAULT_BYTES).capacity())
                .isEqualTo((16 << 20) / DigestSet.DIGEST_BYTES);
        assertThat(ScriptCaches.NONE.capacity()).isZero();
    }
}
