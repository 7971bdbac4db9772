package weft.consensus;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import weft.consensus.script.Interpreter;
import weft.consensus.script.Opcode;
import weft.consensus.script.PrecomputedTxHashes;
import weft.consensus.script.Script;
import weft.consensus.script.ScriptBuilder;
import weft.consensus.script.ScriptError;
import weft.consensus.script.ScriptFlags;
import weft.consensus.script.ScriptNum;
import weft.consensus.script.Taproot;
import weft.crypto.Secp256k1;
import weft.primitives.BlockHash;
import weft.primitives.Bytes;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.Txid;
import weft.primitives.Witness;

/// Traps of the page docs/java-traps.md that the rules keep out of: first the trap, then what weft does.
class JavaTrapsTest {
    private static final ChainParams MAIN = ChainParams.of(Network.MAIN);
    private static final long COIN = 100_000_000L;

    @Test
    void shouldPayNothingAfterTheLastHalving() {
        int halvings = 64;
        assertThat((50 * COIN) >> halvings).isEqualTo(50 * COIN);
        assertThat(Subsidy.at(13_439_999, MAIN)).isZero();
        assertThat(Subsidy.at(13_440_000, MAIN)).isZero();
        assertThat(Subsidy.at(Integer.MAX_VALUE, MAIN)).isZero();
        ChainParams regtest = ChainParams.of(Network.REGTEST);
        assertThat(Subsidy.at(64 * 150, regtest)).isZero();
    }

    @Test
    void shouldShiftSmallTargetsAway() {
        int bits = 32;
        assertThat(0x12345678 >>> bits).isEqualTo(0x12345678);
        assertThat(CompactBits.decode(0x0012_3456L).value()).isZero();
        assertThat(CompactBits.decode(0x0112_3456L).value()).isEqualTo(0x12);
        assertThat(CompactBits.decode(0xff12_3456L).overflow()).isTrue();
    }

    @Test
    void shouldWriteTheSmallestNumber() {
        assertThat(Math.abs(Integer.MIN_VALUE)).isNegative();
        assertThat(Bytes.wrap(ScriptNum.encode(Long.MIN_VALUE)))
                .isEqualTo(Bytes.parse("000000000000008080"));
        assertThat(runs("0x04ffffffff ABS 0x04ffffff7f NUMEQUAL")).isEqualTo(ScriptError.OK);
    }

    @Test
    void shouldGrowBeyondFourBytes() {
        assertThat(Integer.MAX_VALUE + 1).isNegative();
        assertThat(runs("0x04ffffff7f 1ADD 0x050000008000 EQUAL")).isEqualTo(ScriptError.OK);
        assertThat(runs("0x04ffffff7f 0x04ffffff7f ADD 0x05feffffff00 EQUAL"))
                .isEqualTo(ScriptError.OK);
    }

    @Test
    void shouldTakeTheHighestVersionAsHigh() {
        assertThat((int) 0xffff_ffffL).isLessThan(2);
        Transaction tx = spend(0xffff_ffffL, Bytes.EMPTY, 5, Witness.EMPTY);
        var parent = new BlockVectorsTest.Parent(2_000, 0);
        assertThat(LockTimes.sequenceLocks(tx, List.of(1_000), parent, true).height())
                .isEqualTo(1_004);
        Transaction old = spend(1, Bytes.EMPTY, 5, Witness.EMPTY);
        assertThat(LockTimes.sequenceLocks(old, List.of(1_000), parent, true).height())
                .isEqualTo(-1);
    }

    @Test
    void shouldTakeBlockVersionsAsSigned() {
        // Votes need the top bits 001: a negative version has them only by accident of masks.
        assertThat(VersionBits.hasBit(0x2000_0001, 0)).isTrue();
        assertThat(VersionBits.hasBit(-1, 0)).isFalse();
        assertThat(VersionBits.hasBit(0x8000_0001, 0)).isFalse();
    }

