package weft.sim;

import java.time.Duration;
import java.time.Instant;
import java.util.PriorityQueue;
import weft.primitives.Now;

/// Virtual time: what is to happen, in order. Things at the same moment happen in the order in which they
/// were scheduled, so that one seed gives one history.
public final class Scheduler {
    private record Scheduled(long atNanos, long sequence, Runnable action)
            implements Comparable<Scheduled> {
        @Override
        public int compareTo(Scheduled other) {
            int order = Long.compare(atNanos, other.atNanos);
            return order == 0 ? Long.compare(sequence, other.sequence) : order;
        }
    }

    private final PriorityQueue<Scheduled> queue = new PriorityQueue<>();
    private final Instant begin;
    private long nowNanos;
    private long sequence;

    /// @param begin the wall clock at virtual time 0
    public Scheduler(Instant begin) {
        this.begin = begin;
    }

    /// The present.
    public Now now() {
        return new Now(nowNanos, begin.plusNanos(nowNanos));
    }

    /// Nanoseconds since the beginning.
    public long nowNanos() {
        return nowNanos;
    }

    /// Things that happened and will happen, for statistics.
    public long scheduledSoFar() {
        return sequence;
    }

    /// Makes something happen after a delay; at once if it is not positive, after what is scheduled for now.
    public void after(long delayNanos, Runnable action) {
        at(nowNanos + Math.max(0, delayNanos), action);
    }

    /// Makes something happen at a time, or now if that has passed.
    public void at(long atNanos, Runnable action) {
        queue.add(new Scheduled(Math.max(atNanos, nowNanos), sequence++, action));
    }

    /// Lets time pass; everything due happens.
    public void run(Duration span) {
        long end = nowNanos + span.toNanos();
        while (step(end)) {
            // Each step makes one thing happen.
        }
        nowNanos = end;
    }

    /// Makes the next thing happen if it is due by `endNanos`; false if none is.
    public boolean step(long endNanos) {
        Scheduled next = queue.peek();
        if (next == null || next.atNanos > endNanos) {
            return false;
        }
        queue.remove();
        nowNanos = next.atNanos;
        next.action.run();
        return true;
    }
}
