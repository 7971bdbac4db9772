package weft.app.node;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import weft.chain.Ahead;
import weft.chain.ScriptCaches;
import weft.chain.ScriptCheck;
import weft.chain.ScriptVerifier;
import weft.chain.ScriptWork;

/// Runs scripts on a pool of platform threads: the checks are processor and native work, which must not sit
/// on virtual threads. The calling thread works too. Safe for use by any number of threads.
public final class PooledScriptVerifier implements ScriptVerifier, AutoCloseable {
    /// Fewer checks than this are done at once, on the calling thread.
    private static final int POOL_WORTH = 8;

    private final ScriptCaches caches;
    private final ExecutorService pool;
    private final int threads;

    /// @param threads that check at once, the caller among them; at least 1
    /// @param caches of what was found right before
    public PooledScriptVerifier(int threads, ScriptCaches caches) {
        this.threads = threads;
        this.caches = caches;
        var number = new AtomicInteger();
        this.pool =
                Executors.newFixedThreadPool(
                        Math.max(1, threads - 1),
                        task -> {
                            Thread thread = Thread.ofPlatform().unstarted(task);
                            thread.setName("weft-script-" + number.getAndIncrement());
                            thread.setDaemon(true);
                            return thread;
                        });
    }

    @Override
    public @Nullable Failure verify(List<ScriptCheck> checks) {
        return run(ScriptWork.of(checks, caches, false));
    }

    @Override
    public @Nullable Failure verifyAndRemember(List<ScriptCheck> checks) {
        return run(ScriptWork.of(checks, caches, true));
    }

    @Override
    public Pending begin(List<ScriptCheck> checks) {
        ScriptWork work = ScriptWork.of(checks, caches, false);
        return threads == 1 ? Pending.done(work.runAll()) : new Begun(work);
    }

    @Override
    public <T> Ahead<T> ahead(Supplier<T> work) {
        if (threads == 1) {
            return Ahead.here(work);
        }
        var ahead = new PooledAhead<>(work);
        pool.execute(ahead);
        return ahead;
    }

    private @Nullable Failure run(ScriptWork work) {
        return threads == 1 || work.size() < POOL_WORTH ? work.runAll() : new Begun(work).await();
    }

    /// Checks that the pool takes, the oldest first, until somebody waits for them and helps.
    private final class Begun implements Pending {
        private final ScriptWork work;
        private final ScriptRace race;
        private final List<Future<?>> running = new ArrayList<>(threads - 1);
        private boolean isAnswered;

        Begun(ScriptWork work) {
            this.work = work;
            this.race = new ScriptRace(work, threads);
            int helpers = Math.min(threads - 1, work.size());
            for (int i = 0; i < helpers; i++) {
                running.add(pool.submit(race));
            }
        }

        @Override
        public boolean isDone() {
            return running.stream().allMatch(Future::isDone);
        }

        @Override
        public @Nullable Failure await() {
            if (!isAnswered) {
                try {
                    race.run();
                } finally {
                    race.end();
                }
                running.forEach(PooledScriptVerifier::await);
                isAnswered = true;
                if (race.failure() == null) {
                    work.passed();
                }
            }
            return race.failure();
        }

        @Override
        public void cancel() {
            race.cancel();
        }
    }

    /// A thread that fails to run a check is no verdict on the check: it goes up and stops the node, and
    /// nothing is marked.
    private static void await(Future<?> running) {
        try {
            running.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("a script check failed to run", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while checking scripts", e);
        }
    }

    @Override
    public void close() {
        pool.shutdownNow();
    }
}
