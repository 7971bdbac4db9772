package weft.app.sims;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import weft.app.OutFile;
import weft.primitives.Bug;
import weft.sim.Proof;

/// `weft sim prove [--seeds N] [--seed N] [--nodes N] [--hours N] [--jobs N] [--out FILE] [--compare FILE]`.
@Command(
        name = "prove",
        description = {
            "Let everything go wrong in networks of real nodes, and look at the invariants.",
            "One line a seed; its hash of all that happened is the same on every machine."
        },
        mixinStandardHelpOptions = true)
public final class ProveCommand implements Callable<Integer> {
    @Option(names = "--seeds", description = "How many seeds to try (default: 10).")
    private int seeds = 10;

    @Option(names = "--seed", description = "The first of them (default: 1).")
    private long first = 1;

    @Option(names = "--nodes", description = "Nodes of each network (default: 24).")
    private int nodes = 24;

    @Option(names = "--hours", description = "Virtual hours of faults (default: 1).")
    private int hours = 1;

    @Option(names = "--jobs", description = "Seeds at a time (default: 1); each is one thread.")
    private int jobs = 1;

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description =
                    "Append a JSON object a seed; seeds that hold by what is there, with the very"
                            + " same code, are not tried again.")
    private @Nullable Path file;

    @Option(
            names = "--compare",
            paramLabel = "FILE",
            description = "What another machine or JVM wrote with --out: hashes must be the same.")
    private @Nullable Path other;

    private final PrintStream out;
    private String code = "";
    private int compared;

    /// A command that prints to standard output.
    public ProveCommand() {
        this(System.out);
    }

    ProveCommand(PrintStream out) {
        this.out = out;
    }

    /// What came of a seed.
    private record Tried(long seed, String text, String json, String hash, boolean holds) {}

    @Override
    public Integer call() throws InterruptedException {
        if (jobs < 1 || seeds < 1) {
            throw new IllegalArgumentException("--jobs and --seeds must be 1 or more");
        }
        if (other != null && !Files.isRegularFile(other)) {
            throw new IllegalArgumentException("there is no file " + other);
        }
        OutFile.check(file);
        code = CodeDigest.get();
        Map<Long, String> known = file == null ? Map.of() : hashes(file);
        Map<Long, String> expected = other == null ? Map.of() : hashes(other);
        int done = 0;
        int failed = 0;
        var wanted = new ArrayList<Long>();
        for (long seed = first; seed < first + seeds; seed++) {
            String hash = known.get(seed);
            if (hash == null) {
                wanted.add(seed);
            } else {
                done++;
                failed += isOther(expected, seed, hash) ? 1 : 0;
            }
        }
        if (done > 0) {
            out.println(done + " of " + seeds + " seeds hold by " + file + ".");
        }
        failed += tryAll(wanted, expected);
        if (other != null) {
            out.println(compared + " of " + seeds + " seeds compared with " + other + ".");
        }
        out.println(failed == 0 ? "All hold." : failed + " of " + seeds + " failed.");
        // Who asked for a comparison and got none must not read it as one that held.
        return failed == 0 && (other == null || compared > 0) ? 0 : 1;
    }

    private int tryAll(List<Long> wanted, Map<Long, String> expected) throws InterruptedException {
        int failed = 0;
        try (var workers = Executors.newFixedThreadPool(jobs)) {
            var completion = new ExecutorCompletionService<Tried>(workers);
            wanted.forEach(seed -> completion.submit(() -> attempt(seed)));
            for (int i = 0; i < wanted.size(); i++) {
                Tried tried = completion.take().get();
                out.println(tried.text());
                out.flush();
                append(tried.json());
                boolean differs = tried.holds() && isOther(expected, tried.seed(), tried.hash());
                failed += tried.holds() && !differs ? 0 : 1;
            }
        } catch (ExecutionException e) {
            throw new Bug("a seed broke the simulator: " + e.getCause());
        }
        return failed;
    }

    private boolean isOther(Map<Long, String> expected, long seed, String hash) {
        String theirs = expected.get(seed);
        if (theirs == null) {
            if (other != null) {
                out.println("seed " + seed + ": not in " + other + " with this code");
            }
            return false;
        }
        compared++;
        if (theirs.equals(hash)) {
            return false;
        }
        out.println("seed " + seed + ": OTHER HASH: " + hash + ", there " + theirs);
        return true;
    }

    private Tried attempt(long seed) {
        long begun = System.nanoTime();
        try {
            Proof.Outcome outcome = Proof.of(seed, nodes, Duration.ofHours(hours));
            double wall = (System.nanoTime() - begun) / 1e9;
            String text = String.format(Locale.ROOT, "%s, took %.0f s", outcome, wall);
            return new Tried(seed, text, json(outcome, wall), outcome.hash(), true);
        } catch (Bug e) {
            String why = String.valueOf(e.getMessage());
            return new Tried(
                    seed,
                    "seed " + seed + ": FAILED: " + why,
                    head(seed)
                            + ",\"holds\":false,\"why\":\""
                            + why.replaceAll("[\\\\\"\\p{Cntrl}]", " ")
                            + "\"}",
                    "",
                    false);
        }
    }

    // ---- the file

    /// What tells trials of other settings apart.
    private String head(long seed) {
        return String.format(
                Locale.ROOT,
                "{\"nodes\":%d,\"hours\":%d,\"code\":\"%s\",\"seed\":%d",
                nodes,
                hours,
                code,
                seed);
    }

    private String json(Proof.Outcome outcome, double wall) {
        return head(outcome.seed())
                + String.format(
                        Locale.ROOT,
                        ",\"holds\":true,\"hash\":\"%s\",\"events\":%d,\"faults\":%d,\"blocks\":%d,"
                                + "\"payments\":%d,\"checks\":%d,\"wholeAfterSeconds\":%.3f,"
                                + "\"tookSeconds\":%.3f,\"jvm\":\"%s\"}",
                        outcome.hash(),
                        outcome.events(),
                        outcome.faults(),
                        outcome.blocks(),
                        outcome.payments(),
                        outcome.checks(),
                        outcome.agreedAfter().toMillis() / 1e3,
                        wall,
                        jvm());
    }

    /// Version and settings of this JVM: histories must not depend on them.
    private static String jvm() {
        String settings =
                ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                        .filter(option -> option.startsWith("-X"))
                        .filter(option -> !option.contains("\"") && !option.contains("/"))
                        .collect(Collectors.joining(" "));
        return (Runtime.version() + " " + settings).strip();
    }

    private void append(String line) {
        if (file == null) {
            return;
        }
        try {
            Files.writeString(
                    file, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Hashes of the seeds that held with these settings.
    private Map<Long, String> hashes(Path from) {
        var found = new TreeMap<Long, String>();
        Pattern pattern =
                Pattern.compile(
                        Pattern.quote(head(0).replaceAll("0$", ""))
                                + "(\\d+),\"holds\":true,\"hash\":\"([0-9a-f]+)\".*");
        try {
            for (String line : Files.exists(from) ? Files.readAllLines(from) : List.<String>of()) {
                Matcher matcher = pattern.matcher(line);
                if (matcher.matches()) {
                    found.put(Long.parseLong(matcher.group(1)), matcher.group(2));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return found;
    }
}
