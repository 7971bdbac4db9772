package weft.app.sims;

import java.io.PrintStream;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import weft.sim.ErebusReport;

/// `weft sim erebus [--victims N] [--days N] [--share PERCENT] [--seed N] [--kind NAME,...]`.
@Command(
        name = "erebus",
        description =
                "An operator of networks on the way to many peers, who has weeks; with and without -asmap.",
        mixinStandardHelpOptions = true)
public final class ErebusCommand implements Callable<Integer> {
    private static final int PERCENT = 100;
    private static final int SHARE_MAX = 90;

    @Option(
            names = "--victims",
            description = "Nodes that are attacked, of each kind (default: 10).")
    private int victims = ErebusReport.Settings.STANDARD.victims();

    @Option(names = "--days", description = "How long the attack lasts (default: 42).")
    private int days = ErebusReport.Settings.STANDARD.days();

    @Option(
            names = "--share",
            description =
                    "Ways that lead through the attacker's network, in percent (default: 10).")
    private int share = (int) (PERCENT * ErebusReport.Settings.STANDARD.share());

    @Option(names = "--seed", description = "All chance comes from it (default: 1).")
    private long seed = 1;

    @Option(
            names = "--kind",
            split = ",",
            description =
                    "What is played: few-map, few-ranges, map, ranges, core-map, core-ranges, none"
                            + " (default: all).")
    private List<String> kinds = List.of();

    private final PrintStream out;

    /// A command that prints to standard output.
    public ErebusCommand() {
        this.out = System.out;
    }

    @Override
    public Integer call() {
        if (victims < 1 || days < 1) {
            throw new IllegalArgumentException("--victims and --days must be 1 or more");
        }
        if (share < 1 || share > SHARE_MAX) {
            throw new IllegalArgumentException("--share must be from 1 to " + SHARE_MAX);
        }
        var settings = new ErebusReport.Settings(victims, days, share / (double) PERCENT, chosen());
        ErebusReport.tell(seed, settings, out::println);
        return 0;
    }

    private List<ErebusReport.Kind> chosen() {
        return kinds.isEmpty()
                ? ErebusReport.Settings.STANDARD.kinds()
                : kinds.stream().map(ErebusCommand::kind).toList();
    }

    private static ErebusReport.Kind kind(String name) {
        return Arrays.stream(ErebusReport.Kind.values())
                .filter(each -> each.label().equals(name))
                .findFirst()
                .orElseThrow(
                        () -> new IllegalArgumentException("--kind " + name + " is not known"));
    }
}
