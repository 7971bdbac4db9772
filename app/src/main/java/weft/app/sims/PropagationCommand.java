package weft.app.sims;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import weft.app.OutFile;
import weft.sim.PropagationReport;
import weft.sim.PropagationReport.Result;
import weft.sim.PropagationReport.Row;

/// `weft sim propagation [--nodes N] [--blocks N] [--seed N] [--plot] [--csv FILE]`.
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

    @Option(
            names = "--plot",
            description = "Also draw which share of the nodes had them after how many seconds.")
    private boolean plot;

    @Option(
            names = "--csv",
            paramLabel = "FILE",
            description = "Also write each node's time: profile, what, seconds.")
    private @Nullable Path csv;

    private final PrintStream out;

    /// A command that prints to standard output.
    public PropagationCommand() {
        this(System.out);
    }

    PropagationCommand(PrintStream out) {
        this.out = out;
    }

    @Override
    public Integer call() throws IOException {
        OutFile.check(csv);
        List<Result> results = PropagationReport.tell(seed, nodes, blocks, out::println);
        if (plot) {
            draw("transactions", results, Result::transactions);
            draw("blocks", results, Result::blocks);
        }
        if (csv != null) {
            Files.write(csv, table(results));
        }
        return 0;
    }

    private void draw(String what, List<Result> results, Function<Result, Row> rows) {
        out.println();
        out.println("Share of the nodes that had the " + what + ", by seconds");
        out.println();
        var curves =
                results.stream()
                        .map(
                                result ->
                                        new DistributionPlot.Curve(
                                                result.profile().label(),
                                                rows.apply(result).nodes()))
                        .toList();
        DistributionPlot.lines(curves).forEach(out::println);
    }

    private static List<String> table(List<Result> results) {
        var lines = new ArrayList<String>();
        lines.add("profile,what,seconds");
        for (Result result : results) {
            addTimes(lines, result.profile().label() + ",transaction,", result.transactions());
            addTimes(lines, result.profile().label() + ",block,", result.blocks());
        }
        return lines;
    }

    private static void addTimes(List<String> lines, String head, Row row) {
        row.nodes()
                .seconds()
                .forEach(each -> lines.add(head + String.format(Locale.ROOT, "%.6f", each)));
    }
}
