package weft.consensus.script;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.crypto.Secp256k1;
import weft.primitives.Bytes;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.Txid;
import weft.primitives.Witness;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;

/// Attacks on what is signed, and on how signatures are written.
class SignatureAttackTest implements SeenRed {
    private static final int OLD = ScriptFlags.P2SH;
    private static final int STRICT = ScriptFlags.P2SH | ScriptFlags.DERSIG;

    /// Two inputs of which one output is missing, or none.
    private static Transaction tx(int outputs, long otherSequence, long value) {
        var outs = new ArrayList<TxOut>();
        for (int i = 0; i < outputs; i++) {
            outs.add(new TxOut(i == outputs - 1 ? value : 100, Bytes.parse("51")));
        }
        return Transaction.of(
                2,
                List.of(
                        new TxIn(new OutPoint(new Txid(9, 9, 9, 9), 0), Bytes.EMPTY, otherSequence),
                        new TxIn(new OutPoint(new Txid(1, 2, 3, 4), 1), Bytes.EMPTY, 7)),
                outs,
                List.of(),
                0);
    }

    private static Transaction tx(int outputs) {
        return tx(outputs, 5, 200);
    }

    private static PrecomputedTxHashes shared(Transaction tx) {
        Bytes program = Bytes.parse("5120" + "11".repeat(32));
        return PrecomputedTxHashes.forSigning(
                tx, List.of(new TxOut(8, program), new TxOut(9, program)));
    }

    /// The digest of the second input.
    private static byte[] legacy(Transaction tx, int type) {
        return SigHash.legacy(tx, 1, new byte[] {(byte) Opcode.OP_CHECKSIG}, type);
    }

    private static byte[] version0(Transaction tx, int type) {
        return SigHash.witnessV0(shared(tx), 1, new byte[] {(byte) Opcode.OP_CHECKSIG}, 9, type);
    }

    private static void assertCovers(
            int type, int output, BiFunction<Transaction, Integer, byte[]> digest) {
        boolean alone = (type & 0x80) != 0;
        byte[] signed = digest.apply(tx(2), type);
        // Another sequence of the other input.
        assertThat(Arrays.equals(signed, digest.apply(tx(2, 6, 200), type)))
                .as("type %02x leaves out other sequences", type)
                .isEqualTo(alone || output == 2 || output == 3);
        // Another value of the output with the input's index.
        assertThat(Arrays.equals(signed, digest.apply(tx(2, 5, 201), type)))
                .as("type %02x leaves out its own output", type)
                .isEqualTo(output == 2);
        // Another value of the last output, which has another index.
        assertThat(Arrays.equals(digest.apply(tx(3), type), digest.apply(tx(3, 5, 201), type)))
                .as("type %02x leaves out other outputs", type)
                .isEqualTo(output == 2 || output == 3);
    }

    @Test
    @DisplayName("A20 what each of the 256 hash types covers, before segwit and in version 0")
    @Sabotage(type = "weft.consensus.script.SigHash", method = "legacy", constant = "31>3")
    @Sabotage(type = "weft.consensus.script.SigHash", method = "witnessV0", constant = "31>127")
    @Sabotage(type = "weft.consensus.script.SigHash", method = "witnessV0", constant = "128>64")
    void shouldReadAllHashTypesAsEveryoneDoes() {
        for (int type = 0; type < 256; type++) {
            int output = type & 0x1f;
            assertCovers(type, output, SignatureAttackTest::legacy);
            assertCovers(type, output, SignatureAttackTest::version0);
        }
        // The type itself is signed, all of it.
        assertThat(distinct(SignatureAttackTest::legacy)).isEqualTo(256);
        assertThat(distinct(SignatureAttackTest::version0)).isEqualTo(256);
    }

    private static long distinct(BiFunction<Transaction, Integer, byte[]> digest) {
        return IntStream.range(0, 256)
                .mapToObj(type -> Bytes.wrap(digest.apply(tx(2), type)))
                .distinct()
                .count();
    }

