package weft.app.node;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import weft.chain.BackgroundWork;

/// Writes coins to disk on the thread "weft-write", beside the chain's own.
public final class ChainWriter implements BackgroundWork, AutoCloseable {
    private final ExecutorService executor =
            Executors.newSingleThreadExecutor(
                    task -> Thread.ofPlatform().name("weft-write").daemon().unstarted(task));

    /// A thread that has nothing to do yet.
    public ChainWriter() {}

    @Override
    public Running start(Runnable work) {
        Future<?> future = executor.submit(work);
        return new Running() {
            @Override
            public boolean isDone() {
                return future.isDone();
            }

            @Override
            public void await() {
                ChainWriter.await(future);
            }
        };
    }

    private static void await(Future<?> future) {
        try {
            future.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException("a write in the background failed", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while coins are written", e);
        }
    }

    /// Waits for what was begun, so that nothing writes to a closed database.
    @Override
    public void close() {
        executor.close();
    }
}
