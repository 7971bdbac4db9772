package weft.server.metrics;

import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;

/// What the process itself takes, from the JVM.
final class ProcessFigures {
    private ProcessFigures() {}

    /// Writes them as they are now.
    static void write(Families to, String version) {
        to.info("build", "The version of weft.", "version", version);
        to.gauge(
                "uptime_seconds",
                "How long the process runs.",
                ManagementFactory.getRuntimeMXBean().getUptime() / Units.MILLIS_PER_SECOND);
        to.counter(
                "process_cpu_seconds",
                "Time of the processor of the whole process.",
                points ->
                        ProcessHandle.current()
                                .info()
                                .totalCpuDuration()
                                .ifPresent(
                                        time ->
                                                points.add(
                                                        time.toNanos() / Units.NANOS_PER_SECOND)));
        MemoryUsage heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
        to.gauge(
                "jvm_heap_used_bytes",
                "Heap in use, with what is not collected yet.",
                heap.getUsed());
        to.gauge("jvm_heap_max_bytes", "Heap that may be used.", heap.getMax());
        to.gauge(
                "jvm_threads",
                "Threads of the platform; virtual ones are not counted.",
                ManagementFactory.getThreadMXBean().getThreadCount());
        to.counter(
                "jvm_gc_seconds",
                "Time that collectors took.",
                points -> {
                    for (GarbageCollectorMXBean each :
                            ManagementFactory.getGarbageCollectorMXBeans()) {
                        points.add(
                                Math.max(0, each.getCollectionTime()) / Units.MILLIS_PER_SECOND,
                                "collector",
                                each.getName());
                    }
                });
        to.counter(
                "jvm_gc_collections",
                "Collections.",
                points -> {
                    for (GarbageCollectorMXBean each :
                            ManagementFactory.getGarbageCollectorMXBeans()) {
                        points.add(
                                Math.max(0, each.getCollectionCount()),
                                "collector",
                                each.getName());
                    }
                });
    }
}
