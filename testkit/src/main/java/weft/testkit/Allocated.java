package weft.testkit;

import java.lang.management.ManagementFactory;

/// How much memory something allocates, garbage included: proves that hostile input costs nothing.
public final class Allocated {
    private Allocated() {}

    /// Bytes that this thread allocates while `body` runs.
    public static long bytesBy(Runnable body) {
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        body.run();
        return threads.getCurrentThreadAllocatedBytes() - before;
    }
}
