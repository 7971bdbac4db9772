package weft.primitives;

import java.time.Instant;

/// The only sense of time an engine has; made by the driver, or by the simulator.
///
/// @param monotonicNanos nanoseconds for timeouts and round trips: never jumps, except when a test sets a
///     mock clock, which moves both times (`setmocktime`)
/// @param wall for header times and address gossip: may jump
public record Now(long monotonicNanos, Instant wall) {
    /// Seconds of the wall clock since 1970.
    public long unixSeconds() {
        return wall.getEpochSecond();
    }
}
