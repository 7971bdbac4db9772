package weft.app.bench.crash;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import weft.app.Launchers;
import weft.app.rpc.RpcClient;

/// `weft bench crash`: kills real nodes with SIGKILL at random moments, and looks whether they come back with
/// the coins of a node that was left in peace.
@Command(
        name = "crash",
        description = {
            "Kill a node with SIGKILL at random moments while it synchronises, writes coins, prunes, takes",
            "blocks at the tip, reorganises, builds indexes or reindexes; start it again, compare tip and",
            "coins with those of an undisturbed node. Ends with 1 if anything is lost."
        },
        mixinStandardHelpOptions = true)
public final class CrashBench implements Callable<Integer> {
    private static final int PORT_MAX = 65_532;
    private static final int KILLS_MAX = 3;
    private static final long LONGEST_MILLIS = 4_000;

    @Option(
            names = "--cycles",
            description = "How many, spread over the phases (default: ${DEFAULT-VALUE}).")
    private int cycles = 200;

    @Option(
            names = "--seed",
            description = "What chain and moments are made from (default: ${DEFAULT-VALUE}).")
    private long seed = 1;

    @Option(
            names = "--dir",
            description =
                    "Folder for everything, deleted first (default: weft-crash in the temporary folder).")
    private @Nullable Path dir;

    @Option(
            names = "--phases",
            split = ",",
            description =
                    "Some of sync, flush, prune, tip, reorg, index, reindex (default: all that the node "
                            + "offers).")
    private @Nullable List<String> phases;

    @Option(names = "--size", description = "Megabytes of blocks (default: ${DEFAULT-VALUE}).")
    private int megabytes = 5;

    @Option(names = "--node", description = "Program to kill (default: weftd beside the launcher).")
    private String node = Launchers.weftd();

    @Option(
            names = "--port",
            description = "Ports to use: this and the next three (default: ${DEFAULT-VALUE}).")
    private int port = 18_720;

    private final PrintStream out;
    private final Map<CrashPhase, Tally> tallies = new EnumMap<>(CrashPhase.class);

    private static final class Tally {
        private int cycles;
        private int kills;
        private int recovered;
        private long workMillis;
        private String more = "";
        private final List<Long> restarts = new ArrayList<>();
    }

    /// A command that prints to standard output.
    public CrashBench() {
        this(System.out);
    }

    CrashBench(PrintStream out) {
        this.out = out;
    }

    @Override
    public Integer call() throws InterruptedException {
        Path home = dir != null ? dir : Path.of(System.getProperty("java.io.tmpdir"), "weft-crash");
        if (cycles < 1 || port < 1024 || port > PORT_MAX) {
            System.err.println("Error: --cycles must be at least 1 and --port 1024 to " + PORT_MAX);
            return 1;
        }
        try {
            return run(home, List.of(node), chosen()) ? 0 : 1;
        } catch (IOException | IllegalArgumentException | RpcClient.RpcException e) {
            System.err.println("Error: " + e.getMessage());
            return 1;
        }
    }

    private List<CrashPhase> chosen() {
        if (phases == null) {
            return List.of(CrashPhase.values());
        }
        var chosen = new ArrayList<CrashPhase>();
        for (String word : phases) {
            chosen.add(
                    Arrays.stream(CrashPhase.values())
                            .filter(each -> each.word().equals(word))
                            .findFirst()
                            .orElseThrow(
                                    () -> new IllegalArgumentException("no such phase: " + word)));
        }
        return chosen;
    }

    /// Runs the cycles.
    ///
    /// @param program the command that starts a node
    /// @return whether nothing was lost
    private boolean run(Path home, List<String> program, List<CrashPhase> wanted)
            throws IOException, InterruptedException {
        Path marker = home.resolve("weft-bench-crash");
        if (Files.exists(home) && !Files.exists(marker)) {
            throw new IOException(home + " is there already, and not from this bench");
        }
        CrashRig.delete(home);
        Files.createDirectories(home);
        Files.createFile(marker);
        try (var rig = new CrashRig(home, program, port)) {
            rig.prepare(seed, megabytes);
            out.printf(
                    "seed %d, %d blocks; branch B at height %d%n",
                    seed, rig.blocks(), rig.heightB());
            for (CrashPhase each : wanted) {
                measure(each, rig);
            }
            var random = new SplittableRandom(seed);
            List<CrashPhase> offered = List.copyOf(tallies.keySet());
            for (int i = 0; i < cycles && !offered.isEmpty(); i++) {
                cycle(offered.get(i % offered.size()), i, rig, random.split());
            }
        }
        print(wanted);
        return tallies.values().stream().allMatch(each -> each.recovered == each.cycles);
    }

