package weft.app.node;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
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

    private @Nullable Failure run(ScriptWork work) {
        if (threads == 1 || work.size() < POOL_WORTH) {
            return work.runAll();
        }
        var race = new ScriptRace(work, threads);
        List<Future<?>> running = new ArrayList<>(threads - 1);
        for (int i = 1; i < threads; i++) {
            running.add(pool.submit(race));
        }
        try {
            race.run();
        } finally {
            running.forEach(PooledScriptVerifier::await);
        }
        Failure failure = race.failure();
        if (failure == null) {
            work.passed();
        }
        return failure;
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
