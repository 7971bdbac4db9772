package weft.consensus.script;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import weft.consensus.TxCheck;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxOut;
import weft.primitives.Txid;
import weft.testkit.Vectors;

/// tx_valid.json and tx_invalid.json.
class TransactionVectorsTest {
    private static final int ALL = (1 << 21) - 1;

    private record Case(Transaction tx, List<TxOut> spent, boolean complete) {
        static Case of(JsonNode each) {
            Map<OutPoint, TxOut> prevouts = new LinkedHashMap<>();
            for (JsonNode prevout : each.get(0)) {
                long index = prevout.get(1).asLong() & 0xffff_ffffL;
                long amount = prevout.size() > 3 ? prevout.get(3).asLong() : 0;
                prevouts.put(
                        new OutPoint(Txid.parse(prevout.get(0).asString()), index),
                        new TxOut(amount, ScriptText.parse(prevout.get(2).asString())));
            }
            Transaction tx = Transaction.parse(each.get(1).asString());
            var spent = new ArrayList<TxOut>();
            tx.inputs()
                    .forEach(
                            input -> {
                                TxOut out = prevouts.get(input.prevout());
                                if (out != null) {
                                    spent.add(out);
                                }
                            });
            return new Case(tx, spent, spent.size() == tx.inputs().size());
        }

        boolean verifies(int flags) {
            var shared = PrecomputedTxHashes.of(tx, spent);
            for (int i = 0; i < spent.size(); i++) {
                if (Interpreter.verifyInput(shared, i, flags) != ScriptError.OK) {
                    return false;
                }
            }
            return true;
        }
    }

    private static int trim(int flags) {
        int trimmed = flags;
        if ((trimmed & ScriptFlags.P2SH) == 0) {
            trimmed &= ~ScriptFlags.WITNESS;
        }
        if ((trimmed & ScriptFlags.WITNESS) == 0) {
            trimmed &= ~ScriptFlags.CLEANSTACK;
        }
        return trimmed;
    }

    private static int fill(int flags) {
        int filled = flags;
        if ((filled & ScriptFlags.CLEANSTACK) != 0) {
            filled |= ScriptFlags.WITNESS;
        }
        if ((filled & ScriptFlags.WITNESS) != 0) {
            filled |= ScriptFlags.P2SH;
        }
        return filled;
    }

    @Test
    void shouldAcceptEveryValidTransaction() {
        int cases = 0;
        for (JsonNode each : Vectors.json("script/tx_valid.json")) {
            if (!each.get(0).isArray()) {
                continue;
            }
            cases++;
            Case valid = Case.of(each);
            int excluded = ScriptFlags.parse(each.get(2).asString());
            assertThat(TxCheck.check(valid.tx())).as(each.toString()).isNull();
            assertThat(valid.complete()).as(each.toString()).isTrue();
            int flags = trim(ALL & ~excluded);
            assertThat(valid.verifies(flags)).as(each.toString()).isTrue();
            for (int bit = 0; bit < 21; bit++) {
                assertThat(valid.verifies(trim(flags & ~(1 << bit))))
                        .as("without %d: %s", bit, each)
                        .isTrue();
                if ((excluded & 1 << bit) != 0) {
                    int more = fill(flags | 1 << bit);
                    assertThat(valid.verifies(more)).as("with %d: %s", bit, each).isFalse();
                }
            }
        }
        assertThat(cases).isGreaterThan(80);
    }

    @Test
    void shouldRefuseEveryInvalidTransaction() {
        int cases = 0;
        for (JsonNode each : Vectors.json("script/tx_invalid.json")) {
            if (!each.get(0).isArray()) {
                continue;
            }
            cases++;
            Case invalid = Case.of(each);
            String names = each.get(2).asString();
            if (names.equals("BADTX")) {
                assertThat(TxCheck.check(invalid.tx())).as(each.toString()).isNotNull();
                continue;
            }
            int flags = ScriptFlags.parse(names);
            assertThat(invalid.complete()).as(each.toString()).isTrue();
            assertThat(invalid.verifies(fill(flags))).as(each.toString()).isFalse();
            for (int bit = 0; bit < 21; bit++) {
                assertThat(invalid.verifies(fill(flags | 1 << bit)))
                        .as("with %d: %s", bit, each)
                        .isFalse();
                if ((flags & 1 << bit) != 0) {
                    int less = trim(flags & ~(1 << bit));
                    assertThat(invalid.verifies(less)).as("without %d: %s", bit, each).isTrue();
                }
            }
        }
        assertThat(cases).isGreaterThan(60);
    }
}
