package weft.p2p.defence;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// How far our clock is from those of the peers that we dialled. It only warns: nobody's clock changes ours.
///
/// *Rationale:* a clock that peers could move could be moved until blocks look too new, or too old
/// (CVE-2024-52912). Peers that dialled us are not asked, for anybody can send any number of those.
public final class ClockWatch {
    /// Clocks that are remembered, the last ones.
    public static final int SAMPLES_MAX = 50;

    /// Clocks without which there is no telling.
    public static final int SAMPLES_MIN = 5;

    /// Most that is no reason to warn, in seconds.
    public static final long TOLERANCE_SECONDS = 600;

    private final ArrayDeque<Long> offsets = new ArrayDeque<>();
    private @Nullable Long known;

    /// No clock was seen yet.
    public ClockWatch() {}

    /// A peer that we dialled said what time it is.
    ///
    /// @param seconds its clock minus ours
    public void add(long seconds) {
        known = null;
        if (offsets.size() == SAMPLES_MAX) {
            offsets.removeFirst();
        }
        offsets.addLast(seconds);
    }

    /// The offset in the middle, in seconds; 0 while there are too few.
    public long medianSeconds() {
        if (offsets.size() < SAMPLES_MIN) {
            return 0;
        }
        Long median = known;
        if (median == null) {
            var sorted = new ArrayList<>(offsets);
            Collections.sort(sorted);
            median = sorted.get(sorted.size() / 2);
            known = median;
        }
        return median;
    }

    /// What to tell the operator, if anything.
    public Optional<Warning> warning() {
        long median = medianSeconds();
        if (median >= -TOLERANCE_SECONDS && median <= TOLERANCE_SECONDS) {
            return Optional.empty();
        }
        String text =
                "The clock of this computer appears to be more than "
                        + TOLERANCE_SECONDS / 60
                        + " minutes out of sync with the network; blocks may be refused or taken too"
                        + " early. Please check its date and time";
        return Optional.of(new Warning(Warning.Kind.CLOCK, "", text));
    }
}
