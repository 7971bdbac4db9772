package weft.server.stratum;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/// What waits to be written to one miner.
///
/// A miner that hands in shares faster than it reads the answers is not read from until it has caught up;
/// one that does not catch up is cut off, and so is one that does not even take its jobs.
final class OutgoingLines {
    /// Answers that may wait before no more requests are read: a fast machine on an easy network hands in a
    /// burst before it reads the first answer.
    static final int ANSWERS_MAX = 64;

    /// All lines that may wait: jobs come also while the answers do.
    static final int LINES_MAX = 2 * ANSWERS_MAX;

    private final Deque<String> lines = new ArrayDeque<>();
    private boolean closed;

    /// Adds a line.
    ///
    /// @return false if too many wait: the miner does not read
    synchronized boolean add(String line) {
        if (closed || lines.size() >= LINES_MAX) {
            return false;
        }
        lines.add(line);
        notifyAll();
        return true;
    }

    /// Waits until another answer may be made.
    ///
    /// @return false if that took longer than it may, or nothing is written any more
    synchronized boolean awaitRoom(Duration limit) throws InterruptedException {
        long end = System.nanoTime() + limit.toNanos();
        while (!closed && lines.size() >= ANSWERS_MAX) {
            long millis = (end - System.nanoTime()) / 1_000_000;
            if (millis <= 0) {
                return false;
            }
            wait(millis);
        }
        return !closed;
    }

    /// The next line, waiting for one.
    ///
    /// @return null at the end
    synchronized @Nullable String take() throws InterruptedException {
        while (!closed && lines.isEmpty()) {
            wait();
        }
        String next = closed ? null : lines.poll();
        notifyAll();
        return next;
    }

    /// Nothing is written any more.
    synchronized void close() {
        closed = true;
        notifyAll();
    }
}