    @Test
    @DisplayName("A20 SINGLE without an output: one, nothing of the outputs, or no digest")
    @Sabotage(type = "weft.consensus.script.SigHash", method = "legacy", flips = 2)
    @Sabotage(type = "weft.consensus.script.SigHash", method = "taproot", flips = 5)
    void shouldSignOneWhereTheOutputIsMissing() {
        byte[] one = new byte[32];
        one[0] = 1;
        for (int type = 0; type < 256; type++) {
            boolean single = (type & 0x1f) == 3;
            assertThat(Arrays.equals(legacy(tx(1), type), one)).isEqualTo(single);
            assertThat(Arrays.equals(legacy(tx(2), type), one)).isFalse();
            if (single) {
                assertThat(version0(tx(1), type))
                        .isEqualTo(version0(tx(1, 5, 201), type))
                        .isNotEqualTo(version0(tx(2), type));
            }
            boolean taproot = single && (type == 3 || type == 0x83);
            if (taproot) {
                assertThat(taproot(tx(1), type)).isFalse();
                assertThat(taproot(tx(2), type)).isTrue();
            }
        }
    }

    private static boolean taproot(Transaction tx, int type) {
        return SigHash.taproot(shared(tx), 1, type, SigVersion.TAPROOT, new ExecutionContext(null))
                != null;
    }

    @Test
    @DisplayName("A20 taproot knows seven hash types and refuses all others")
    @Sabotage(type = "weft.consensus.script.SigHash", method = "isDefined", returns = "true")
    @Sabotage(type = "weft.consensus.script.SigHash", method = "isDefined", constant = "3>4")
    void shouldRefuseUnknownHashTypesInTaproot() {
        var known = List.of(0, 1, 2, 3, 0x81, 0x82, 0x83);
        for (int type = 0; type < 256; type++) {
            assertThat(taproot(tx(2), type)).as("type %02x", type).isEqualTo(known.contains(type));
        }
    }

    /// Notes what is signed, and takes every signature.
    private static final class Notary implements SignatureChecker {
        private final List<Bytes> codes = new ArrayList<>();

        @Override
        public boolean checkEcdsa(
                byte[] signature, byte[] publicKey, byte[] scriptCode, SigVersion version) {
            codes.add(Bytes.copyOf(scriptCode));
            return true;
        }

        @Override
        public ScriptError checkSchnorr(
                byte[] signature, byte[] publicKey, SigVersion version, ExecutionContext context) {
            return ScriptError.OK;
        }

        @Override
        public boolean checkLockTime(long lockTime) {
            return true;
        }

        @Override
        public boolean checkSequence(long sequence) {
            return true;
        }
    }

    private static Bytes code(String scriptSig, String scriptPubKey) {
        var notary = new Notary();
        ScriptError error =
                Interpreter.verify(
                        ScriptText.parse(scriptSig),
                        ScriptText.parse(scriptPubKey),
                        Witness.EMPTY,
                        OLD,
                        notary);
        assertThat(error).isEqualTo(ScriptError.OK);
        assertThat(notary.codes).hasSize(1);
        return notary.codes.getFirst();
    }

    @Test
    @DisplayName(
            "A14 a signature is cut out of the script where it is a push of its own, only there")
    @Sabotage(
            type = "weft.consensus.script.ScriptRun",
            method = "startsWith",
            call = "equals",
            returns = "true")
    @Sabotage(type = "weft.consensus.script.ScriptRun", method = "startsWith", returns = "false")
    void shouldCutOutSignaturesThatStandAlone() {
        String sig = "0x04 0xaabbcc01";
        String key = "0x02 0x0203";
        String end = " DROP DROP " + key + " CHECKSIG";
        String endOf = ScriptText.parse(end).toHex();
        // A push of the signature goes, one that only begins with it or contains it stays.
        assertThat(code(sig, sig + " 0x05 0xaabbcc01ff" + end).toHex())
                .isEqualTo("05aabbcc01ff" + endOf);
        assertThat(code(sig, "0x05 0xffaabbcc01 " + sig + end).toHex())
                .isEqualTo("05ffaabbcc01" + endOf);
        // The pattern inside of another push's data is not where an operation begins.
        assertThat(code(sig, "0x05 0x04aabbcc01 " + sig + end).toHex())
                .isEqualTo("0504aabbcc01" + endOf);
        // The same bytes, pushed another way.
        assertThat(code(sig, "0x4c 0x04aabbcc01 " + sig + end).toHex())
                .isEqualTo("4c04aabbcc01" + endOf);
        assertThat(code(sig, "0x4d 0x0400aabbcc01 " + sig + end).toHex())
                .isEqualTo("4d0400aabbcc01" + endOf);
        // One after the other: both go.
        assertThat(code(sig, sig + " " + sig + end).toHex()).isEqualTo(endOf);
        // Cutting goes on right behind a cut, even in the middle of nothing: patterns may overlap.
        assertThat(code("0x01 0x01", "0x01 0x01 0x01 0x01" + end).toHex()).isEqualTo(endOf);
    }

