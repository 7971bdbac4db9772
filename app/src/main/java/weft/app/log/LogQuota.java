package weft.app.log;

import java.util.Comparator;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/// How much each place in the program may write: 1 MiB an hour, counted from the first line of the hour.
///
/// *Rationale:* whoever finds one line that a peer can provoke could fill the disk with it (CVE-2025-54604,
/// CVE-2025-54605). The figures are Bitcoin Core's.
final class LogQuota {
    /// What one place may write in a window, in bytes; the line that goes over it still is.
    static final long BYTES_MAX = 1 << 20;

    private static final long WINDOW_NANOS = TimeUnit.HOURS.toNanos(1);

    private final NavigableMap<Place, Spent> places = new TreeMap<>();

    /// Somewhere in the code.
    ///
    /// @param type name of the class
    /// @param method name of the method
    /// @param instruction where in the method
    record Place(String type, String method, int instruction) implements Comparable<Place> {
        private static final Comparator<Place> ORDER =
                Comparator.comparing(Place::type)
                        .thenComparing(Place::method)
                        .thenComparingInt(Place::instruction);

        static Place of(StackWalker.StackFrame frame) {
            return new Place(frame.getClassName(), frame.getMethodName(), frame.getByteCodeIndex());
        }

        @Override
        public int compareTo(Place other) {
            return ORDER.compare(this, other);
        }

        @Override
        public String toString() {
            return type + "." + method;
        }
    }

    /// What becomes of a line.
    ///
    /// @param written whether it is written
    /// @param notice a line before it; empty for none
    record Verdict(boolean written, String notice) {
        static final Verdict YES = new Verdict(true, "");
        static final Verdict NO = new Verdict(false, "");
    }

    private static final class Spent {
        long startNanos;
        long bytes;
        long dropped;

        Spent(long startNanos) {
            this.startNanos = startNanos;
        }
    }

    /// Takes a line into account.
    ///
    /// @param nowNanos on the monotonic clock
    Verdict take(Place place, int bytes, long nowNanos) {
        Spent spent = places.computeIfAbsent(place, any -> new Spent(nowNanos));
        long dropped = spent.dropped;
        if (nowNanos - spent.startNanos >= WINDOW_NANOS) {
            spent.startNanos = nowNanos;
            spent.bytes = 0;
            spent.dropped = 0;
        }
        boolean wasOver = spent.bytes > BYTES_MAX;
        spent.bytes += bytes;
        if (wasOver) {
            spent.dropped += bytes;
            return Verdict.NO;
        }
        if (spent.bytes > BYTES_MAX) {
            return new Verdict(
                    true,
                    "Excessive logging detected from "
                            + place
                            + ": more than "
                            + BYTES_MAX
                            + " bytes in an hour. Nothing more of it goes to the file until the hour"
                            + " has passed; this is the last line.");
        }
        return dropped > 0 && spent.dropped == 0
                ? new Verdict(
                        true,
                        "Logging from " + place + " again; " + dropped + " bytes were dropped")
                : Verdict.YES;
    }
}