    @Test
    void shouldRefuseOutputsWhoseSumWraps() {
        long half = 9_223_372_036_854_277_039L;
        assertThat(half + half).isBetween(-1_000_000L, 0L);
        assertThat(reason(half, half)).isEqualTo("bad-txns-vout-toolarge");
        assertThat(reason(21_000_000 * COIN, 1)).isEqualTo("bad-txns-txouttotal-toolarge");
        assertThat(reason(-1, 1)).isEqualTo("bad-txns-vout-negative");
        assertThat(reason(21_000_000 * COIN - 1, 1)).isEqualTo("");
        Transaction tx = spend(1, Bytes.EMPTY, 0, Witness.EMPTY);
        var coin = new Coin(new TxOut(Long.MAX_VALUE, Bytes.EMPTY), 0, false);
        assertThat(TxInputs.check(tx, List.of(coin), 1).failure())
                .extracting(RuleFailure::reason)
                .isEqualTo("bad-txns-inputvalues-outofrange");
    }

    private static String reason(long... values) {
        List<TxOut> outputs = new ArrayList<>();
        for (long value : values) {
            outputs.add(new TxOut(value, Bytes.EMPTY));
        }
        Transaction base = spend(1, Bytes.EMPTY, 0, Witness.EMPTY);
        RuleFailure failure =
                TxCheck.check(Transaction.of(1, base.inputs(), outputs, List.of(), 0));
        return failure == null ? "" : failure.reason();
    }

    @Test
    void shouldCompareHashesAsPositiveNumbers() {
        byte[] ones = Bytes.parse("ff".repeat(32)).toByteArray();
        assertThat(new BigInteger(ones)).isNegative();
        ChainParams.Pow pow = ChainParams.of(Network.REGTEST).pow();
        assertThat(PowRules.hasValidWork(BlockHash.of(ones), 0x207f_ffffL, pow)).isFalse();
        assertThat(PowRules.hasValidWork(BlockHash.of(new byte[32]), 0x207f_ffffL, pow)).isTrue();
        // The sign bit of the compact form makes a target negative, not large.
        assertThat(CompactBits.decode(0x0492_3456L).negative()).isTrue();
        assertThat(PowRules.hasValidWork(BlockHash.of(new byte[32]), 0x0492_3456L, pow)).isFalse();
        assertThat(PowRules.work(0x0492_3456L)).isZero();
    }

    @Test
    void shouldCutOffPushesWhoseLengthsWrap() {
        int length = (int) 0xffff_ffffL;
        assertThat(length).isNegative();
        for (String script : List.of("4effffffff00", "4e0000008000", "4eff", "4d0100", "4c02ff")) {
            assertThat(Script.isWellFormed(Bytes.parse(script))).as(script).isFalse();
            assertThat(SigOps.count(Bytes.parse(script), false)).isZero();
        }
        assertThat(runs("1 0x4effffffff")).isEqualTo(ScriptError.BAD_OPCODE);
    }

    @Test
    @SuppressWarnings("ListRemoveAmbiguous") // the trap that is shown
    void shouldRemoveByDepthNotByValue() {
        List<Integer> numbers = new ArrayList<>(List.of(3, 2, 1));
        // Not the number 1: the one at index 1.
        numbers.remove(1);
        assertThat(numbers).containsExactly(3, 1);
        assertThat(runs("3 2 1 1 ROLL 2 NUMEQUALVERIFY 1 NUMEQUALVERIFY 3 NUMEQUAL"))
                .isEqualTo(ScriptError.OK);
        assertThat(runs("3 2 1 NIP 1 NUMEQUALVERIFY 3 NUMEQUAL")).isEqualTo(ScriptError.OK);
    }

    @Test
    void shouldCompareBoxedHeightsByValue() {
        Integer a = Integer.valueOf("1000");
        assertThat(a).isNotSameAs(Integer.valueOf("1000"));
        assertThat(Integer.valueOf("100")).isSameAs(Integer.valueOf("100"));
        Transaction tx = spend(2, Bytes.EMPTY, 0, Witness.EMPTY);
        var parent = new BlockVectorsTest.Parent(1_000, 0);
        LockTimes.Locks locks = LockTimes.sequenceLocks(tx, List.of(a), parent, true);
        assertThat(locks).isEqualTo(new LockTimes.Locks(999, -1));
        assertThat(LockTimes.areMet(locks, parent)).isTrue();
    }

