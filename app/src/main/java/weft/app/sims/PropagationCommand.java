package weft.app.sims;

import java.io.PrintStream;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import weft.sim.PropagationReport;

/// `weft sim propagation [--nodes N] [--blocks N] [--seed N]`.
@Command(
        name = "propagation",
        description = "How long transactions and blocks of 1 MB take to all, then and now.",
        mixinStandardHelpOptions = true)
public final class PropagationCommand implements Callable<Integer> {
    @Option(
            names = "--nodes",
            description =
                    "Nodes of the network, 20 or more (default: 200); 1,000 need"
                            + " WEFT_JAVA_OPTS=-Xmx8g.")
    private int nodes = 200;

    @Option(names = "--blocks", description = "Blocks of a megabyte, 1 to 3 (default: 2).")
    private int blocks = 2;

    @Option(names = "--seed", description = "All chance comes from it (default: 1).")
    private long seed = 1;

    private final PrintStream out;

    /// A command that prints to standard output.
    public PropagationCommand() {
        this.out = System.out;
    }

    @Override
    public Integer call() {
        PropagationReport.tell(seed, nodes, blocks, out::println);
        return 0;
    }
}
