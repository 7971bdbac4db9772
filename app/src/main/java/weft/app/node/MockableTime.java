package weft.app.node;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import weft.primitives.Now;

/// The clock of the program, which a test may set (`setmocktime`, `-mocktime`). Safe for use by any thread.
///
/// The monotonic time is the wall clock at the start of the program plus what passed since on the system's
/// monotonic clock. While the clock is set, both times are the mock time: what waits for a time then waits
/// for the test.
public final class MockableTime {
    private final long startNanos = System.nanoTime();
    private final long startWallNanos = nanos(Instant.now());
    private final AtomicLong mockSeconds = new AtomicLong();

    /// The real clock.
    public MockableTime() {}

    private static long nanos(Instant instant) {
        return Math.addExact(
                Math.multiplyExact(instant.getEpochSecond(), 1_000_000_000L), instant.getNano());
    }

    /// The present.
    public Now now() {
        long mock = mockSeconds.get();
        if (mock != 0) {
            return new Now(mock * 1_000_000_000L, Instant.ofEpochSecond(mock));
        }
        return new Now(startWallNanos + (System.nanoTime() - startNanos), Instant.now());
    }

    /// Sets the clock; 0 means the real one again.
    ///
    /// @param unixSeconds 0 to 2³² − 1
    public void set(long unixSeconds) {
        mockSeconds.set(unixSeconds);
    }

    /// Whether a test has set the clock.
    public boolean isMocked() {
        return mockSeconds.get() != 0;
    }

    /// Moves a clock that is set.
    public void forward(Duration span) {
        if (isMocked()) {
            mockSeconds.addAndGet(span.toSeconds());
        }
    }
}
