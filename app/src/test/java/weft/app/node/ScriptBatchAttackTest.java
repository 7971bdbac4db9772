package weft.app.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.AbstractList;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.chain.ScriptCaches;
import weft.chain.ScriptCheck;
import weft.chain.ScriptVerifier;
import weft.consensus.script.Opcode;
import weft.consensus.script.ScriptBuilder;
import weft.consensus.script.ScriptFlags;
import weft.primitives.Bytes;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.Txid;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;

/// Batches of scripts that end while threads are at work on them.
class ScriptBatchAttackTest implements SeenRed {
    private static final Bytes GOOD = new ScriptBuilder().op(Opcode.OP_1).build();
    private static final Bytes BAD = new ScriptBuilder().op(Opcode.OP_RETURN).build();
    private static final int ROUNDS = 500;
    private static final int WORKERS_MAX = 15;
    private static final int CHECKS = 60;
    private static final long SLOW_NANOS = 20_000;

    /// A batch whose outputs notice who reads them, and take their time.
    private static final class Batch {
        private final List<ScriptCheck> checks = new ArrayList<>();
        private final AtomicInteger inside = new AtomicInteger();
        private final AtomicInteger late = new AtomicInteger();
        private volatile boolean ended;

        void add(int number, Bytes script, int input) {
            var in = new TxIn(new OutPoint(new Txid(number, 0, 0, 0), 0), Bytes.EMPTY, 0);
            var out = new TxOut(1, script);
            List<TxOut> watched =
                    new AbstractList<>() {
                        @Override
                        public TxOut get(int index) {
                            use(0);
                            return out;
                        }

                        @Override
                        public int size() {
                            use(SLOW_NANOS);
                            return 1;
                        }
                    };
            Transaction tx = Transaction.of(2, List.of(in), List.of(out), List.of(), 0);
            checks.add(new ScriptCheck(tx, input, watched, ScriptFlags.MANDATORY));
        }

        private void use(long nanos) {
            inside.incrementAndGet();
            if (nanos > 0) {
                LockSupport.parkNanos(nanos);
            }
            late.addAndGet(ended ? 1 : 0);
            inside.decrementAndGet();
        }

        void waitForWorkers() {
            for (int i = 0; i < 1_000_000 && inside.get() == 0; i++) {
                Thread.onSpinWait();
            }
        }
    }

    /// @param bad the check whose script fails; −1 for none
    /// @param broken the check that breaks our own rule; −1 for none
    private static Batch batch(int bad, int broken) {
        var batch = new Batch();
        for (int i = 0; i < CHECKS; i++) {
            batch.add(i, i == bad ? BAD : GOOD, i == broken ? 10 : 0);
        }
        return batch;
    }

    private static void end(
            PooledScriptVerifier pool, Batch batch, int threads, SplittableRandom random) {
        int way = random.nextInt(4);
        if (way == 0 && threads > 1) {
            ScriptVerifier.Pending begun = pool.begin(batch.checks);
            batch.waitForWorkers();
            begun.cancel();
        } else {
            pool.verify(batch.checks);
        }
    }

    @Test
    @DisplayName("B02 batches that fail or are given up under 1 to 15 workers, 500 times")
    @Sabotage(type = "weft.app.node.ScriptRace", method = "end", returns = "void")
    @Sabotage(type = "weft.app.node.ScriptRace", method = "cancel", call = "end")
    void shouldUseNothingOfABatchThatEnded() {
        var random = new SplittableRandom(52_911);
        var pools = new ArrayList<PooledScriptVerifier>();
        var batches = new ArrayList<Batch>();
        try {
            for (int i = 1; i <= WORKERS_MAX; i++) {
                pools.add(new PooledScriptVerifier(i, ScriptCaches.NONE));
            }
            for (int round = 0; round < ROUNDS; round++) {
                int threads = 1 + round % WORKERS_MAX;
                Batch batch = batch(random.nextInt(-1, CHECKS), -1);
                batches.add(batch);
                end(pools.get(threads - 1), batch, threads, random);
                batch.ended = true;
            }
        } finally {
            pools.forEach(PooledScriptVerifier::close);
        }
        LockSupport.parkNanos(50 * SLOW_NANOS);
        assertThat(batches).allMatch(each -> each.inside.get() == 0);
        assertThat(batches).allMatch(each -> each.late.get() == 0);
    }

    @Test
    @DisplayName("B02 a worker that throws while others are at work")
    @Sabotage(type = "weft.app.node.ScriptRace", method = "end", returns = "void")
    void shouldUseNothingOfABatchThatBroke() {
        var random = new SplittableRandom(2);
        var batches = new ArrayList<Batch>();
        try (var pool = new PooledScriptVerifier(8, ScriptCaches.NONE)) {
            for (int round = 0; round < 100; round++) {
                Batch batch = batch(-1, random.nextInt(CHECKS));
                batches.add(batch);
                assertThatThrownBy(() -> pool.verify(batch.checks))
                        .isInstanceOf(RuntimeException.class);
                batch.ended = true;
            }
            Batch good = batch(-1, -1);
            assertThat(pool.verify(good.checks)).isNull();
        }
        LockSupport.parkNanos(50 * SLOW_NANOS);
        assertThat(batches).allMatch(each -> each.late.get() == 0);
    }
}
