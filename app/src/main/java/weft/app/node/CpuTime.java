package weft.app.node;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.function.LongSupplier;

/// Time that the processor spent on the calling thread, in nanoseconds; 0 where the machine does not say.
final class CpuTime implements LongSupplier {
    private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    private final boolean known;

    CpuTime() {
        this.known = threads.isCurrentThreadCpuTimeSupported() && threads.isThreadCpuTimeEnabled();
    }

    @Override
    public long getAsLong() {
        return known ? threads.getCurrentThreadCpuTime() : 0;
    }
}
