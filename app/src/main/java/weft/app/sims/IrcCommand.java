package weft.app.sims;

import java.io.PrintStream;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import weft.sim.IrcReport;

/// `weft sim irc [--nodes N] [--seed N]`.
@Command(
        name = "irc",
        description = "The way in of the first years: one IRC server, and its end.",
        mixinStandardHelpOptions = true)
public final class IrcCommand implements Callable<Integer> {
    @Option(names = "--nodes", description = "Nodes that come while it runs (default: 24).")
    private int nodes = 24;

    @Option(names = "--seed", description = "All chance comes from it (default: 1).")
    private long seed = 1;

    private final PrintStream out;

    /// A command that prints to standard output.
    public IrcCommand() {
        this.out = System.out;
    }

    @Override
    public Integer call() {
        out.print(IrcReport.text(seed, nodes));
        return 0;
    }
}