    @Test
    void shouldShareElementsThatNobodyChanges() {
        byte[] element = {5};
        byte[][] stack = {element, element};
        stack[1][0]++;
        assertThat(stack[0][0]).isEqualTo((byte) 6);
        assertThat(runs("5 DUP 1ADD 6 NUMEQUALVERIFY 5 NUMEQUAL")).isEqualTo(ScriptError.OK);
        assertThat(runs("1 2 3 TUCK ROT 3 NUMEQUALVERIFY 3 NUMEQUALVERIFY 2 EQUALVERIFY 1 EQUAL"))
                .isEqualTo(ScriptError.OK);
    }

    /// Branches nested as deep as a block allows, on a stack that holds some hundred frames.
    @Test
    void shouldNotRecurseIntoBranches() throws InterruptedException {
        int depth = 300_000;
        var builder = new ScriptBuilder();
        for (int i = 0; i < depth; i++) {
            builder.op(Opcode.OP_1).op(Opcode.OP_IF);
        }
        for (int i = 0; i < depth; i++) {
            builder.op(Opcode.OP_ENDIF);
        }
        Bytes script = builder.op(Opcode.OP_1).build();
        AtomicReference<Object> verdict = new AtomicReference<>("none");
        Thread small =
                new Thread(
                        null,
                        () -> {
                            try {
                                verdict.set(tapscript(script));
                            } catch (StackOverflowError e) {
                                verdict.set(e);
                            }
                        },
                        "small stack",
                        256 * 1024);
        small.start();
        small.join();
        assertThat(verdict.get()).isEqualTo(ScriptError.OK);
        assertThat(SigOps.count(script, true)).isZero();
        assertThat(Script.isWellFormed(script)).isTrue();
    }

    private static ScriptError tapscript(Bytes script) {
        byte[] inner =
                Bytes.parse("79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798")
                        .toByteArray();
        byte[] leaf = Taproot.leafHash(Taproot.LEAF_TAPSCRIPT, script);
        byte[] key = Secp256k1.get().xOnlyTweakAdd(inner, Taproot.tweak(inner, leaf)).orElseThrow();
        byte[] head = {(byte) (Taproot.LEAF_TAPSCRIPT | (key[0] & 1))};
        Bytes control = Bytes.wrap(head).plus(Bytes.wrap(inner));
        Bytes output = new ScriptBuilder().op(Opcode.OP_1).push(Bytes.wrap(key).from(1)).build();
        Transaction tx = spend(2, Bytes.EMPTY, 0, Witness.of(script, control));
        var shared = PrecomputedTxHashes.of(tx, List.of(new TxOut(0, output)));
        return Interpreter.verifyInput(shared, 0, ScriptFlags.MANDATORY);
    }

    private static Transaction spend(
            long version, Bytes scriptSig, long sequence, Witness witness) {
        var input = new TxIn(new OutPoint(Txid.of(new byte[32]), 7), scriptSig, sequence);
        return Transaction.of(
                version, List.of(input), List.of(new TxOut(0, Bytes.EMPTY)), List.of(witness), 0);
    }

    /// Runs a script in words: numbers, names of operations, bytes after 0x as they are.
    private static ScriptError runs(String words) {
        var script = new ScriptBuilder();
        for (String word : words.split(" ")) {
            Integer opcode = Opcode.parse(word);
            if (word.startsWith("0x")) {
                script.raw(Bytes.parse(word.substring(2)));
            } else if (opcode != null) {
                script.op(opcode);
            } else {
                script.number(Long.parseLong(word));
            }
        }
        Transaction tx = spend(1, Bytes.EMPTY, 0, Witness.EMPTY);
        var shared = PrecomputedTxHashes.of(tx, List.of(new TxOut(0, script.build())));
        return Interpreter.verifyInput(shared, 0, ScriptFlags.MANDATORY);
    }
}
