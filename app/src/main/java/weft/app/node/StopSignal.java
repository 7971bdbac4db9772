package weft.app.node;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import weft.chain.store.StoreException;
import weft.primitives.log.Log;

/// Whether a node was asked to stop, or must. Safe for use by any thread.
final class StopSignal {
    private final CountDownLatch stop = new CountDownLatch(1);
    private final Log log;
    private volatile @Nullable Throwable failure;

    StopSignal(Log log) {
        this.log = log;
    }

    void request() {
        stop.countDown();
    }

    /// The node must stop: nothing of it is to be trusted any more.
    void fail(Throwable cause) {
        Throwable first = cause;
        while (first instanceof StoreException && first.getCause() instanceof StoreException) {
            first = first.getCause();
        }
        log.error("A fatal internal error occurred: " + first);
        failure = first;
        stop.countDown();
    }

    boolean isRequested() {
        return stop.getCount() == 0;
    }

    boolean hasFailed() {
        return failure != null;
    }

    /// Waits until the node is asked to stop, or must.
    ///
    /// @return why it must; empty if it was asked to
    Optional<Throwable> await() throws InterruptedException {
        stop.await();
        return Optional.ofNullable(failure);
    }

    /// Waits for so long at most.
    ///
    /// @return whether the node is to stop
    boolean await(Duration time) throws InterruptedException {
        return stop.await(time.toNanos(), TimeUnit.NANOSECONDS);
    }
}
