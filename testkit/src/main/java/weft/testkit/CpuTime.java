package weft.testkit;

import java.lang.management.ManagementFactory;
import java.time.Duration;

/// What a thread computed: what is measured is neither the compiler and the collector beside it, nor how busy
/// the machine is with other things.
public final class CpuTime {
    private CpuTime() {}

    /// Processor time of this thread since it began.
    public static Duration ofThisThread() {
        return Duration.ofNanos(ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime());
    }
}
