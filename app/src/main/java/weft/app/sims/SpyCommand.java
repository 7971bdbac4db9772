package weft.app.sims;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import weft.sim.SpyReport;
import weft.sim.SpyReport.Observer;
import weft.sim.Treasury;

/// `weft sim spy [--observer supernode,nodes] [--fraction F,…] [--nodes N] [--rounds N] [--seed N]`.
@Command(
        name = "spy",
        description = "What spies learn of who pays, by -relaypolicy.",
        mixinStandardHelpOptions = true)
public final class SpyCommand implements Callable<Integer> {
    @Option(
            names = "--observer",
            split = ",",
            description = {
                "Who listens (default: supernode).",
                "supernode: somebody who connects to a part of the nodes.",
                "nodes: a part of the nodes, which others connect to."
            })
    private List<String> observers = List.of("supernode");

    @Option(
            names = "--fraction",
            split = ",",
            description =
                    "Share of the nodes that the supernode is connected to, or that are spies,"
                            + " 0 to 1 (default: 0.1,0.2,0.5).")
    private List<Double> fractions = List.of(0.1, 0.2, 0.5);

    @Option(names = "--rounds", description = "Payments that each honest node makes (default: 1).")
    private int rounds = 1;

    @Option(names = "--nodes", description = "Nodes of the network (default: 100).")
    private int nodes = 100;

    @Option(names = "--seed", description = "All chance comes from it (default: 1).")
    private long seed = 1;

    private final PrintStream out;

    /// A command that prints to standard output.
    public SpyCommand() {
        this.out = System.out;
    }

    @Override
    public Integer call() {
        if (nodes < 2 || rounds < 1 || (long) nodes * rounds > Treasury.COINS) {
            throw new IllegalArgumentException(
                    "--nodes must be 2 or more, --rounds 1 or more, and both multiplied "
                            + Treasury.COINS
                            + " at most");
        }
        var settings = new ArrayList<SpyReport.Setting>();
        for (String name : observers) {
            Observer observer =
                    Observer.named(name)
                            .orElseThrow(
                                    () -> new IllegalArgumentException("no observer: " + name));
            for (double each : fractions) {
                boolean someHonest = observer == Observer.SUPERNODE || each * nodes < nodes - 0.5;
                if (!(each >= 0 && each <= 1 && someHonest)) {
                    throw new IllegalArgumentException(
                            "--fraction is 0 to 1, and leaves an honest node: " + each);
                }
                settings.add(new SpyReport.Setting(seed, nodes, observer, each, rounds));
            }
        }
        out.print(SpyReport.text(settings));
        return 0;
    }
}
