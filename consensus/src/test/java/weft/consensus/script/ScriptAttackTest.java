package weft.consensus.script;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.primitives.Bytes;
import weft.primitives.Transaction;
import weft.primitives.TxOut;
import weft.primitives.Witness;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;
import weft.primitives.codec.MalformedBytes;
import weft.testkit.Allocated;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;

/// Attacks of the past on the script interpreter: whose coins are spent, and at what cost.
class ScriptAttackTest implements SeenRed {
    private static final List<String> DISABLED =
            List.of(
                    "CAT", "SUBSTR", "LEFT", "RIGHT", "INVERT", "AND", "OR", "XOR", "2MUL", "2DIV",
                    "MUL", "DIV", "MOD", "LSHIFT", "RSHIFT");

    private static Bytes script(String text) {
        return ScriptText.parse(text);
    }

    /// The same words many times.
    private static Bytes repeated(String before, String text, int times, String after) {
        return script(before)
                .plus(Bytes.parse(script(text).toHex().repeat(times)))
                .plus(script(after));
    }

    private static List<Bytes> items(int count, int length) {
        return Collections.nCopies(count, Bytes.wrap(new byte[length]));
    }

    @Test
    @DisplayName(
            "A02 the two scripts run one after the other, and share nothing but the main stack")
    @Sabotage(type = "weft.consensus.script.Interpreter", method = "require", returns = "void")
    @Sabotage(
            type = "weft.consensus.script.ScriptRun",
            method = "run",
            call = "isEmpty",
            returns = "true")
    @Sabotage(type = "weft.consensus.script.Interpreter", method = "verify", call = "run")
    void shouldNotSpendAnyonesCoins() {
        String payToKey = "DUP HASH160 0x14 0x" + "ab".repeat(20) + " EQUALVERIFY CHECKSIG";
        assertThat(Spends.bare("1 RETURN", payToKey)).isEqualTo(ScriptError.OP_RETURN);
        assertThat(Spends.bare("1", payToKey)).isNotEqualTo(ScriptError.OK);
        assertThat(Spends.bare("1 1 IF", "ENDIF")).isEqualTo(ScriptError.UNBALANCED_CONDITIONAL);
        assertThat(Spends.bare("1 0 IF", "RETURN ENDIF"))
                .isEqualTo(ScriptError.UNBALANCED_CONDITIONAL);
        assertThat(Spends.bare("1 TOALTSTACK", "FROMALTSTACK"))
                .isEqualTo(ScriptError.INVALID_ALTSTACK_OPERATION);
        assertThat(Spends.bare("1", "")).isEqualTo(ScriptError.OK);
        assertThat(Spends.bare("0", "")).isEqualTo(ScriptError.EVAL_FALSE);
        assertThat(Spends.bare("", "")).isEqualTo(ScriptError.EVAL_FALSE);
        // A push that is cut off must not swallow the other script.
        assertThat(Spends.bare("1 0x05", "RETURN")).isEqualTo(ScriptError.BAD_OPCODE);
    }

    @Test
    @DisplayName("A03 disabled operations fail wherever they stand, without running")
    @Sabotage(type = "weft.consensus.script.Opcode", method = "isDisabled", returns = "false")
    void shouldFailAtDisabledOperations() {
        assertThat(DISABLED).hasSize(15);
        for (String name : DISABLED) {
            // The historic crash: a shift by a number of the attacker's.
            for (String text :
                    List.of(
                            "1 2147483647 " + name,
                            "1 0 IF " + name + " ENDIF",
                            "1 1 IF ELSE " + name + " ENDIF",
                            name)) {
                assertThat(Spends.bare("", text)).as(text).isEqualTo(ScriptError.DISABLED_OPCODE);
                assertThat(Spends.version0(script(text), List.of()))
                        .as(text)
                        .isEqualTo(ScriptError.DISABLED_OPCODE);
            }
        }
    }

