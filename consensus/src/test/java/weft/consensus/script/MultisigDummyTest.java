package weft.consensus.script;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import weft.primitives.Bytes;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.Txid;

/// OP_CHECKMULTISIG without its extra element fails for that, before any signature or key is looked at.
class MultisigDummyTest {
    private static final Bytes KEY = Bytes.parse("02" + "79".repeat(32));
    private static final Bytes NO_KEY = Bytes.parse("05");

    private static ScriptError run(Bytes signature, Bytes key, boolean dummy, int flags) {
        var script = new ScriptBuilder();
        if (dummy) {
            script.number(0);
        }
        script.push(signature).number(1).push(key).number(1).op(Opcode.OP_CHECKMULTISIG);
        var input = new TxIn(new OutPoint(Txid.ZERO, 0), Bytes.EMPTY, TxIn.SEQUENCE_FINAL);
        Transaction tx =
                Transaction.of(1, List.of(input), List.of(new TxOut(0, Bytes.EMPTY)), List.of(), 0);
        var shared = PrecomputedTxHashes.of(tx, List.of(new TxOut(0, script.build())));
        return Interpreter.verifyInput(shared, 0, flags);
    }

    @Test
    void shouldMissTheDummyBeforeAnythingElse() {
        Bytes bad = Bytes.parse("05");
        for (int flags :
                new int[] {
                    0,
                    ScriptFlags.DERSIG,
                    ScriptFlags.STRICTENC,
                    ScriptFlags.NULLFAIL,
                    ScriptFlags.CONST_SCRIPTCODE
                }) {
            assertThat(run(bad, KEY, false, flags)).isEqualTo(ScriptError.INVALID_STACK_OPERATION);
            assertThat(run(Bytes.EMPTY, NO_KEY, false, flags))
                    .isEqualTo(ScriptError.INVALID_STACK_OPERATION);
        }
    }

    @Test
    void shouldJudgeTheSignatureWhereTheDummyIsThere() {
        assertThat(run(Bytes.parse("05"), KEY, true, ScriptFlags.DERSIG))
                .isEqualTo(ScriptError.SIG_DER);
        assertThat(run(Bytes.EMPTY, NO_KEY, true, ScriptFlags.STRICTENC))
                .isEqualTo(ScriptError.PUBKEYTYPE);
    }
}
