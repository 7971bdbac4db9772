package weft.consensus.script;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import weft.primitives.Bytes;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.Witness;
import weft.testkit.Property;

/// Reading, building and describing scripts, and that nothing makes the interpreter throw.
class ScriptTest {
    @Test
    void shouldReadBackWhatWasBuilt() {
        Property.holds(
                300,
                random -> {
                    var builder = new ScriptBuilder();
                    var pushes = new ArrayList<Bytes>();
                    for (int i = 0; i < 10; i++) {
                        Bytes data =
                                Bytes.wrap(
                                        Property.bytes(
                                                random,
                                                random.nextInt(70_000) >> random.nextInt(17)));
                        pushes.add(data);
                        builder.push(data);
                    }
                    var reader = ScriptReader.of(builder.build());
                    for (Bytes push : pushes) {
                        assertThat(reader.next()).isTrue();
                        assertThat(reader.push()).isEqualTo(push);
                    }
                    assertThat(reader.next()).isFalse();
                    assertThat(reader.isWellFormedEnd()).isTrue();
                });
    }

    @Test
    void shouldWriteNumbersInTheShortestForm() {
        Property.holds(
                2000,
                random -> {
                    long value = random.nextLong() >> random.nextInt(12, 64);
                    byte[] bytes = ScriptNum.encode(value);
                    assertThat(ScriptNum.decode(bytes)).isEqualTo(value);
                    assertThat(ScriptNum.isMinimal(bytes)).isTrue();
                });
        assertThat(ScriptNum.encode(0)).isEmpty();
        assertThat(ScriptNum.encode(-1)).containsExactly(0x81);
        assertThat(ScriptNum.encode(128)).containsExactly(0x80, 0x00);
        assertThat(ScriptNum.isMinimal(new byte[] {(byte) 0x80})).isFalse();
        assertThat(ScriptNum.isMinimal(new byte[] {1, 0})).isFalse();
    }

    @Test
    void shouldKnowPatterns() {
        Bytes taproot = Bytes.parse("5120" + "11".repeat(32));
        assertThat(Script.isPayToTaproot(taproot)).isTrue();
        assertThat(Script.witnessProgram(taproot))
                .isEqualTo(new Script.WitnessProgram(1, Bytes.parse("11".repeat(32))));
        assertThat(Script.witnessProgram(Bytes.parse("51024e73")))
                .matches(program -> program != null && program.isAnchor());
        assertThat(Script.witnessProgram(Bytes.parse("5101aa"))).isNull();
        assertThat(Script.witnessProgram(Bytes.parse("5129" + "11".repeat(41)))).isNull();
        assertThat(Script.isPayToScriptHash(Bytes.parse("a914" + "22".repeat(20) + "87"))).isTrue();
        assertThat(Script.isPayToScriptHash(Bytes.parse("a94c14" + "22".repeat(20) + "87")))
                .isFalse();
        assertThat(Script.isPushOnly(Bytes.parse("0102"))).isTrue();
        assertThat(Script.isPushOnly(Bytes.parse("50"))).isTrue();
        assertThat(Script.isPushOnly(Bytes.parse("61"))).isFalse();
        assertThat(Script.isPushOnly(Bytes.parse("4d01"))).isFalse();
        assertThat(Script.isWellFormed(Bytes.parse("02ff"))).isFalse();
        assertThat(Script.isUnspendable(Bytes.parse("6a"))).isTrue();
    }