    @Test
    @DisplayName(
            "A03 in tapscript the same operations succeed by consensus, and policy refuses them")
    @Sabotage(type = "weft.consensus.script.Opcode", method = "isSuccess", returns = "false")
    @Sabotage(type = "weft.consensus.script.Interpreter", method = "require", returns = "void")
    void shouldSucceedAtDisabledOperationsInTapscript() {
        int policy = Spends.FLAGS | ScriptFlags.DISCOURAGE_OP_SUCCESS;
        for (String name : DISABLED) {
            for (String text : List.of("1 2147483647 " + name, "RETURN " + name, name)) {
                Bytes bytes = script(text);
                assertThat(Spends.tapscript(bytes, List.of(), Spends.FLAGS))
                        .as(text)
                        .isEqualTo(ScriptError.OK);
                assertThat(Spends.tapscript(bytes, List.of(), policy))
                        .as(text)
                        .isEqualTo(ScriptError.DISCOURAGE_OP_SUCCESS);
            }
        }
        // Inside a push it is data.
        assertThat(Spends.tapscript(script("0x01 0x98 RETURN"), List.of(), Spends.FLAGS))
                .isEqualTo(ScriptError.OP_RETURN);
    }

    @Test
    @DisplayName("A26 elements of 520 bytes, before and in every witness version")
    @Sabotage(type = "weft.consensus.script.ScriptRun", method = "run", constant = "520>521")
    @Sabotage(type = "weft.consensus.script.ScriptRun", method = "run", constant = "520>519")
    @Sabotage(
            type = "weft.consensus.script.Interpreter",
            method = "runWitness",
            constant = "520>521")
    void shouldLimitElements() {
        Bytes fits = new ScriptBuilder().push(new byte[520]).raw(script("SIZE NIP")).build();
        Bytes large = new ScriptBuilder().push(new byte[521]).raw(script("SIZE NIP")).build();
        Bytes skipped = script("0 IF").plus(large).plus(script("ENDIF 1"));
        assertThat(Spends.bare(Bytes.EMPTY, fits, Spends.FLAGS)).isEqualTo(ScriptError.OK);
        for (Bytes script : List.of(large, skipped)) {
            assertThat(Spends.bare(Bytes.EMPTY, script, Spends.FLAGS))
                    .isEqualTo(ScriptError.PUSH_SIZE);
            assertThat(Spends.version0(script, List.of())).isEqualTo(ScriptError.PUSH_SIZE);
            assertThat(Spends.tapscript(script, List.of(), Spends.FLAGS))
                    .isEqualTo(ScriptError.PUSH_SIZE);
        }
        assertThat(Spends.version0(fits, List.of())).isEqualTo(ScriptError.OK);
        assertThat(Spends.tapscript(fits, List.of(), Spends.FLAGS)).isEqualTo(ScriptError.OK);
        Bytes drop = script("DROP 1");
        assertThat(Spends.version0(drop, items(1, 520))).isEqualTo(ScriptError.OK);
        assertThat(Spends.version0(drop, items(1, 521))).isEqualTo(ScriptError.PUSH_SIZE);
        assertThat(Spends.tapscript(drop, items(1, 520), Spends.FLAGS)).isEqualTo(ScriptError.OK);
        assertThat(Spends.tapscript(drop, items(1, 521), Spends.FLAGS))
                .isEqualTo(ScriptError.PUSH_SIZE);
    }

