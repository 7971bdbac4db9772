package weft.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.node.Target.FakePeer;
import weft.node.Target.Fate;
import weft.primitives.Bytes;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.Txid;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.wire.TxMessage;

/// Bytes that come with what we keep.
class LeftoverAttackTest implements SeenRed {
    private static final int SENT = 20;
    private static final int TRAILING = 3_900_000;

    /// Its parent does not exist, so it waits as an orphan.
    private static Transaction orphan(int number) {
        return Transaction.of(
                2,
                List.of(new TxIn(new OutPoint(new Txid(number, 1, 1, 1), 0), Bytes.EMPTY, 0)),
                List.of(new TxOut(1_000, Target.OPEN), new TxOut(0, Bytes.parse("6a03616263"))),
                List.of(),
                0);
    }

    @Test
    @DisplayName("D08 transactions with 3.9 MB after them, of which some are kept")
    @Sabotage(type = "weft.wire.TxMessage", method = "read", call = "isAtEnd", returns = "true")
    void shouldKeepNothingThatComesAfterATransaction() {
        var scene = new Scene();
        FakePeer attacker = scene.target.peer();
        long before = heap();
        for (int i = 1; i <= SENT; i++) {
            Transaction tx = Target.spend(scene.coin(i / 2 + 1), Target.COIN - 10_000);
            sends(attacker, i % 2 == 0 ? tx : orphan(i));
        }
        assertThat(scene.target.node.chain().mempool().size()).isEqualTo(SENT / 2);
        assertThat(heap() - before).isLessThan(3L * TRAILING);
        assertThat(attacker.fate()).isEqualTo(Fate.KEPT);
        scene.holds();
    }

    private static void sends(FakePeer from, Transaction tx) {
        byte[] own = tx.toByteArray();
        from.sendsBytes(
                TxMessage.COMMAND, Bytes.wrap(java.util.Arrays.copyOf(own, own.length + TRAILING)));
    }

    private static long heap() {
        for (int i = 0; i < 4; i++) {
            System.gc();
        }
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }
}
