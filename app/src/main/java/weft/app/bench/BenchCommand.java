package weft.app.bench;

import picocli.CommandLine.Command;

/// `weft bench`: measurements that anyone can repeat.
@Command(
        name = "bench",
        description = "Measure.",
        mixinStandardHelpOptions = true,
        subcommands = {
            StartBench.class,
            MineBench.class,
            MempoolBench.class,
            weft.app.bench.sync.SyncBench.class,
            weft.app.bench.load.FloodBench.class,
            weft.app.bench.load.RelayBench.class,
            weft.app.bench.crash.CrashBench.class
        })
public final class BenchCommand {
    /// A group of measurements; does nothing alone.
    public BenchCommand() {}
}
