package weft.app.village;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import weft.app.rpc.RpcClient;

/// `weft lab sync`: two nodes, one of which lacks the last blocks; shows which ones it asks for.
@Command(
        name = "sync",
        description = "Watch a node catch up from a height of your choice.",
        mixinStandardHelpOptions = true)
public final class LabSyncCommand implements Callable<Integer> {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int HEIGHT_MAX = 1_000;
    private static final Pattern REQUEST = Pattern.compile("Requesting block ([0-9a-f]{64})");

    @Option(names = "--height", description = "What the other node has (default: 220).")
    private int height = 220;

    @Option(names = "--sync-from", description = "What this one has at first (default: 217).")
    private int from = 217;

    @Option(
            names = "--base-port",
            description = "Port of the first node; RPC is 100 above (default: 3000).")
    private int basePort = 3_000;

    private final PrintStream out;

    /// A command that prints to standard output.
    public LabSyncCommand() {
        this.out = System.out;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (from < 0 || height <= from || height > HEIGHT_MAX) {
            System.err.println("Error: wanted 0 <= --sync-from < --height <= " + HEIGHT_MAX);
            return 1;
        }
        Path home = Files.createTempDirectory("weft-lab-");
        var village = new Village(2, basePort, home, WeftdLauncher.command());
        Runtime.getRuntime()
                .addShutdownHook(new Thread(() -> VillageCommand.cleanUp(village, home, true)));
        try {
            village.start();
            catchUp(village.node(0), village.node(1));
            return 0;
        } catch (RpcClient.RpcException e) {
            System.err.println("Error: " + e.getMessage());
            return 1;
        }
    }

    private void catchUp(VillageNode longer, VillageNode shorter)
            throws IOException, InterruptedException {
        shorter.call("setnetworkactive", false);
        await(() -> longer.call("getconnectioncount").asInt() == 0);
        String owner = new Purses(1, 2).address(0);
        String tip = longer.call("generatetoaddress", height, owner).get(height - 1).asString();
        for (int each = 1; each <= from; each++) {
            String hash = longer.call("getblockhash", each).asString();
            shorter.call("submitblock", longer.call("getblock", hash, 0).asString());
        }
        tell(longer);
        tell(shorter);
        Path log = shorter.home().folder().resolve("regtest").resolve("debug.log");
        long before = Files.size(log);
        shorter.call("setnetworkactive", true);
        shorter.call("addnode", longer.home().address(), "onetry");
        await(() -> shorter.call("getbestblockhash").asString().equals(tip));
        byte[] lines = Files.readAllBytes(log);
        Matcher asked =
                REQUEST.matcher(
                        new String(
                                lines,
                                (int) before,
                                lines.length - (int) before,
                                java.nio.charset.StandardCharsets.UTF_8));
        List<String> hashes = asked.results().map(each -> each.group(1)).toList();
        for (String hash : hashes) {
            int at = shorter.call("getblockheader", hash).get("height").asInt();
            out.println(shorter.home().name() + " asked for " + at + " " + hash);
        }
        tell(shorter);
    }

    private void tell(VillageNode node) {
        out.println(node.home().name() + " is at " + node.call("getblockcount").asInt());
    }

    private static void await(BooleanSupplier holds) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!holds.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new IOException("the nodes did not get there in a minute");
            }
            Thread.sleep(20);
        }
    }
}
