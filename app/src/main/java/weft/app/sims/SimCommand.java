package weft.app.sims;

import java.io.PrintStream;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import weft.sim.BookAttackReport;
import weft.sim.BootstrapReport;
import weft.sim.BotnetReport;
import weft.sim.EclipseReport;

/// `weft sim`: what becomes of networks of real nodes in virtual time. One seed gives one result.
@Command(
        name = "sim",
        description = "Simulate networks of nodes in virtual time.",
        mixinStandardHelpOptions = true,
        subcommands = {
            SimCommand.Bootstrap.class,
            SimCommand.Eclipse.class,
            ErebusCommand.class,
            ProveCommand.class,
            LossCommand.Vanish.class,
            LossCommand.Churn.class,
            SpyCommand.class,
            DegreeCommand.class,
            PropagationCommand.class,
            IrcCommand.class
        })
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

    /// `weft sim eclipse [--seed N] [--runs N] [--engine|--botnet]`.
    @Command(
            name = "eclipse",
            description = "An attack on the address book, with each countermeasure on and off.",
            mixinStandardHelpOptions = true)
    public static final class Eclipse implements Callable<Integer> {
        @Option(names = "--seed", description = "All chance comes from it (default: 1).")
        private long seed = 1;

        @Option(names = "--runs", description = "Attacks of each kind (default: 200).")
        private int runs = 200;

        @Option(
                names = "--engine",
                description = "Attack the whole peer engine, not the address book alone (slower).")
        private boolean engine;

        @Option(
                names = "--botnet",
                description =
                        "By number of addresses, each of a group of its own, in the table of those that"
                                + " worked; beside a model's figures (20 minutes).")
        private boolean botnet;

        private final PrintStream out;

        /// A command that prints to standard output.
        public Eclipse() {
            this.out = System.out;
        }

        @Override
        public Integer call() {
            if (runs < 1) {
                throw new IllegalArgumentException("--runs must be 1 or more");
            }
            if (engine && botnet) {
                throw new IllegalArgumentException(
                        "--botnet attacks the address book alone: not with --engine");
            }
            out.print(text());
            return 0;
        }

        private String text() {
            if (botnet) {
                return BotnetReport.text(seed, runs);
            }
            return engine ? EclipseReport.text(seed, runs) : BookAttackReport.text(seed, runs);
        }
    }
}
