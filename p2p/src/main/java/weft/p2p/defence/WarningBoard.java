package weft.p2p.defence;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import weft.primitives.Now;

/// Which warnings hold now. One begins as soon as its reason is seen, and ends when that was not seen for
/// [#QUIET_SECONDS], so that what comes and goes does not fill the log.
public final class WarningBoard {
    /// How long a warning outlives its reason.
    public static final long QUIET_SECONDS = 60;

    private static final long QUIET_NANOS = QUIET_SECONDS * 1_000_000_000L;

    private record Held(Warning warning, long seenNanos) {}

    private final Map<String, Held> held = new TreeMap<>();

    /// What changed.
    ///
    /// @param begun warnings that are new
    /// @param ended warnings that are over
    public record Change(List<Warning> begun, List<Warning> ended) {
        /// Copies the lists.
        public Change {
            begun = List.copyOf(begun);
            ended = List.copyOf(ended);
        }
    }

    /// No warnings.
    public WarningBoard() {}

    private static String key(Warning warning) {
        return warning.kind() + " " + warning.network();
    }

    /// Takes what is seen now.
    public Change update(List<Warning> seen, Now now) {
        var begun = new ArrayList<Warning>();
        for (Warning each : seen) {
            if (held.put(key(each), new Held(each, now.monotonicNanos())) == null) {
                begun.add(each);
            }
        }
        var ended = new ArrayList<Warning>();
        for (Iterator<Held> all = held.values().iterator(); all.hasNext(); ) {
            Held each = all.next();
            if (now.monotonicNanos() - each.seenNanos >= QUIET_NANOS) {
                ended.add(each.warning);
                all.remove();
            }
        }
        return new Change(begun, ended);
    }

    /// Warnings that hold.
    public List<Warning> current() {
        return held.values().stream().map(Held::warning).toList();
    }
}
