package weft.app.sims;

import java.io.PrintStream;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import weft.sim.LossReport;

/// `weft sim vanish [--nodes N]` and `weft sim churn [--nodes N] [--seconds N]`.
public final class LossCommand {
    private LossCommand() {}

    /// Most go at once.
    @Command(
            name = "vanish",
            description = "Nine in ten nodes go at once: when the rest are one network again.",
            mixinStandardHelpOptions = true)
    public static final class Vanish implements Callable<Integer> {
        @Option(names = "--nodes", description = "Nodes of the network (default: 1000).")
        private int nodes = 1000;

        @Option(names = "--seed", description = "All chance comes from it (default: 1).")
        private long seed = 1;

        private final PrintStream out;

        /// A command that prints to standard output.
        public Vanish() {
            this.out = System.out;
        }

        @Override
        public Integer call() {
            if (nodes < 40) {
                throw new IllegalArgumentException("--nodes must be 40 or more");
            }
            LossReport.Vanished found = LossReport.vanish(seed, nodes);
            out.println(found);
            return found.holds() ? 0 : 1;
        }
    }

    /// One joins or leaves each second.
    @Command(
            name = "churn",
            description = "One node joins or leaves each second: how long a tip is behind.",
            mixinStandardHelpOptions = true)
    public static final class Churn implements Callable<Integer> {
        private static final int BEHIND_MAX_SECONDS = 60;

        @Option(names = "--nodes", description = "Nodes of the network (default: 150).")
        private int nodes = 150;

        @Option(names = "--seconds", description = "Virtual seconds (default: 3600).")
        private int seconds = 3600;

        @Option(names = "--seed", description = "All chance comes from it (default: 1).")
        private long seed = 1;

        private final PrintStream out;

        /// A command that prints to standard output.
        public Churn() {
            this.out = System.out;
        }

        @Override
        public Integer call() {
            if (nodes < 30) {
                throw new IllegalArgumentException("--nodes must be 30 or more");
            }
            LossReport.Churned found = LossReport.churn(seed, nodes, seconds);
            out.println(found);
            return found.behindMax() <= BEHIND_MAX_SECONDS ? 0 : 1;
        }
    }
}