    private static List<String> options(CrashPhase phase, CrashRig rig, List<String> own) {
        var options = new ArrayList<>(own);
        options.add(
                phase.from().isEmpty()
                        ? "-connect=" + rig.source().home().address()
                        : "-connect=0");
        return options;
    }

    /// An undisturbed run, which tells how long the work takes and what must come out.
    private void measure(CrashPhase phase, CrashRig rig) throws IOException, InterruptedException {
        try (CrashNode victim = rig.victim(phase.from())) {
            long begun = System.nanoTime();
            victim.startAndWait(options(phase, rig, phase.options()));
            if (!phase.isOffered(victim)) {
                return;
            }
            var tally = new Tally();
            String expected = phase.finish(victim, rig);
            tally.workMillis = Math.min(LONGEST_MILLIS, (System.nanoTime() - begun) / 1_000_000);
            tally.more = phase.more(victim);
            String coins = victim.coins();
            if (!coins.equals(expected)) {
                throw new IOException(phase.word() + ": even undisturbed " + coins);
            }
            tallies.put(phase, tally);
        }
    }

    private void cycle(CrashPhase phase, int number, CrashRig rig, SplittableRandom random)
            throws IOException, InterruptedException {
        Tally tally = tallies.getOrDefault(phase, new Tally());
        tally.cycles++;
        var told = new CrashPhase.Acknowledged();
        String moments = "";
        try (CrashNode victim = rig.victim(phase.from())) {
            victim.start(options(phase, rig, phase.options()));
            for (int i = 1 + random.nextInt(KILLS_MAX); i > 0; i--) {
                Thread worker =
                        Thread.ofVirtual()
                                .name("crash-work")
                                .start(() -> work(phase, victim, rig, told));
                long moment = random.nextLong(tally.workMillis + 1);
                moments += " " + moment;
                Thread.sleep(moment);
                victim.kill();
                worker.interrupt();
                worker.join();
                tally.kills++;
                tally.restarts.add(victim.startAndWait(options(phase, rig, phase.optionsAfter())));
                told.check(victim);
            }
            String expected = phase.finish(victim, rig);
            String coins = victim.coins();
            if (!coins.equals(expected)) {
                throw new IOException("coins " + coins + ", not " + expected);
            }
            if (!phase.more(victim).equals(tally.more)) {
                throw new IOException("an index says something else");
            }
            victim.stop();
            tally.recovered++;
        } catch (IOException | IllegalStateException | RpcClient.RpcException e) {
            out.printf(
                    "LOST in cycle %d, %s, killed after%s ms: %s%n",
                    number, phase.word(), moments, e.getMessage());
            rig.keepVictim("lost-" + number);
        }
    }

    /// Works as soon as the node answers, until it is killed.
    private static void work(
            CrashPhase phase, CrashNode node, CrashRig rig, CrashPhase.Acknowledged told) {
        while (node.isAlive() && !Thread.currentThread().isInterrupted()) {
            try {
                node.height();
                phase.work(node, rig, told);
                return;
            } catch (RpcClient.RpcException e) {
                // It does not answer yet, or no more, or has nothing to do yet.
                pause();
            } catch (IllegalStateException e) {
                told.wrong(String.valueOf(e.getMessage()));
                return;
            }
        }
    }

    private static void pause() {
        try {
            Thread.sleep(2);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void print(List<CrashPhase> wanted) {
        out.printf(
                "%-10s %7s %7s %10s %16s %14s%n",
                "phase", "cycles", "kills", "recovered", "restart median", "restart max");
        int all = 0;
        int recovered = 0;
        for (CrashPhase each : wanted) {
            Tally tally = tallies.get(each);
            if (tally == null) {
                out.printf("%-10s not offered by this node%n", each.word());
                continue;
            }
            long[] sorted = tally.restarts.stream().mapToLong(Long::longValue).sorted().toArray();
            out.printf(
                    "%-10s %7d %7d %10d %13d ms %11d ms%n",
                    each.word(),
                    tally.cycles,
                    tally.kills,
                    tally.recovered,
                    sorted.length == 0 ? 0 : sorted[sorted.length / 2],
                    sorted.length == 0 ? 0 : sorted[sorted.length - 1]);
            all += tally.cycles;
            recovered += tally.recovered;
        }
        out.printf("%d of %d cycles recovered%n", recovered, all);
    }
}
