package weft.app.village;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;

/// Three nodes with three parts: the central node routes, the miner keeps transactions and makes blocks, the
/// wallet makes payments and keeps a whole chain. A payment is followed through its life, and all three must
/// know the same balances, also after six blocks were replaced by seven.
final class ThreeRoles implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final int MATURITY_BLOCKS = 100;
    private static final int PAYMENTS = 4;
    private static final int THRESHOLD = 2;
    private static final int REPLACED = 6;
    private static final String SUBSIDY = "50";
    private static final String FEE = "0.0001";

    private final List<VillageNode> nodes = new ArrayList<>();
    private final List<ClassroomKey> keys = new ArrayList<>();
    private final Consumer<String> out;
    private final MessageFlow flow;
    private int coins;

    /// Something that was promised did not come true.
    static final class Broken extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Broken(String what) {
            super(what);
        }
    }

    /// Nodes that are not started.
    ///
    /// @param basePort of the central node; the others listen on the two after it, RPC is 100 higher
    /// @param classroomFiles name files as lessons do, `blockchain_3000.db` and `wallet_3000.db`
    /// @param out gets lines for the reader
    ThreeRoles(
            Path folder,
            int basePort,
            boolean classroomFiles,
            List<String> launcher,
            Consumer<String> out)
            throws IOException {
        this.out = out;
        var random = new SplittableRandom(basePort);
        for (String name : List.of("central", "miner", "wallet")) {
            int port = basePort + nodes.size();
            ClassroomKey key = ClassroomKey.next(random);
            keys.add(key);
            Path home = folder.resolve(classroomFiles ? "blockchain_" + port + ".db" : name);
            Files.createDirectories(folder);
            Files.writeString(
                    folder.resolve(classroomFiles ? "wallet_" + port + ".db" : name + "-key.txt"),
                    key.address() + " " + key.secret() + "\n");
            boolean mines = name.equals("miner");
            VillageNode.Role role = mines ? VillageNode.Role.MINER : VillageNode.Role.FULL;
            var more = new ArrayList<String>();
            // Whom a node dials is fixed: all goes through the central node.
            more.add("-connect=" + (nodes.isEmpty() ? "0" : "127.0.0.1:" + basePort));
            if (nodes.isEmpty()) {
                more.add("-capturemessages");
            }
            more.add("-role=" + role.name().toLowerCase(Locale.ROOT));
            if (mines) {
                more.add("-minewhenmempool=" + THRESHOLD);
                more.add("-mineaddress=" + key.address());
            }
            nodes.add(
                    new VillageNode(
                            new VillageNode.Home(name, role, port, port + 100, home, ""),
                            launcher,
                            more));
        }
        this.flow = new MessageFlow(central());
    }

    private VillageNode central() {
        return nodes.get(0);
    }

    private VillageNode miner() {
        return nodes.get(1);
    }

    private VillageNode wallet() {
        return nodes.get(2);
    }

    private String address(VillageNode node) {
        return keys.get(nodes.indexOf(node)).address();
    }

    /// Plays it all.
    ///
    /// @throws Broken if a promise was not kept
    void play() throws IOException, InterruptedException {
        long begun = micros();
        for (VillageNode node : nodes) {
            node.start();
        }
        for (VillageNode node : nodes) {
            node.awaitRpc(PATIENCE);
            out.accept(
                    String.format(
                            Locale.ROOT,
                            "%-7s -role=%-5s %s  rpc 127.0.0.1:%d  %s",
                            node.home().name(),
                            node.call("getnetworkinfo").path("role").asString(),
                            node.home().address(),
                            node.home().rpcPort(),
                            node.home().folder()));
        }
        chapter("They meet: the central node is all that the others know");
        await("two peers of central", () -> central().call("getpeerinfo").size() == 2);
        miner().call("generatetoaddress", PAYMENTS, address(wallet()));
        miner().call("generatetoaddress", MATURITY_BLOCKS, address(miner()));
        awaitSameTip();
        flow.learnNames();
        out.accept("Messages of the central node, until all have the same blocks:");
        flow.lines(begun, micros()).forEach(line -> out.accept("  " + line));
        payment();
        replacement();
        out.accept("");
        out.accept("All promises kept.");
    }

    private void chapter(String title) {
        out.accept("");
        out.accept(title);
    }

    private void payment() throws IOException, InterruptedException {
        chapter("The life of a transaction, in five steps");
        int height = height(miner());
        long begun = micros();
        String first = pay(wallet(), address(central()), "1.5");
        step(1, begun, "wallet created and signed " + first);
        pay(wallet(), address(miner()), "0.5");
        await("the payment at the miner", () -> isIn(miner(), first) || height(miner()) > height);
        step(2, begun, "miner received it and keeps it in its mempool");
        await("a block", () -> height(miner()) > height);
        step(3, begun, "its mempool reached " + THRESHOLD + ": miner made block " + tip(miner()));
        await("the block at central", () -> tip(central()).equals(tip(miner())));
        step(4, begun, "the block reached central");
        awaitSameTip();
        int confirmations =
                wallet().call("getrawtransaction", first, 1, tip(wallet()))
                        .path("confirmations")
                        .asInt();
        promise(confirmations == 1, "the payment has a confirmation at the wallet's node");
        step(5, begun, "wallet has the block, and verified the payment");
        long end = micros();
        flow.learnNames();
        out.accept("Messages of the central node meanwhile:");
        flow.lines(begun, end).forEach(line -> out.accept("  " + line));
        sameBalances("1.5");
    }

    private void replacement() throws InterruptedException {
        chapter("Six blocks are replaced by seven");
        wallet().call("setnetworkactive", false);
        await("wallet alone", () -> wallet().call("getpeerinfo").isEmpty());
        String third = pay(central(), address(central()), "0.25");
        await("the payment at the miner", () -> isIn(miner(), third));
        miner().call("generatetoaddress", REPLACED, address(miner()));
        String old = tip(miner());
        await("the six blocks at central", () -> tip(central()).equals(old));
        promise(!isIn(central(), third), "the third payment is in a block");
        for (int i = 0; i <= REPLACED; i++) {
            wallet().call("generateblock", address(wallet()), List.of());
        }
        wallet().call("setnetworkactive", true);
        wallet().call("addnode", central().home().address(), "onetry");
        awaitSameTip();
        promise(!tip(miner()).equals(old), "seven blocks beat six");
        for (VillageNode node : List.of(central(), miner())) {
            promise(
                    branch(node, old) == REPLACED,
                    node.home().name() + " put aside " + REPLACED + " blocks");
        }
        sameBalances("1.5");
        promise(isIn(miner(), third), "the third payment waits again");
        pay(wallet(), address(miner()), "0.5");
        await("no payment waits", () -> !isIn(miner(), third));
        awaitSameTip();
        sameBalances("1.75");
    }

    private static int branch(VillageNode node, String tip) {
        for (JsonNode each : node.call("getchaintips")) {
            if (each.path("hash").asString().equals(tip)) {
                return each.path("branchlen").asInt();
            }
        }
        return -1;
    }

    /// Asks each of the three for the balance of the central node's address, at the same tip.
    private void sameBalances(String expected) {
        for (VillageNode node : nodes) {
            JsonNode found =
                    node.call("scantxoutset", "start", List.of("addr(" + address(central()) + ")"));
            var amount = found.path("total_amount").decimalValue();
            String at = found.path("bestblock").asString();
            out.accept(
                    String.format(
                            Locale.ROOT,
                            "  %-7s says: central has %s BTC at block %s %s",
                            node.home().name(),
                            amount.stripTrailingZeros().toPlainString(),
                            found.path("height").asString(),
                            at));
            promise(
                    amount.compareTo(new BigDecimal(expected)) == 0,
                    node.home().name() + " knows " + expected + " BTC of central");
            promise(at.equals(tip(wallet())), "all are asked at the same tip");
        }
    }

    /// Makes a payment of the wallet's next coin and gives it to a node.
    private String pay(VillageNode through, String to, String amount) {
        String hash = wallet().call("getblockhash", ++coins).asString();
        String coin = wallet().call("getblock", hash, 1).path("tx").get(0).asString();
        var change = new BigDecimal(SUBSIDY).subtract(new BigDecimal(amount));
        String unsigned =
                wallet().call(
                                "createrawtransaction",
                                List.of(Map.of("txid", coin, "vout", 0)),
                                List.of(
                                        Map.of(to, amount),
                                        Map.of(
                                                address(wallet()),
                                                change.subtract(new BigDecimal(FEE))
                                                        .toPlainString())))
                        .asString();
        JsonNode signed =
                wallet().call(
                                "signrawtransactionwithkey",
                                unsigned,
                                List.of(keys.getLast().secret()));
        promise(signed.path("complete").asBoolean(), "the wallet's key signs");
        return through.call("sendrawtransaction", signed.path("hex").asString()).asString();
    }

    private static boolean isIn(VillageNode node, String txid) {
        for (JsonNode each : node.call("getrawmempool")) {
            if (each.asString().equals(txid)) {
                return true;
            }
        }
        return false;
    }

    private static String tip(VillageNode node) {
        return node.call("getbestblockhash").asString();
    }

    private static int height(VillageNode node) {
        return node.call("getblockcount").asInt();
    }

    private void awaitSameTip() throws InterruptedException {
        await(
                "the same tip at all three",
                () -> tip(central()).equals(tip(miner())) && tip(wallet()).equals(tip(miner())));
    }

    private static void await(String what, BooleanSupplier holds) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!holds.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new Broken("not within " + PATIENCE.toSeconds() + " s: " + what);
            }
            Thread.sleep(10);
        }
    }

    private static void promise(boolean kept, String what) {
        if (!kept) {
            throw new Broken(what);
        }
    }

    private void step(int number, long begun, String what) {
        out.accept(
                String.format(
                        Locale.ROOT,
                        "  %d. %s  %+.3f s  %s",
                        number,
                        Instant.now().truncatedTo(ChronoUnit.MILLIS),
                        (micros() - begun) / 1e6,
                        what));
    }

    private static long micros() {
        Instant now = Instant.now();
        return now.getEpochSecond() * 1_000_000 + now.getNano() / 1_000;
    }

    /// Stops every process.
    @Override
    public void close() {
        nodes.forEach(VillageNode::close);
    }
}