    @Test
    @DisplayName("A26 scripts of 10,000 bytes and 201 operations, but not in tapscript")
    @Sabotage(type = "weft.consensus.script.ScriptRun", method = "run", constant = "10000>10001")
    @Sabotage(type = "weft.consensus.script.ScriptRun", method = "run", constant = "10000>9999")
    @Sabotage(type = "weft.consensus.script.ScriptRun", method = "run", constant = "201>202")
    @Sabotage(type = "weft.consensus.script.ScriptRun", method = "run", constant = "201>200")
    @Sabotage(type = "weft.consensus.script.ScriptRun", method = "run", flips = 1)
    void shouldLimitScripts() {
        // Numbers up to 16 are no operations; what is left of the length is pushes that are
        // dropped.
        Bytes chunk = new ScriptBuilder().push(new byte[496]).raw(script("DROP")).build();
        assertThat(chunk.length()).isEqualTo(500);
        Bytes long10000 =
                Bytes.parse(chunk.toHex().repeat(19))
                        .plus(
                                new ScriptBuilder()
                                        .push(new byte[495])
                                        .raw(script("DROP 1"))
                                        .build());
        Bytes long10001 =
                Bytes.parse(chunk.toHex().repeat(19))
                        .plus(
                                new ScriptBuilder()
                                        .push(new byte[496])
                                        .raw(script("DROP 1"))
                                        .build());
        assertThat(long10000.length()).isEqualTo(10_000);
        assertThat(long10001.length()).isEqualTo(10_001);
        assertLimit(long10000, long10001, ScriptError.SCRIPT_SIZE);
        assertLimit(
                repeated("1", "NOP", 201, ""), repeated("1", "NOP", 202, ""), ScriptError.OP_COUNT);
        // Also where it is not run, and a multisig counts for its keys.
        assertLimit(
                repeated("1 0 IF", "NOP", 199, "ENDIF"),
                repeated("1 0 IF", "NOP", 200, "ENDIF"),
                ScriptError.OP_COUNT);
        Bytes twenty = repeated("0 0", "1", 20, "20 CHECKMULTISIG");
        Bytes fits = repeated("", "NOP", 180, "").plus(twenty);
        Bytes tooMany = repeated("", "NOP", 181, "").plus(twenty);
        assertThat(Spends.bare(Bytes.EMPTY, fits, Spends.FLAGS)).isEqualTo(ScriptError.OK);
        assertThat(Spends.bare(Bytes.EMPTY, tooMany, Spends.FLAGS)).isEqualTo(ScriptError.OP_COUNT);
    }

    private static void assertLimit(Bytes fits, Bytes large, ScriptError error) {
        assertThat(Spends.bare(Bytes.EMPTY, fits, Spends.FLAGS)).isEqualTo(ScriptError.OK);
        assertThat(Spends.bare(Bytes.EMPTY, large, Spends.FLAGS)).isEqualTo(error);
        assertThat(Spends.version0(fits, List.of())).isEqualTo(ScriptError.OK);
        assertThat(Spends.version0(large, List.of())).isEqualTo(error);
        assertThat(Spends.tapscript(large, List.of(), Spends.FLAGS)).isEqualTo(ScriptError.OK);
    }

    @Test
    @DisplayName("A26 twenty keys of a multisig, and no multisig in tapscript")
    @Sabotage(
            type = "weft.consensus.script.ScriptRun",
            method = "checkMultiSig",
            constant = "20>21")
    @Sabotage(
            type = "weft.consensus.script.ScriptRun",
            method = "checkMultiSig",
            constant = "20>19")
    void shouldLimitKeys() {
        Bytes twenty = repeated("0 0", "1", 20, "20 CHECKMULTISIG");
        Bytes more = repeated("0 0", "1", 21, "21 CHECKMULTISIG");
        assertThat(Spends.bare(Bytes.EMPTY, twenty, Spends.FLAGS)).isEqualTo(ScriptError.OK);
        assertThat(Spends.bare(Bytes.EMPTY, more, Spends.FLAGS))
                .isEqualTo(ScriptError.PUBKEY_COUNT);
        assertThat(Spends.bare("0 0", "-1 CHECKMULTISIG")).isEqualTo(ScriptError.PUBKEY_COUNT);
        assertThat(Spends.bare("0 2", "0x01 0x05 1 CHECKMULTISIG"))
                .isEqualTo(ScriptError.SIG_COUNT);
        assertThat(Spends.version0(twenty, List.of())).isEqualTo(ScriptError.OK);
        assertThat(Spends.version0(more, List.of())).isEqualTo(ScriptError.PUBKEY_COUNT);
        assertThat(Spends.tapscript(twenty, List.of(), Spends.FLAGS))
                .isEqualTo(ScriptError.TAPSCRIPT_CHECKMULTISIG);
    }

