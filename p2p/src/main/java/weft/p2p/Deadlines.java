package weft.p2p;

import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import weft.primitives.Now;

/// When the parts of the engine asked to be ticked, so that a tick wakes only those for whom it is time.
///
/// - The first tick after anything that may concern any part wakes all. *Rationale:* what happened may let a
///   part go on that has nothing to wait for and so names no deadline.
/// - Every five seconds a tick wakes all. *Rationale:* a part that looked at a deadline and could do nothing
///   does not name it again, and may be able to now.
/// - Those that name all they wait for are woken for that alone. *Rationale:* in a quiet network nearly all
///   ticks are about pings, and to look at each peer for each of them was half of a simulated day.
/// - A part is asked anew only if something happened that may concern it.
final class Deadlines {
    private static final long ALL_NANOS = 5_000_000_000L;

    private final List<Part> parts;
    private final long[] at;
    private final boolean[] stale;
    private boolean known;
    private boolean touched;
    private long lastAllNanos = Long.MIN_VALUE;

    /// How much a part tells of when it wants to be woken.
    enum Kind {
        /// All: there is nothing to do before.
        EXACT,
        /// Not all.
        LOOSE,
        /// Not all, and somebody outside of the engine may change it at any time, so it is always asked.
        OUTSIDE
    }

    /// Something that is ticked.
    ///
    /// @param onTick what it does then
    /// @param deadline when it wants to, on the monotonic clock
    record Part(BiConsumer<Now, Outbox> onTick, Supplier<OptionalLong> deadline, Kind kind) {}

    /// @param parts in the order in which they are ticked
    Deadlines(List<Part> parts) {
        this.parts = parts;
        at = new long[parts.size()];
        stale = new boolean[parts.size()];
        Arrays.fill(at, Long.MAX_VALUE);
        Arrays.fill(stale, true);
    }

    /// The earliest of all, if there is any.
    OptionalLong earliest() {
        known = true;
        long earliest = Long.MAX_VALUE;
        for (int i = 0; i < at.length; i++) {
            if (stale[i] || parts.get(i).kind == Kind.OUTSIDE) {
                at[i] = parts.get(i).deadline.get().orElse(Long.MAX_VALUE);
                stale[i] = false;
            }
            earliest = Math.min(earliest, at[i]);
        }
        return earliest == Long.MAX_VALUE ? OptionalLong.empty() : OptionalLong.of(earliest);
    }

    /// When the first of them wants to be ticked.
    static OptionalLong earliest(List<SubProtocol> protocols) {
        long earliest = Long.MAX_VALUE;
        for (SubProtocol each : protocols) {
            earliest = Math.min(earliest, each.nextDeadlineNanos().orElse(Long.MAX_VALUE));
        }
        return earliest == Long.MAX_VALUE ? OptionalLong.empty() : OptionalLong.of(earliest);
    }

    /// Whether what the parts asked for is known, so that the next tick wakes only some of them.
    boolean isKnown() {
        return known;
    }

    /// Something happened that may concern any of them.
    void forget() {
        touched = true;
        Arrays.fill(stale, true);
    }

    /// Something happened that changes nothing but when one part wants to be woken, and that by one peer.
    ///
    /// @param part its place in the list
    /// @param nanos when that peer needs it; others may need it earlier
    void lower(int part, long nanos) {
        at[part] = Math.min(at[part], nanos);
    }

    /// Time passed: wakes those for whom it is time, and asks them anew after that.
    void tick(Now now, Outbox out) {
        long nanos = now.monotonicNanos();
        boolean late = lastAllNanos == Long.MIN_VALUE || nanos - lastAllNanos >= ALL_NANOS;
        boolean all = touched || !known || late;
        touched = false;
        if (all) {
            lastAllNanos = nanos;
        }
        known = false;
        for (int i = 0; i < at.length; i++) {
            boolean due = stale[i] || at[i] <= nanos;
            if (due || (all && parts.get(i).kind != Kind.EXACT)) {
                at[i] = Long.MAX_VALUE;
                stale[i] = true;
                parts.get(i).onTick.accept(now, out);
            }
        }
    }
}
