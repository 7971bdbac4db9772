package weft.app.node;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import weft.chain.ScriptVerifier;
import weft.chain.ScriptWork;

/// Threads that take the checks of one list between them, a few neighbours at a time. After the first
/// failure only checks in front of it go on, so that the answer is the first failure of the list, whoever
/// finds which.
///
/// A thread that throws ends the others too.
///
/// After [#end] or [#cancel] no thread uses the checks any more, and none that comes later begins to
/// (CVE-2024-52911).
final class ScriptRace implements Runnable {
    private static final int BATCH_MAX = 64;

    private final ScriptWork work;
    private final int threads;
    private final AtomicInteger next = new AtomicInteger();
    private final AtomicReference<@Nullable Found> found = new AtomicReference<>();
    private volatile boolean broken;

    /// Threads that take part now; guarded by this object, as is the next field.
    private int active;

    private boolean ended;

    private record Found(int index, ScriptVerifier.Failure failure) {}

    ScriptRace(ScriptWork work, int threads) {
        this.work = work;
        this.threads = threads;
    }

    /// Takes part until nothing is left that could change the answer.
    @Override
    public void run() {
        if (!enter()) {
            return;
        }
        boolean finished = false;
        try {
            takePart();
            finished = true;
        } finally {
            if (!finished) {
                broken = true;
            }
            leave();
        }
    }

    private synchronized boolean enter() {
        active += ended ? 0 : 1;
        return !ended;
    }

    private synchronized void leave() {
        active--;
        notifyAll();
    }

    private void takePart() {
        while (true) {
            int from = next.get();
            // Smaller towards the end, so that all threads end together.
            int batch = Math.clamp((work.size() - from) / (2 * threads), 1, BATCH_MAX);
            if (from >= work.size()) {
                return;
            }
            if (!next.compareAndSet(from, from + batch)) {
                continue;
            }
            int to = from + batch;
            for (int i = from; i < to; i++) {
                if (broken || isAnswered(i)) {
                    return;
                }
                ScriptVerifier.Failure failure = work.run(i);
                if (failure != null) {
                    var mine = new Found(i, failure);
                    found.accumulateAndGet(mine, ScriptRace::first);
                    return;
                }
            }
        }
    }

    /// Lets no thread begin any more, and waits for those that take part.
    synchronized void end() {
        ended = true;
        try {
            while (active > 0) {
                wait();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while checking scripts", e);
        }
    }

    /// Ends all threads at their next check, and waits for them; there is no answer then.
    void cancel() {
        broken = true;
        end();
    }

    private static @Nullable Found first(@Nullable Found a, @Nullable Found b) {
        if (a == null || b == null) {
            return a == null ? b : a;
        }
        return a.index <= b.index ? a : b;
    }

    /// Whether a check in front of this one has failed. Batches are given out in order, so every check in
    /// front of that one is with some thread, or done.
    private boolean isAnswered(int index) {
        Found first = found.get();
        return first != null && first.index < index;
    }

    /// The first failure of the list, once every thread has returned; null if there is none.
    ScriptVerifier.@Nullable Failure failure() {
        Found first = found.get();
        return first == null ? null : first.failure;
    }
}