    @Test
    @DisplayName("A26 a thousand elements on both stacks together, and at the start of tapscript")
    @Sabotage(type = "weft.consensus.script.ScriptRun", method = "run", constant = "1000>1001")
    @Sabotage(type = "weft.consensus.script.ScriptRun", method = "run", constant = "1000>999")
    @Sabotage(
            type = "weft.consensus.script.Interpreter",
            method = "runTapscript",
            constant = "1000>1001")
    @Sabotage(
            type = "weft.consensus.script.ScriptRun",
            method = "run",
            call = "size",
            returns = "0")
    void shouldLimitTheStack() {
        assertThat(Spends.bare(Bytes.EMPTY, repeated("", "1", 1000, ""), Spends.FLAGS))
                .isEqualTo(ScriptError.OK);
        assertThat(Spends.bare(Bytes.EMPTY, repeated("", "1", 1001, ""), Spends.FLAGS))
                .isEqualTo(ScriptError.STACK_SIZE);
        Bytes both = repeated("1 TOALTSTACK", "1", 999, "");
        assertThat(Spends.bare(Bytes.EMPTY, both, Spends.FLAGS)).isEqualTo(ScriptError.OK);
        assertThat(Spends.bare(Bytes.EMPTY, both.plus(script("1")), Spends.FLAGS))
                .isEqualTo(ScriptError.STACK_SIZE);
        Bytes dropAll = repeated("", "2DROP", 499, "DROP");
        assertThat(dropAll.length()).isEqualTo(500);
        Bytes fits = repeated("", "2DROP", 500, "1");
        Bytes oneMore = repeated("", "2DROP", 500, "");
        assertThat(Spends.tapscript(fits, items(1000, 0), Spends.FLAGS)).isEqualTo(ScriptError.OK);
        assertThat(Spends.tapscript(oneMore, withTrue(1000), Spends.FLAGS))
                .isEqualTo(ScriptError.STACK_SIZE);
        // A dropping script of version 0 meets the limit only after its first operation.
        assertThat(Spends.version0(script("2DROP 1"), items(1003, 0)))
                .isEqualTo(ScriptError.STACK_SIZE);
        assertThat(Spends.version0(script("2DROP 1"), items(1002, 0)))
                .isEqualTo(ScriptError.STACK_SIZE);
        assertThat(Spends.version0(script("2DROP"), items(1002, 0)))
                .isEqualTo(ScriptError.CLEANSTACK);
    }

    private static List<Bytes> withTrue(int zeros) {
        var items = new ArrayList<Bytes>();
        items.add(Bytes.parse("01"));
        items.addAll(items(zeros, 0));
        return items;
    }

    @Test
    @DisplayName("A15 a taproot spend by 998 of 999 keys, and a witness item of 3.9 MB")
    @Sabotage(type = "weft.consensus.script.ScriptRun", method = "run", flips = 1)
    @Sabotage(
            type = "weft.primitives.codec.ByteReader",
            method = "varBytes",
            constant = "33554432>11000")
    void shouldKnowNoLimitOfOldInTaproot() {
        // As the spend of 2022-10-09: far beyond 10,000 bytes of script and 201 operations.
        var script = new ScriptBuilder();
        byte[] key = Bytes.wrap(Spends.key(3)).from(1).toByteArray();
        for (int i = 0; i < 999; i++) {
            script.push(key).op(i == 0 ? Opcode.OP_CHECKSIG : Opcode.OP_CHECKSIGADD);
        }
        Bytes multi = script.number(0).raw(script("NUMEQUAL")).build();
        assertThat(multi.length()).isGreaterThan(33_000);
        assertThat(Spends.tapscript(multi, items(999, 0), Spends.FLAGS)).isEqualTo(ScriptError.OK);
        // Behind an operation that succeeds whatever the arguments are.
        Bytes anything = script("0x50");
        List<Bytes> huge = items(1, 3_900_000);
        assertThat(Spends.tapscript(anything, huge, Spends.FLAGS)).isEqualTo(ScriptError.OK);
        assertReadBack(huge);
    }

