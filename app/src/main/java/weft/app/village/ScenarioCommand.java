package weft.app.village;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import weft.app.rpc.RpcClient;

/// `weft scenario central-miner-wallet`: three real nodes, one payment, and what they say to one another.
@Command(
        name = "scenario",
        description = {
            "Play a scenario of lessons with real nodes on this machine: central-miner-wallet.",
            "Exit code 0 only if the payment is confirmed and all nodes know the same balances, also after"
                    + " six blocks were replaced."
        },
        mixinStandardHelpOptions = true)
public final class ScenarioCommand implements Callable<Integer> {
    private static final String ONLY = "central-miner-wallet";
    private static final int PORT_MAX = 65_535 - 200;

    @Parameters(paramLabel = "NAME", description = "central-miner-wallet")
    private String name = "";

    @Option(
            names = "--base-port",
            description = "Port of the central node; RPC is 100 above (default: 3000).")
    private int basePort = 3_000;

    @Option(
            names = "--classroom-files",
            description = "Name files as lessons do: blockchain_3000.db, wallet_3001.db.")
    private boolean classroomFiles;

    @Option(
            names = "--dir",
            paramLabel = "FOLDER",
            description = "Keep the files here (default: a temporary folder, removed).")
    private @Nullable Path folder;

    private final PrintStream out;
    private volatile boolean interrupted;
    private volatile boolean finished;

    /// A command that prints to standard output.
    public ScenarioCommand() {
        this.out = System.out;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (!name.equals(ONLY)) {
            return refuse("there is no scenario \"" + name + "\"; there is: " + ONLY);
        }
        if (basePort < 1024 || basePort > PORT_MAX) {
            return refuse("--base-port must be 1024 to " + PORT_MAX);
        }
        Path kept = folder;
        Path home = kept == null ? Files.createTempDirectory("weft-scenario-") : kept;
        if (kept != null && Files.isDirectory(kept) && !isEmpty(kept)) {
            return refuse("--dir must be empty or not there: " + kept);
        }
        var roles =
                new ThreeRoles(
                        home, basePort, classroomFiles, WeftdLauncher.command(), out::println);
        Runtime.getRuntime()
                .addShutdownHook(
                        new Thread(
                                () -> {
                                    interrupted = !finished;
                                    roles.close();
                                    if (kept == null) {
                                        remove(home);
                                    }
                                }));
        try {
            roles.play();
            return 0;
        } catch (ThreeRoles.Broken e) {
            return refuse("broken promise: " + e.getMessage());
        } catch (RpcClient.RpcException | IOException e) {
            return refuse(String.valueOf(e.getMessage()));
        } finally {
            finished = true;
        }
    }

    private static boolean isEmpty(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.findAny().isEmpty();
        }
    }

    private int refuse(String why) {
        if (!interrupted) {
            System.err.println("Error: " + why);
        }
        return 1;
    }

    private static void remove(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            System.err.println("Warning: " + folder + " could not be removed: " + e.getMessage());
        }
    }
}
