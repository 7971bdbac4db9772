package weft.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.chain.InlineScriptVerifier;
import weft.mempool.Mempool;
import weft.node.Target.FakePeer;
import weft.node.Target.Fate;
import weft.primitives.Bytes;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;

/// Transactions that take more room in memory than their bytes do.
class MempoolRoomAttackTest implements SeenRed {
    private static final long ROOM = 20_000_000;
    private static final int COINS = 30_000;

    /// What tests before this one leave to the collector, or the JVM loads meanwhile: up to 2.3 MB were seen,
    /// where 24.0 MB is the figure. Without a limit it would be 32 MB.
    private static final long ERROR_OF_MEASURE = 3_000_000;

    /// As small as what is relayed may be: 65 bytes.
    private static Transaction tiny(OutPoint coin, long value) {
        return Transaction.of(
                2,
                List.of(new TxIn(coin, Bytes.EMPTY, 0)),
                List.of(new TxOut(value, Bytes.parse("6a03616263"))),
                List.of(),
                0);
    }

    @Test
    @DisplayName("D20 as many of the smallest transactions as there is room for, and more")
    @Sabotage(type = "weft.mempool.MemoryUsage", method = "of", returns = "0")
    @Sabotage(type = "weft.mempool.PoolLimiter", method = "trim", returns = "void")
    void shouldKeepWithinTheRoomWhateverItIsFilledWith() {
        var scene =
                new Scene(Target.with(Target.LAX.withBytesMax(ROOM), new InlineScriptVerifier()));
        var outputs = Collections.nCopies(COINS, new TxOut(100_000, Target.OPEN));
        Transaction coins =
                Transaction.of(
                        2, List.of(new TxIn(scene.coin(1), Bytes.EMPTY, 0)), outputs, List.of(), 0);
        scene.accepts(scene.target.block(List.of(coins)));
        Mempool pool = scene.target.node.chain().mempool();
        FakePeer attacker = scene.target.peer();
        long before = heap();
        for (int i = 0; i < COINS; i++) {
            attacker.sends(tiny(new OutPoint(coins.txid(), i), 90_000 - i));
            assertThat(pool.memoryBytes()).isLessThanOrEqualTo(ROOM);
        }
        // What left the mempool stays in queues until it is not announced.
        scene.target.pass(60);
        scene.honest.heard.clear();
        attacker.heard.clear();
        assertThat(heap() - before).isLessThan(ROOM * 13 / 10 + ERROR_OF_MEASURE);
        assertThat(pool.size()).isBetween(1_000, COINS - 1);
        assertThat(attacker.fate()).isEqualTo(Fate.KEPT);
        scene.holds();
    }

    private static long heap() {
        for (int i = 0; i < 4; i++) {
            System.gc();
        }
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }
}
