package weft.app.compare;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import weft.app.Launchers;

/// `weft compare`: the same transactions and blocks for several nodes, and whatever they say differently.
@Command(
        name = "compare",
        description = {
            "Hand the same generated transactions and blocks to several nodes on regtest, and show",
            "what they say differently about them, and where their mempools differ.",
            "Exit code 0 only if nothing differs but what is on the list of accepted differences."
        },
        mixinStandardHelpOptions = true)
public final class CompareCommand implements Callable<Integer> {
    private static final int TEXT_MAX = 300;
    private static final int PORT_MAX = 65_000;

    @Option(
            names = "--node",
            description = {
                "Program, or NAME=PROGRAM; may be given again. The last is the reference, usually",
                "bitcoind 28.1 (default: weftd beside the launcher)."
            })
    private @Nullable List<String> nodes;

    @Option(names = "--transactions", description = "How many (default: ${DEFAULT-VALUE}).")
    private int transactions = 5_000;

    @Option(names = "--seed", description = "What they are made from (default: ${DEFAULT-VALUE}).")
    private long seed = 1;

    @Option(
            names = "--port",
            description = "Ports for RPC: this and the next ones (default: ${DEFAULT-VALUE}).")
    private int port = 18_720;

    @Option(
            names = "--folder",
            description = "For the nodes' folders; kept (default: a temporary one, deleted).")
    private @Nullable Path folder;

    @Option(names = "--record", description = "Keep the reference's answers in this file (gzip).")
    private @Nullable Path record;

    @Option(names = "--arg", description = "Further option for the nodes; may be given again.")
    private List<String> extra = new ArrayList<>();

    private final PrintStream out;

    /// A command that prints to standard output.
    public CompareCommand() {
        this.out = System.out;
    }

    @Override
    public Integer call() throws InterruptedException {
        List<Judge> judges = new ArrayList<>();
        try {
            if (transactions < 1 || port < 1024 || port > PORT_MAX) {
                throw new IllegalArgumentException(
                        "--transactions must be at least 1, --port 1024 to " + PORT_MAX);
            }
            Path home = folder == null ? Files.createTempDirectory("weft-compare") : folder;
            Tally tally = run(home, judges);
            judges.forEach(Judge::close);
            judges.clear();
            if (folder == null) {
                delete(home);
            }
            return tally.open() == 0 ? 0 : 1;
        } catch (IOException | UncheckedIOException | IllegalArgumentException e) {
            System.err.println("Error: " + e.getMessage());
            return 1;
        } finally {
            judges.forEach(Judge::close);
        }
    }

    private Tally run(Path home, List<Judge> judges) throws IOException, InterruptedException {
        List<String> programs = nodes == null ? List.of(Launchers.weftd()) : nodes;
        for (String each : programs) {
            judges.add(start(each, home, port + judges.size()));
        }
        BufferedWriter lines = null;
        if (record != null) {
            lines =
                    new BufferedWriter(
                            new OutputStreamWriter(
                                    new GZIPOutputStream(Files.newOutputStream(record)),
                                    StandardCharsets.UTF_8));
            judges.set(judges.size() - 1, Judge.recording(judges.getLast(), lines));
        }
        var stage = new Stage(seed, judges);
        try {
            new Play(stage).run(transactions, done -> System.err.println(done + " transactions"));
        } finally {
            if (lines != null) {
                lines.close();
            }
        }
        print(stage.tally);
        return stage.tally;
    }

    private Judge start(String node, Path home, int rpcPort)
            throws IOException, InterruptedException {
        int at = node.indexOf('=');
        String program = node.substring(at + 1);
        Path file = Path.of(program).getFileName();
        String name = at > 0 ? node.substring(0, at) : String.valueOf(file);
        Path own = home.resolve("node" + rpcPort);
        return NodeJudge.start(
                new NodeJudge.Home(name, List.of(program), own, rpcPort), options(extra));
    }

    /// What the nodes must be told so that they may be compared.
    static List<String> options(List<String> more) {
        var options =
                new ArrayList<>(
                        List.of(
                                "-acceptnonstdtxn=0",
                                "-persistmempool=0",
                                "-maxmempool=5",
                                "-checkmempool=1",
                                "-mocktime=" + World.startSeconds()));
        options.addAll(more);
        return options;
    }

    private static void delete(Path folder) throws IOException {
        try (var files = Files.walk(folder)) {
            for (Path each : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(each);
            }
        }
    }

    private static String cut(String text) {
        return text.length() <= TEXT_MAX ? text : text.substring(0, TEXT_MAX) + "…";
    }

    private void print(Tally tally) {
        out.printf(
                "%-28s %12s %9s %9s %10s %9s%n",
                "class", "transactions", "accepted", "refused", "questions", "differing");
        tally.all()
                .forEach(
                        (name, counts) ->
                                out.printf(
                                        Locale.ROOT,
                                        "%-28s %12d %9d %9d %10d %9d%n",
                                        name,
                                        counts.transactions,
                                        counts.accepted,
                                        counts.refused,
                                        counts.questions,
                                        counts.differing));
        out.println();
        tally.reasons().forEach((reason, count) -> out.printf("%6d  %s%n", count, cut(reason)));
        out.println();
        for (Tally.Difference each : tally.differences()) {
            String params = each.question().params().toString();
            out.println(
                    (each.reason().isEmpty() ? "DIFFERENT " : "accepted (" + each.reason() + ") ")
                            + each.kind()
                            + ": "
                            + each.question().method()
                            + " "
                            + cut(params));
            printFirstDifference(each);
        }
        out.printf(
                Locale.ROOT,
                "%d transactions, %d questions, %d different answers, %d of them accepted%n",
                tally.transactions(),
                tally.all().values().stream().mapToInt(each -> each.questions).sum(),
                tally.differences().size(),
                tally.differences().size() - tally.open());
    }

    /// Long answers from just before the place where they part.
    private void printFirstDifference(Tally.Difference each) {
        String a = each.answer();
        String b = each.reference();
        int at = 0;
        while (at < Math.min(a.length(), b.length()) && a.charAt(at) == b.charAt(at)) {
            at++;
        }
        int from = Math.max(0, at - TEXT_MAX / 2);
        out.println("  " + each.judge() + ": " + cut(a.substring(from)));
        out.println("  reference: " + cut(b.substring(from)));
    }
}
