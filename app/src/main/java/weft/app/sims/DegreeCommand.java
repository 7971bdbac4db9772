package weft.app.sims;

import java.io.PrintStream;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import weft.sim.DegreeReport;

/// `weft sim degree-sweep [--outbound N,…] [--nodes N] [--seed N]`.
@Command(
        name = "degree-sweep",
        description = "What the number of outbound connections is good for, and what it costs.",
        mixinStandardHelpOptions = true)
public final class DegreeCommand implements Callable<Integer> {
    @Option(
            names = "--outbound",
            split = ",",
            description = "Outbound connections to try (default: 1,2,4,8,16,32,64).")
    private List<Integer> outbound = List.of(1, 2, 4, 8, 16, 32, 64);

    @Option(names = "--nodes", description = "Nodes of the network (default: 150).")
    private int nodes = 150;

    @Option(names = "--seed", description = "All chance comes from it (default: 1).")
    private long seed = 1;

    private final PrintStream out;

    /// A command that prints to standard output.
    public DegreeCommand() {
        this.out = System.out;
    }

    @Override
    public Integer call() {
        out.print(DegreeReport.text(seed, nodes, outbound));
        return 0;
    }
}
