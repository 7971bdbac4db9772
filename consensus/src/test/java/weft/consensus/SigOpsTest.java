package weft.consensus;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import weft.consensus.script.Opcode;
import weft.consensus.script.ScriptBuilder;
import weft.consensus.script.ScriptFlags;
import weft.crypto.Hash160;
import weft.crypto.Sha256;
import weft.primitives.Bytes;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.Txid;
import weft.primitives.Witness;

class SigOpsTest {
    private static final int FLAGS = ScriptFlags.P2SH | ScriptFlags.WITNESS;
    private static final Bytes KEY = Bytes.parse("02" + "11".repeat(32));
    private static final Bytes ONE_OF_TWO =
            new ScriptBuilder()
                    .number(1)
                    .push(KEY)
                    .push(KEY)
                    .number(2)
                    .op(Opcode.OP_CHECKMULTISIG)
                    .build();
    private static final Bytes SCRIPT_HASH_OF_TWO = payToScriptHash(ONE_OF_TWO);
    private static final Bytes EMPTY_PUSHES = Bytes.parse("0000");

    private static Bytes payToScriptHash(Bytes script) {
        return new ScriptBuilder()
                .op(Opcode.OP_HASH160)
                .push(Hash160.hash(script.toByteArray()))
                .op(Opcode.OP_EQUAL)
                .build();
    }

    private static Bytes push(Bytes script) {
        return new ScriptBuilder().push(script).build();
    }

    private static Transaction spend(Bytes scriptSig, Bytes output, Bytes... witness) {
        return Transaction.of(
                1,
                List.of(new TxIn(new OutPoint(new Txid(1, 1, 1, 1), 0), scriptSig, 0)),
                List.of(new TxOut(1, output)),
                List.of(new Witness(List.of(witness))),
                0);
    }

    private static int cost(Transaction tx, Bytes scriptPubKey, int flags) {
        return SigOps.cost(tx, List.of(new Coin(new TxOut(1, scriptPubKey), 1, false)), flags);
    }

    @Test
    void shouldCountKeysOnlyWhereAccurate() {
        assertThat(SigOps.count(ONE_OF_TWO, true)).isEqualTo(2);
        assertThat(SigOps.count(ONE_OF_TWO, false)).isEqualTo(20);
        Bytes more = ONE_OF_TWO.plus(Bytes.parse("63ac68"));
        assertThat(SigOps.count(more, true)).isEqualTo(3);
        assertThat(SigOps.count(more, false)).isEqualTo(21);
        // Counting ends at a push that is cut off.
        assertThat(SigOps.count(Bytes.parse("ac05acac"), false)).isEqualTo(1);
        assertThat(SigOps.count(Bytes.parse("02acac"), false)).isZero();
        assertThat(SigOps.count(Bytes.parse("adaf"), true)).isEqualTo(21);
    }

    @Test
    void shouldCountOutputsFourfold() {
        assertThat(cost(spend(EMPTY_PUSHES, ONE_OF_TWO), Bytes.EMPTY, FLAGS)).isEqualTo(80);
        assertThat(cost(spend(EMPTY_PUSHES, Bytes.EMPTY), ONE_OF_TWO, FLAGS)).isZero();
    }

    @Test
    void shouldCountScriptsBehindTheirHash() {
        Transaction tx = spend(EMPTY_PUSHES.plus(push(ONE_OF_TWO)), Bytes.EMPTY);
        assertThat(cost(tx, SCRIPT_HASH_OF_TWO, FLAGS)).isEqualTo(8);
        assertThat(cost(tx, SCRIPT_HASH_OF_TWO, ScriptFlags.NONE)).isZero();
        Transaction notPushOnly = spend(Bytes.parse("61").plus(push(ONE_OF_TWO)), Bytes.EMPTY);
        assertThat(cost(notPushOnly, SCRIPT_HASH_OF_TWO, FLAGS)).isZero();
    }

    @Test
    void shouldCountWitnessesOnce() {
        Bytes keyHash = Bytes.parse("0014" + "22".repeat(20));
        Transaction keySpend = spend(Bytes.EMPTY, Bytes.EMPTY, Bytes.EMPTY, Bytes.EMPTY);
        assertThat(cost(keySpend, keyHash, FLAGS)).isEqualTo(1);
        assertThat(cost(keySpend, keyHash, ScriptFlags.P2SH)).isZero();
        assertThat(cost(keySpend, Bytes.parse("5114" + "22".repeat(20)), FLAGS)).isZero();
        assertThat(cost(keySpend, Bytes.parse("5120" + "22".repeat(32)), FLAGS)).isZero();
        Transaction wrapped = spend(push(keyHash), Bytes.EMPTY, Bytes.EMPTY, Bytes.EMPTY);
        assertThat(cost(wrapped, payToScriptHash(keyHash), FLAGS)).isEqualTo(1);
        Bytes scriptHash =
                Bytes.parse("0020").plus(Bytes.wrap(Sha256.hash(ONE_OF_TWO.toByteArray())));
        Transaction scriptSpend = spend(Bytes.EMPTY, Bytes.EMPTY, Bytes.EMPTY, ONE_OF_TWO);
        assertThat(cost(scriptSpend, scriptHash, FLAGS)).isEqualTo(2);
        Transaction both = spend(push(scriptHash), Bytes.EMPTY, Bytes.EMPTY, ONE_OF_TWO);
        assertThat(cost(both, payToScriptHash(scriptHash), FLAGS)).isEqualTo(2);
        assertThat(cost(spend(Bytes.EMPTY, Bytes.EMPTY), scriptHash, FLAGS)).isZero();
    }

    @Test
    void shouldNotLookForTheCoinsOfACoinbase() {
        var coinbase =
                Transaction.of(
                        1,
                        List.of(new TxIn(OutPoint.NULL, Bytes.parse("ac51"), 0)),
                        List.of(new TxOut(1, Bytes.parse("ac"))),
                        List.of(),
                        0);
        assertThat(SigOps.cost(coinbase, List.of(), FLAGS)).isEqualTo(8);
    }
}