    @Test
    void shouldWriteAsmAsBitcoinCore() {
        assertThat(Script.toAsm(Bytes.parse("76a914" + "ab".repeat(20) + "88ac")))
                .isEqualTo("OP_DUP OP_HASH160 " + "ab".repeat(20) + " OP_EQUALVERIFY OP_CHECKSIG");
        assertThat(Script.toAsm(Bytes.parse("0051604f02ff80b1b2ba05ff")))
                .isEqualTo(
                        "0 1 16 -1 -255 OP_CHECKLOCKTIMEVERIFY OP_CHECKSEQUENCEVERIFY "
                                + "OP_CHECKSIGADD [error]");
        assertThat(Script.toAsm(Bytes.parse("fd50"))).isEqualTo("OP_UNKNOWN OP_RESERVED");
        String signature = "3006020101020101";
        assertThat(Script.toAsm(Bytes.parse("09" + signature + "83"), true))
                .isEqualTo(signature + "[SINGLE|ANYONECANPAY]");
        assertThat(Script.toAsm(Bytes.parse("09" + signature + "83"), false))
                .isEqualTo(signature + "83");
    }

    @Test
    void shouldKnowTheSuccessOpcodes() {
        long count = IntStream.range(0, 256).filter(Opcode::isSuccess).count();
        assertThat(count).isEqualTo(87);
        assertThat(Opcode.parse("OP_CHECKSIG")).isEqualTo(Opcode.OP_CHECKSIG);
        assertThat(Opcode.parse("CHECKSIG")).isEqualTo(Opcode.OP_CHECKSIG);
        assertThat(Opcode.parse("NOTHING")).isNull();
    }

    @Test
    void shouldReadAndWriteFlags() {
        assertThat(ScriptFlags.parse("P2SH,WITNESS"))
                .isEqualTo(ScriptFlags.P2SH | ScriptFlags.WITNESS);
        assertThat(ScriptFlags.toText(ScriptFlags.P2SH | ScriptFlags.WITNESS))
                .isEqualTo("P2SH,WITNESS");
        assertThat(ScriptFlags.parse("NONE")).isZero();
        assertThat(ScriptFlags.toText(ScriptFlags.STANDARD))
                .contains(ScriptFlags.toText(ScriptFlags.MANDATORY).split(","))
                .doesNotContain("SIGPUSHONLY");
    }

    @Test
    void shouldAnswerWhateverTheBytes() {
        Property.holds(
                3000,
                random -> {
                    Bytes scriptSig = script(random);
                    Bytes scriptPubKey = random.nextInt(4) == 0 ? program(random) : script(random);
                    var items = new ArrayList<Bytes>();
                    for (int i = random.nextInt(5); i > 0; i--) {
                        items.add(
                                random.nextBoolean()
                                        ? script(random)
                                        : Bytes.wrap(Property.bytes(random, 33)));
                    }
                    Transaction tx =
                            Transaction.of(
                                    2,
                                    List.of(new TxIn(OutPoint.NULL, scriptSig, 1)),
                                    List.of(new TxOut(1, Bytes.EMPTY)),
                                    List.of(new Witness(items)),
                                    0);
                    var shared = PrecomputedTxHashes.of(tx, List.of(new TxOut(5, scriptPubKey)));
                    int flags = random.nextBoolean() ? ScriptFlags.STANDARD : ScriptFlags.MANDATORY;
                    assertThat(Interpreter.verifyInput(shared, 0, flags)).isNotNull();
                    assertThat(Interpreter.verifyInput(shared, 0, ScriptFlags.NONE)).isNotNull();
                    assertThat(Script.toAsm(scriptPubKey, true)).isNotNull();
                });
    }

    /// Mostly operations that find something on the stack.
    private static Bytes script(SplittableRandom random) {
        var builder = new ScriptBuilder();
        for (int i = random.nextInt(30); i > 0; i--) {
            switch (random.nextInt(4)) {
                case 0 -> builder.push(Property.bytes(random, random.nextInt(80)));
                case 1 -> builder.number(random.nextInt(-2, 20));
                case 2 -> builder.op(random.nextInt(0x61, 0xbb));
                default -> builder.op(random.nextInt(256));
            }
        }
        return builder.build();
    }

    private static Bytes program(SplittableRandom random) {
        return new ScriptBuilder()
                .number(random.nextInt(3))
                .push(Property.bytes(random, random.nextBoolean() ? 32 : 20))
                .build();
    }
}
