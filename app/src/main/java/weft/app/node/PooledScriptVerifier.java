package weft.app.node;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import weft.chain.InlineScriptVerifier;
import weft.chain.ScriptCheck;
import weft.chain.ScriptVerifier;

/// Runs scripts on a pool of platform threads: the checks are processor and native work, which must not sit
/// on virtual threads. The calling thread works too.
public final class PooledScriptVerifier implements ScriptVerifier, AutoCloseable {
    /// Fewer checks than this are done at once, on the calling thread.
    private static final int POOL_WORTH = 8;

    private final InlineScriptVerifier inline = new InlineScriptVerifier();
    private final ExecutorService pool;
    private final int threads;

    /// @param threads that check at once, the caller among them; at least 1
    public PooledScriptVerifier(int threads) {
        this.threads = threads;
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
        if (threads == 1 || checks.size() < POOL_WORTH) {
            return inline.verify(checks);
        }
        // Runs of neighbours, so that the checks of one transaction share what they compute
        // together.
        int run = Math.ceilDiv(checks.size(), threads);
        List<Future<@Nullable Failure>> running = new ArrayList<>();
        for (int from = run; from < checks.size(); from += run) {
            List<ScriptCheck> part = checks.subList(from, Math.min(checks.size(), from + run));
            running.add(pool.submit(() -> inline.verify(part)));
        }
        Failure first = inline.verify(checks.subList(0, Math.min(run, checks.size())));
        for (Future<@Nullable Failure> each : running) {
            Failure failure = result(each);
            if (first == null) {
                first = failure;
            }
        }
        return first;
    }

    private static @Nullable Failure result(Future<@Nullable Failure> running) {
        try {
            return running.get();
        } catch (ExecutionException e) {
            // Ours, not the block's: it goes up and stops the node, and nothing is marked.
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
