package weft.app.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.AbstractList;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import weft.chain.Ahead;
import weft.chain.InlineScriptVerifier;
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
import weft.testkit.Property;

class PooledScriptVerifierTest {
    private static final Bytes GOOD = new ScriptBuilder().op(Opcode.OP_1).build();
    private static final Bytes BAD = new ScriptBuilder().op(Opcode.OP_RETURN).build();

    /// Transactions of one to five inputs; about one script in `oneIn` fails.
    private static List<ScriptCheck> checks(SplittableRandom random, int transactions, int oneIn) {
        List<ScriptCheck> checks = new ArrayList<>();
        for (int n = 0; n < transactions; n++) {
            int count = 1 + random.nextInt(5);
            List<TxIn> inputs = new ArrayList<>();
            List<TxOut> spent = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                inputs.add(new TxIn(new OutPoint(new Txid(n, 0, 0, 0), i), Bytes.EMPTY, 0));
                spent.add(new TxOut(1, random.nextInt(oneIn) == 0 ? BAD : GOOD));
            }
            Transaction tx = Transaction.of(2, inputs, List.of(new TxOut(1, GOOD)), List.of(), 0);
            for (int i = 0; i < count; i++) {
                checks.add(new ScriptCheck(tx, i, List.copyOf(spent), ScriptFlags.MANDATORY));
            }
        }
        return checks;
    }

    @Test
    void shouldComputeAheadOnceWhoeverDoesIt() {
        for (int threads : new int[] {1, 2, 5}) {
            try (var pool = new PooledScriptVerifier(threads, ScriptCaches.NONE)) {
                var runs = new AtomicInteger();
                List<Ahead<Integer>> begun = new ArrayList<>();
                for (int i = 0; i < 200; i++) {
                    int number = i;
                    begun.add(
                            pool.ahead(
                                    () -> {
                                        runs.incrementAndGet();
                                        return number;
                                    }));
                }
                for (int i = 199; i > 150; i--) {
                    begun.get(i).runHere();
                }
                for (int i = 0; i < 200; i++) {
                    assertThat(begun.get(i).take()).isEqualTo(i);
                }
                assertThat(runs).hasValue(200);
                if (threads > 1) {
                    assertThat(begun.getFirst().runHere()).as("after it was taken").isFalse();
                }
            }
        }
    }

    @Test
    void shouldThrowWhereAnAnswerIsTakenWhatItsComputationThrew() {
        for (int threads : new int[] {1, 2}) {
            try (var pool = new PooledScriptVerifier(threads, ScriptCaches.NONE)) {
                Ahead<Integer> broken =
                        pool.ahead(
                                () -> {
                                    throw new IllegalArgumentException("as it must");
                                });
                assertThatThrownBy(broken::take).hasMessage("as it must");
            }
        }
    }

    @Test
    void shouldAnswerWhatWasBegunInAnyOrder() {
        for (int threads : new int[] {1, 2, 5}) {
            try (var pool = new PooledScriptVerifier(threads, ScriptCaches.NONE)) {
                Property.holds(
                        30,
                        random -> {
                            List<ScriptVerifier.Failure> alone = new ArrayList<>();
                            List<ScriptVerifier.Pending> begun = new ArrayList<>();
                            for (int i = 0; i < 8; i++) {
                                List<ScriptCheck> checks =
                                        checks(random, random.nextInt(100), 50 + 100 * i);
                                alone.add(new InlineScriptVerifier().verify(checks));
                                begun.add(pool.begin(checks));
                            }
                            int cancelled = random.nextInt(8);
                            begun.get(cancelled).cancel();
                            int from = random.nextInt(8);
                            for (int i = 0; i < 8; i++) {
                                int which = (from + i) % 8;
                                ScriptVerifier.Failure answer = begun.get(which).await();
                                assertThat(begun.get(which).isDone()).isTrue();
                                if (which != cancelled) {
                                    assertThat(answer).isEqualTo(alone.get(which));
                                    assertThat(begun.get(which).await()).isEqualTo(answer);
                                }
                            }
                        });
            }
        }
    }

    @Test
    void shouldFindTheFirstFailureWhateverTheNumberOfThreads() {
        for (int threads : new int[] {1, 2, 3, 8}) {
            try (var pool = new PooledScriptVerifier(threads, ScriptCaches.NONE)) {
                Property.holds(
                        100,
                        random -> {
                            int oneIn = 1 + random.nextInt(1000);
                            List<ScriptCheck> checks = checks(random, random.nextInt(300), oneIn);
                            ScriptVerifier.Failure alone =
                                    new InlineScriptVerifier().verify(checks);
                            ScriptVerifier.Failure together = pool.verify(checks);
                            assertThat(together).isEqualTo(alone);
                            if (alone != null && together != null) {
                                assertThat(together.check()).isSameAs(alone.check());
                            }
                        });
            }
        }
    }

    @Test
    void shouldStopAtTheFirstFailure() {
        // Were they run, the checks far behind the first would throw.
        List<ScriptCheck> checks = new ArrayList<>(checks(new SplittableRandom(1), 1, 1));
        ScriptCheck broken = broken();
        for (int i = 0; i < 100_000; i++) {
            checks.add(broken);
        }
        try (var pool = new PooledScriptVerifier(1, ScriptCaches.NONE)) {
            assertThat(pool.verify(checks))
                    .extracting(ScriptVerifier.Failure::check)
                    .isSameAs(checks.getFirst());
        }
    }

    @Test
    void shouldStopEveryThreadAtTheFirstFailure() {
        var asked = new AtomicInteger();
        List<ScriptCheck> checks = new ArrayList<>();
        for (ScriptCheck check : checks(new SplittableRandom(1), 50_000, Integer.MAX_VALUE)) {
            List<TxOut> spent = check.spent();
            List<TxOut> counted =
                    new AbstractList<>() {
                        @Override
                        public TxOut get(int index) {
                            return spent.get(index);
                        }

                        @Override
                        public int size() {
                            asked.incrementAndGet();
                            return spent.size();
                        }
                    };
            checks.add(new ScriptCheck(check.tx(), check.input(), counted, check.flags()));
        }
        checks.add(0, checks(new SplittableRandom(1), 1, 1).getFirst());
        try (var pool = new PooledScriptVerifier(2, ScriptCaches.NONE)) {
            assertThat(pool.verify(checks)).isNotNull();
            int stopped = asked.getAndSet(0);
            checks.removeFirst();
            assertThat(pool.verify(checks)).isNull();
            assertThat(stopped).isLessThan(asked.get());
        }
    }

    /// A check that breaks our own rule: its transaction has one input, of which it names the tenth.
    private static ScriptCheck broken() {
        ScriptCheck good = checks(new SplittableRandom(2), 1, Integer.MAX_VALUE).getFirst();
        return new ScriptCheck(good.tx(), 10, good.spent(), good.flags());
    }

    @Test
    void shouldThrowRatherThanJudgeWhenAFaultIsOurs() {
        for (int threads : new int[] {1, 2, 4}) {
            try (var pool = new PooledScriptVerifier(threads, ScriptCaches.NONE)) {
                Property.holds(
                        20,
                        random -> {
                            List<ScriptCheck> checks = checks(random, 100, Integer.MAX_VALUE);
                            checks.add(random.nextInt(checks.size()), broken());
                            assertThatThrownBy(() -> pool.verify(checks))
                                    .isInstanceOf(RuntimeException.class);
                            // And the pool is none the worse for it.
                            checks.removeIf(check -> check.input() == 10);
                            assertThat(pool.verify(checks)).isNull();
                        });
            }
        }
    }

    @Test
    void shouldUseWhatItRemembers() {
        var caches = new ScriptCaches(new byte[32], 1 << 20);
        try (var pool = new PooledScriptVerifier(2, caches)) {
            List<ScriptCheck> good = checks(new SplittableRandom(3), 50, Integer.MAX_VALUE);
            assertThat(pool.verifyAndRemember(good)).isNull();
            // The same transactions with other scripts, which would all fail: nothing runs.
            List<ScriptCheck> bad =
                    good.stream()
                            .map(
                                    check ->
                                            new ScriptCheck(
                                                    check.tx(),
                                                    check.input(),
                                                    check.spent().stream()
                                                            .map(out -> new TxOut(1, BAD))
                                                            .toList(),
                                                    check.flags()))
                            .toList();
            assertThat(pool.verify(bad)).isNull();
        }
    }
}
