package weft.app.node;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import weft.chain.Ahead;

/// A computation that waits in the queue of a pool, until a thread of the pool or the owner does it.
///
/// Once it is begun it lets go of what it works on, and once it is taken of the answer, so that it may stay
/// in the queue.
final class PooledAhead<T> implements Ahead<T>, Runnable {
    private final AtomicReference<@Nullable Supplier<T>> work;
    private final CountDownLatch done = new CountDownLatch(1);
    private @Nullable Supplier<T> answer;

    PooledAhead(Supplier<T> work) {
        this.work = new AtomicReference<>(work);
    }

    @Override
    public void run() {
        runHere();
    }

    @Override
    public boolean runHere() {
        Supplier<T> mine = work.getAndSet(null);
        if (mine == null) {
            return false;
        }
        try {
            T value = mine.get();
            answer = () -> value;
        } catch (RuntimeException | Error e) {
            answer =
                    () -> {
                        throw e;
                    };
        } finally {
            done.countDown();
        }
        return true;
    }

    @Override
    public boolean isDone() {
        return done.getCount() == 0;
    }

    @Override
    public T take() {
        runHere();
        try {
            done.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for another thread", e);
        }
        Supplier<T> known = answer;
        if (known == null) {
            throw new IllegalStateException("an answer is taken once");
        }
        answer = null;
        return known.get();
    }
}
