package weft.app.village;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import weft.app.rpc.RpcClient;

/// `weft village`: real nodes on this machine, told one address each, and what becomes of them.
@Command(
        name = "village",
        description = "Start real nodes on this machine and watch them find each other.",
        mixinStandardHelpOptions = true)
public final class VillageCommand implements Callable<Integer> {
    private static final Duration FRAME = Duration.ofMillis(500);
    private static final int PORT_MAX = 65_535 - 200;

    @Option(names = "--nodes", description = "How many nodes, 2 to 10 (default: ${DEFAULT-VALUE}).")
    private int size = 5;

    @Option(
            names = "--seed",
            description =
                    "Number that the villagers' keys are made from (default: ${DEFAULT-VALUE}).")
    private long seed = 1;

    @Option(
            names = "--base-port",
            description = "First port; RPC is 100 above (default: ${DEFAULT-VALUE}).")
    private int basePort = 18_500;

    @Option(names = "--script", description = "Play a script unattended: tour.")
    private String script = "";

    @Option(
            names = "--dir",
            description = "Keep the nodes' folders here (default: a temporary folder, removed).")
    private String folder = "";

    private final PrintStream out;
    private volatile boolean finished;
    private volatile boolean interrupted;

    /// A command that prints to standard output.
    public VillageCommand() {
        this.out = System.out;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (size < 2 || size > Village.sizeMax()) {
            return refuse("--nodes must be 2 to " + Village.sizeMax());
        }
        if (basePort < 1024 || basePort > PORT_MAX) {
            return refuse("--base-port must be 1024 to " + PORT_MAX);
        }
        if (!script.isEmpty() && !script.equals("tour")) {
            return refuse("there is no script \"" + script + "\"; there is: tour");
        }
        boolean temporary = folder.isEmpty();
        Path home = temporary ? Files.createTempDirectory("weft-village-") : Path.of(folder);
        var village = new Village(size, basePort, home, WeftdLauncher.command());
        Thread cleanup =
                new Thread(
                        () -> {
                            interrupted = !finished;
                            cleanUp(village, home, temporary);
                        });
        Runtime.getRuntime().addShutdownHook(cleanup);
        try {
            return live(village);
        } catch (RpcClient.RpcException | IOException e) {
            return refuse(String.valueOf(e.getMessage()));
        } finally {
            finished = true;
        }
    }

    /// What goes wrong because the village is being closed is nobody's fault.
    private int refuse(String why) {
        if (!interrupted) {
            System.err.println("Error: " + why);
        }
        return 1;
    }

    static void cleanUp(Village village, Path home, boolean temporary) {
        village.close();
        if (!temporary) {
            return;
        }
        try (Stream<Path> files = Files.walk(home)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            System.err.println("Warning: " + home + " could not be removed: " + e.getMessage());
        }
    }

    private int live(Village village) throws IOException, InterruptedException {
        var purses = new Purses(seed, size);
        boolean terminal = isTerminal() && script.isEmpty();
        var screen = new VillageScreen(out, terminal);
        screen.tell(
                "starting "
                        + size
                        + " nodes on ports "
                        + basePort
                        + " to "
                        + (basePort + size - 1)
                        + " …");
        village.start();
        if (!script.isEmpty()) {
            return tour(village, purses);
        }
        try (var keys = new Keys(System.in, terminal)) {
            return watch(village, purses, screen, keys);
        }
    }

    private static boolean isTerminal() {
        return java.util.Optional.ofNullable(System.console())
                .filter(java.io.Console::isTerminal)
                .isPresent();
    }

    private int tour(Village village, Purses purses) throws IOException, InterruptedException {
        long begun = System.nanoTime();
        Tour.Report report =
                new Tour.Report() {
                    @Override
                    public void chapter(String title) {
                        out.println();
                        out.println(title);
                    }

                    @Override
                    public void line(String text) {
                        out.println("   " + text);
                    }
                };
        try {
            new Tour(village, purses, report).run();
        } catch (Tour.BrokenPromise e) {
            if (interrupted) {
                return 1;
            }
            out.println();
            out.println("BROKEN PROMISE: " + e.getMessage());
            return 1;
        }
        out.printf("%nAll promises kept, in %.1f s.%n", (System.nanoTime() - begun) / 1e9);
        return 0;
    }

    private int watch(Village village, Purses purses, VillageScreen screen, Keys keys)
            throws IOException, InterruptedException {
        // A node whose chain is years behind does not tell its address: one fresh block wakes the
        // village.
        village.node(0).call("generatetoaddress", 1, purses.address(0));
        screen.tell(Keys.HELP);
        var hands = new Hands(village, purses, screen);
        while (true) {
            screen.show(village.portraits(), Keys.HELP);
            String line = keys.poll(FRAME);
            if (line.equals("q")) {
                return 0;
            }
            if (!line.isEmpty()) {
                hands.act(line);
            }
        }
    }
}
