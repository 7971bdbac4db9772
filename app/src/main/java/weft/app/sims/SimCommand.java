package weft.app.sims;

import java.io.PrintStream;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import weft.sim.BootstrapReport;

/// `weft sim`: what becomes of networks of real nodes in virtual time. One seed gives one result.
@Command(
        name = "sim",
        description = "Simulate networks of nodes in virtual time.",
        mixinStandardHelpOptions = true,
        subcommands = SimCommand.Bootstrap.class)
public final class SimCommand {
    private SimCommand() {}

    /// `weft sim bootstrap [--seed N]`.
    @Command(
            name = "bootstrap",
            description = "Time to the first peer: DNS seeds, a fixed list, random probing.",
            mixinStandardHelpOptions = true)
    public static final class Bootstrap implements Callable<Integer> {
        @Option(names = "--seed", description = "All chance comes from it (default: 1).")
        private long seed = 1;

        private final PrintStream out;

        /// A command that prints to standard output.
        public Bootstrap() {
            this.out = System.out;
        }

        @Override
        public Integer call() {
            out.print(BootstrapReport.text(seed));
            return 0;
        }
    }
}