    @Test
    @DisplayName("A02 a separator in the first script has no say in what the second one signs")
    @Sabotage(type = "weft.consensus.script.Interpreter", method = "verify", call = "run")
    void shouldSignTheSecondScriptWhole() {
        var notary = new Notary();
        Bytes second = ScriptText.parse("0x02 0x0203 CHECKSIG");
        ScriptError error =
                Interpreter.verify(
                        ScriptText.parse("0x04 0xaabbcc01 CODESEPARATOR"),
                        second,
                        Witness.EMPTY,
                        ScriptFlags.NONE,
                        notary);
        assertThat(error).isEqualTo(ScriptError.OK);
        assertThat(notary.codes).isEqualTo(List.of(second));
    }

    private static Bytes integer(byte[] number) {
        return Bytes.wrap(new byte[] {2, (byte) number.length}).plus(Bytes.wrap(number));
    }

    private static Bytes sequence(Bytes body) {
        return Bytes.wrap(new byte[] {0x30, (byte) body.length()}).plus(body);
    }

    /// The signature of the only input, written in another way.
    private static ScriptError spend(
            BiFunction<byte[], byte[], Bytes> writing, int number, int flags) {
        Bytes script = new ScriptBuilder().push(Spends.key(3)).op(Opcode.OP_CHECKSIG).build();
        Transaction unsigned =
                Transaction.of(
                        1,
                        List.of(new TxIn(new OutPoint(new Txid(1, 2, 3, 4), 1), Bytes.EMPTY, 7)),
                        List.of(new TxOut(number, Bytes.parse("51"))),
                        List.of(),
                        0);
        byte[] digest = SigHash.legacy(unsigned, 0, script.toByteArray(), SigHash.ALL);
        Bytes der = Bytes.wrap(Secp256k1.get().ecdsaSign(digest, Spends.secret(3)));
        byte[] r = der.slice(4, der.at(3)).toByteArray();
        byte[] s = der.from(6 + der.at(3)).toByteArray();
        Bytes signature = writing.apply(r, s).plus(Bytes.parse("01"));
        Transaction signed =
                Transaction.of(
                        1,
                        List.of(
                                new TxIn(
                                        unsigned.inputs().getFirst().prevout(),
                                        new ScriptBuilder().push(signature).build(),
                                        7)),
                        unsigned.outputs(),
                        List.of(),
                        0);
        return Spends.run(signed, script, flags);
    }

    private static byte[] padded(byte[] number, int zeros) {
        byte[] padded = new byte[zeros + number.length];
        System.arraycopy(number, 0, padded, zeros, number.length);
        return padded;
    }

    /// Without the zero that keeps a number from looking negative.
    private static byte[] bare(byte[] number) {
        return number[0] == 0 ? Arrays.copyOfRange(number, 1, number.length) : number;
    }