    @Test
    @DisplayName("A16 500,001 and 3,900,000 empty witness items")
    @Sabotage(type = "weft.primitives.Witness", method = "read", constant = "33554432>500000")
    void shouldKnowNoLimitOfWitnessItems() {
        Bytes anything = script("0x50");
        for (int count : new int[] {500_001, 3_900_000}) {
            assertReadBack(items(count, 0));
        }
        assertThat(Spends.tapscript(anything, items(500_001, 0), Spends.FLAGS))
                .isEqualTo(ScriptError.OK);
    }

    private static void assertReadBack(List<Bytes> items) {
        Transaction tx = Spends.tx(Bytes.EMPTY, new Witness(items));
        var out = new ByteWriter();
        tx.write(out);
        byte[] bytes = out.toByteArray();
        Transaction read = read(bytes);
        assertThat(read.witness(0)).isEqualTo(tx.witness(0));
        assertThat(read.wtxid()).isEqualTo(tx.wtxid());
        assertThat(read.outputs()).isEqualTo(List.of(new TxOut(1, Bytes.parse("51"))));
        assertThat(Allocated.bytesBy(() -> read(bytes))).isLessThan(200_000_000L);
    }

    private static Transaction read(byte[] bytes) {
        try {
            return Transaction.read(ByteReader.of(bytes));
        } catch (MalformedBytes e) {
            throw new AssertionError("no limit but the frame's", e);
        }
    }

    @Test
    @DisplayName("C03 a tapscript that hashes more than its witness is long is not relayed")
    @Sabotage(
            type = "weft.consensus.script.ExecutionContext",
            method = "takeHashing",
            returns = "true")
    @Sabotage(type = "weft.consensus.script.ScriptRun", method = "mayHash", constant = "64>128")
    @Sabotage(type = "weft.consensus.script.ScriptRun", method = "mayHash", flips = 2)
    void shouldNotRelayWhatHashesForEver() {
        byte[] ones = new byte[520];
        Arrays.fill(ones, (byte) 1);
        Bytes largest = new ScriptBuilder().push(ones).build();
        for (int count = 90; count < 120; count++) {
            Bytes script = largest.plus(Bytes.parse("76a675".repeat(count)));
            // Two items, the script and 33 bytes of control block, after their lengths; the bonus.
            int budget = 1 + 3 + script.length() + 1 + 33 + 50;
            boolean relayed = 9 * count <= budget;
            assertThat(Spends.tapscript(script, List.of(), ScriptFlags.RELAYED))
                    .as(count + " times nine blocks")
                    .isEqualTo(relayed ? ScriptError.OK : ScriptError.TAPSCRIPT_HASHING);
            assertThat(Spends.tapscript(script, List.of(), Spends.FLAGS)).isEqualTo(ScriptError.OK);
            assertThat(Spends.tapscript(script, List.of(), ScriptFlags.STANDARD))
                    .isEqualTo(ScriptError.OK);
        }
        // One block each: no script can have more operations than bytes.
        Bytes chain = Bytes.parse("a9".repeat(5_000));
        assertThat(Spends.tapscript(chain, items(1, 55), ScriptFlags.RELAYED))
                .isEqualTo(ScriptError.OK);
    }
}
