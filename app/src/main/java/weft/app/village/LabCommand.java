package weft.app.village;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import weft.app.rpc.RpcClient;

/// `weft lab`: some nodes on this machine, by port, for whoever wants to try something with them.
@Command(
        name = "lab",
        description = "Run several nodes on this machine.",
        mixinStandardHelpOptions = true,
        subcommands = {LabCommand.Up.class, LabSyncCommand.class, ScenarioCommand.class})
public final class LabCommand {
    private LabCommand() {}

    /// `weft lab up N`: nodes on ports 3000, 3001 and so on, connected, with one block that all of them have.
    @Command(
            name = "up",
            description = "Start nodes on ports that follow each other, until Ctrl-C.",
            mixinStandardHelpOptions = true)
    public static final class Up implements Callable<Integer> {
        private static final Duration PATIENCE = Duration.ofSeconds(60);
        private static final int PORT_MAX = 65_535 - 200;

        @Parameters(paramLabel = "N", description = "How many nodes, 2 to 10.")
        private int size;

        @Option(
                names = "--base-port",
                description = "Port of the first node; RPC is 100 above (default: 3000).")
        private int basePort = 3_000;

        @Option(names = "--once", description = "End as soon as all nodes have the same tip.")
        private boolean once;

        private final PrintStream out;

        /// A command that prints to standard output.
        public Up() {
            this.out = System.out;
        }

        @Override
        public Integer call() throws IOException, InterruptedException {
            if (size < 2 || size > Village.sizeMax()) {
                return refuse("N must be 2 to " + Village.sizeMax());
            }
            if (basePort < 1024 || basePort > PORT_MAX) {
                return refuse("--base-port must be 1024 to " + PORT_MAX);
            }
            Path home = Files.createTempDirectory("weft-lab-");
            var village = new Village(size, basePort, home, WeftdLauncher.command());
            Runtime.getRuntime()
                    .addShutdownHook(new Thread(() -> VillageCommand.cleanUp(village, home, true)));
            try {
                bring(village);
            } catch (RpcClient.RpcException | IOException e) {
                return refuse(String.valueOf(e.getMessage()));
            }
            if (!once) {
                out.println("Ctrl-C ends all of them.");
                new CountDownLatch(1).await();
            }
            return 0;
        }

        private static int refuse(String why) {
            System.err.println("Error: " + why);
            return 1;
        }

        private void bring(Village village) throws IOException, InterruptedException {
            long begun = System.nanoTime();
            village.start();
            VillageNode first = village.node(0);
            String owner = new Purses(1, size).address(0);
            String tip = first.call("generatetoaddress", 1, owner).get(0).asString();
            long deadline = begun + PATIENCE.toNanos();
            while (!village.nodes().stream().allMatch(node -> hasTip(node, tip))) {
                if (System.nanoTime() > deadline) {
                    throw new IOException("not all nodes have block " + tip);
                }
                Thread.sleep(20);
            }
            long millis = (System.nanoTime() - begun) / 1_000_000;
            for (VillageNode node : village.nodes()) {
                out.println(
                        node.home().name()
                                + " "
                                + node.home().address()
                                + " rpc 127.0.0.1:"
                                + node.home().rpcPort()
                                + " process "
                                + node.pid()
                                + " folder "
                                + node.home().folder());
            }
            out.println(size + " nodes have the tip " + tip + " after " + millis + " ms");
        }

        private static boolean hasTip(VillageNode node, String tip) {
            return node.call("getbestblockhash").asString().equals(tip);
        }
    }
}