    @Test
    @DisplayName("A12 signatures in lax DER are right below BIP-0066's height and wrong above it")
    @Sabotage(
            type = "weft.consensus.script.SignatureEncoding",
            method = "isStrictDer",
            returns = "true")
    @Sabotage(
            type = "weft.consensus.script.SignatureEncoding",
            method = "isShortestInteger",
            returns = "true")
    @Sabotage(type = "weft.consensus.script.SignatureEncoding", method = "check", constant = "14>0")
    @Sabotage(
            type = "weft.consensus.script.SignatureEncoding",
            method = "isStrictDer",
            returns = "false")
    void shouldReadLaxSignaturesOfOld() {
        var lax =
                List.<BiFunction<byte[], byte[], Bytes>>of(
                        // Numbers with zeros in front.
                        (r, s) -> sequence(integer(padded(r, 1)).plus(integer(s))),
                        (r, s) -> sequence(integer(r).plus(integer(padded(s, 3)))),
                        // Lengths in the long form.
                        (r, s) ->
                                Bytes.wrap(new byte[] {0x30, (byte) 0x81})
                                        .plus(sequence(integer(r).plus(integer(s))).from(1)),
                        (r, s) ->
                                sequence(
                                        Bytes.wrap(new byte[] {2, (byte) 0x82, 0, (byte) r.length})
                                                .plus(Bytes.wrap(r))
                                                .plus(integer(s))),
                        // Something behind the numbers, counted and not.
                        (r, s) -> sequence(integer(r).plus(integer(s)).plus(Bytes.parse("0500"))),
                        (r, s) -> sequence(integer(r).plus(integer(s))).plus(Bytes.parse("aabb")),
                        // A length of the whole that is wrong.
                        (r, s) ->
                                Bytes.wrap(new byte[] {0x30, 1}).plus(integer(r)).plus(integer(s)));
        for (BiFunction<byte[], byte[], Bytes> writing : lax) {
            int at = lax.indexOf(writing);
            assertThat(spend(writing, 1, OLD)).as("lax %s", at).isEqualTo(ScriptError.OK);
            assertThat(spend(writing, 1, STRICT)).as("lax %s", at).isEqualTo(ScriptError.SIG_DER);
        }
        for (int number = 1; number <= 24; number++) {
            BiFunction<byte[], byte[], Bytes> strict =
                    (r, s) -> sequence(integer(r).plus(integer(s)));
            assertThat(spend(strict, number, OLD)).isEqualTo(ScriptError.OK);
            assertThat(spend(strict, number, STRICT)).isEqualTo(ScriptError.OK);
        }
        // Our signatures have a small R; a small S too, so take the other S, which is large.
        BiFunction<byte[], byte[], Bytes> negative =
                (r, s) -> sequence(integer(r).plus(integer(bare(complement(s)))));
        for (int number = 1; number <= 4; number++) {
            assertThat(spend(negative, number, OLD)).isEqualTo(ScriptError.OK);
            assertThat(spend(negative, number, STRICT)).isEqualTo(ScriptError.SIG_DER);
        }
    }

    /// The group's order minus S signs as well.
    private static byte[] complement(byte[] s) {
        var order =
                new java.math.BigInteger(
                        "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141", 16);
        return order.subtract(new java.math.BigInteger(1, s)).toByteArray();
    }

    @Test
    @DisplayName("A12 signatures of no byte, of 72 and of 73 bytes")
    @Sabotage(
            type = "weft.consensus.script.SignatureEncoding",
            method = "isStrictDer",
            constant = "73>72")
    @Sabotage(
            type = "weft.consensus.script.SignatureEncoding",
            method = "isStrictDer",
            constant = "73>74")
    void shouldKnowTheLongestSignature() {
        byte[] high = padded(new byte[32], 1);
        high[1] = (byte) 0x80;
        byte[] small = new byte[32];
        small[0] = 1;
        Bytes type = Bytes.parse("01");
        Bytes of72 = sequence(integer(high).plus(integer(small))).plus(type);
        Bytes of73 = sequence(integer(high).plus(integer(high))).plus(type);
        byte[] longer = padded(new byte[33], 0);
        longer[0] = 1;
        Bytes of74 = sequence(integer(high).plus(integer(padded(longer, 0)))).plus(type);
        byte[] longest = new byte[34];
        longest[0] = 1;
        Bytes too = sequence(integer(high).plus(integer(longest))).plus(type);
        assertThat(of72.length()).isEqualTo(72);
        assertThat(of73.length()).isEqualTo(73);
        assertThat(of74.length()).isEqualTo(73);
        assertThat(too.length()).isEqualTo(74);
        assertThat(check(of72)).isEqualTo(ScriptError.OK);
        assertThat(check(of73)).isEqualTo(ScriptError.OK);
        assertThat(check(of74)).isEqualTo(ScriptError.OK);
        assertThat(check(too)).isEqualTo(ScriptError.SIG_DER);
        assertThat(check(Bytes.EMPTY)).isEqualTo(ScriptError.OK);
        assertThat(check(type)).isEqualTo(ScriptError.SIG_DER);
        Bytes key = new ScriptBuilder().push(Spends.key(3)).op(Opcode.OP_CHECKSIG).build();
        assertThat(Spends.bare(Bytes.parse("00"), key, STRICT)).isEqualTo(ScriptError.EVAL_FALSE);
    }

    private static ScriptError check(Bytes signature) {
        return SignatureEncoding.check(signature.toByteArray(), STRICT);
    }
}
