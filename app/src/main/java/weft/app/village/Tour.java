package weft.app.village;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import tools.jackson.databind.JsonNode;

/// The whole story, unattended: a star becomes a mesh, blocks and a payment reach everybody, a node is lost
/// and found. Every step checks what it claims; the first promise that fails ends the tour.
final class Tour {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    /// Addresses wait half a minute on average before they are told on.
    private static final Duration GOSSIP_PATIENCE = Duration.ofSeconds(90);

    private static final int COINBASE_MATURITY = 100;
    private static final long PAYMENT_SATOSHIS = 150_000_000L;

    private final Village village;
    private final Purses purses;
    private final Report report;

    /// Where the story is told.
    interface Report {
        /// A chapter begins.
        void chapter(String title);

        /// Something was seen.
        void line(String text);
    }

    /// A promise that did not hold.
    static final class BrokenPromise extends Exception {
        private static final long serialVersionUID = 1L;

        BrokenPromise(String what) {
            super(what);
        }
    }

    Tour(Village village, Purses purses, Report report) {
        this.village = village;
        this.purses = purses;
        this.report = report;
    }

    void run() throws BrokenPromise, IOException, InterruptedException {
        meet();
        becomeMesh();
        mine();
        pay();
        loseOne();
        heal();
    }

    private VillageNode first() {
        return village.node(0);
    }

    private void meet() throws BrokenPromise, InterruptedException {
        report.chapter("1. Strangers: every node is told one address");
        for (VillageNode node : village.nodes()) {
            String friend = node.home().friend();
            report.line(
                    node.home().name()
                            + " listens on "
                            + node.home().address()
                            + (friend.isEmpty() ? ", knows nobody" : ", knows " + friend)
                            + " (process "
                            + node.pid()
                            + ")");
        }
        long begun = System.nanoTime();
        promise(
                "everybody shakes hands with " + first().home().name(),
                () -> connections(first()) >= village.nodes().size() - 1);
        report.line("all handshakes done after " + millis(begun) + " ms");
    }

    private void becomeMesh() throws BrokenPromise, InterruptedException {
        report.chapter("2. The star becomes a mesh: addresses are gossip");
        // A node whose chain is years behind does not tell its address: one fresh block wakes them.
        first().call("generatetoaddress", 1, purses.address(0));
        promiseOneTip(1, "the first block reaches everybody");
        int others = village.nodes().size() - 1;
        long begun = System.nanoTime();
        promise(
                "everybody is connected to everybody",
                GOSSIP_PATIENCE,
                () ->
                        village.portraits().stream()
                                .allMatch(each -> distinct(each.knows()) >= others));
        report.line("every node found all " + others + " others after " + millis(begun) + " ms");
        for (Village.Portrait each : village.portraits()) {
            report.line(each.name() + " knows " + String.join(" ", each.knows()));
        }
    }

    private static long distinct(List<String> knows) {
        return knows.stream().map(name -> name.substring(1)).distinct().count();
    }

    private void mine() throws BrokenPromise, InterruptedException {
        report.chapter("3. Work: the miners extend one chain");
        int blocks = COINBASE_MATURITY + 1;
        first().call("generatetoaddress", blocks - 1, purses.address(0));
        promiseOneTip(blocks, "the first miner's " + (blocks - 1) + " blocks reach everybody");
        for (VillageNode node : village.nodes()) {
            if (node.home().role() == VillageNode.Role.MINER && node != first()) {
                int index = village.nodes().indexOf(node);
                JsonNode made = node.call("generatetoaddress", 1, purses.address(index));
                report.line(node.home().name() + " finds " + made.get(0).asString());
                blocks++;
                promiseOneTip(blocks, "a block of " + node.home().name() + " reaches everybody");
            }
        }
    }

    private void pay() throws BrokenPromise, InterruptedException {
        report.chapter("4. A payment: announced, asked for, delivered, mined");
        String payee = village.node(village.nodes().size() - 1).home().name();
        String txid = purses.pay(village, 0, village.nodes().size() - 1, PAYMENT_SATOSHIS);
        report.line(first().home().name() + " pays " + payee + " 1.5 BTC: " + txid);
        promise(
                "every mempool has the payment",
                () -> village.alive().stream().allMatch(node -> waiting(node, txid)));
        int height = height(first());
        VillageNode miner =
                village.alive().stream()
                        .filter(node -> node.home().role() == VillageNode.Role.MINER)
                        .reduce((a, b) -> b)
                        .orElse(first());
        miner.call("generatetoaddress", 1, purses.address(0));
        promiseOneTip(height + 1, miner.home().name() + " mines it and everybody has the block");
        promise(
                "no mempool keeps the payment",
                () -> village.alive().stream().noneMatch(node -> waiting(node, txid)));
        String holder = purses.address(village.nodes().size() - 1);
        for (VillageNode node : village.alive()) {
            JsonNode coin = node.call("gettxout", txid, 0);
            boolean paid = coin.isObject() && coin.toString().contains(holder);
            if (!paid) {
                throw new BrokenPromise(node.home().name() + " does not see the coin of " + payee);
            }
        }
        report.line("everybody sees 1.50000000 BTC of " + payee);
    }

    private void loseOne() throws BrokenPromise, InterruptedException {
        report.chapter("5. A loss: the node that everybody was told about is killed");
        long pid = first().pid();
        first().kill();
        report.line(first().home().name() + " (process " + pid + ") got SIGKILL");
        promise(
                "the others notice",
                () ->
                        village.alive().stream()
                                .allMatch(
                                        node ->
                                                village.portraits().stream()
                                                        .filter(
                                                                each ->
                                                                        each.name()
                                                                                .equals(
                                                                                        node.home()
                                                                                                .name()))
                                                        .allMatch(
                                                                each ->
                                                                        distinct(each.knows())
                                                                                == village.alive()
                                                                                                .size()
                                                                                        - 1)));
        VillageNode miner = village.alive().getLast();
        int height = height(miner);
        miner.call("generatetoaddress", 3, purses.address(1));
        promiseOneTip(
                height + 3,
                "three more blocks reach all " + village.alive().size() + " who are left");
    }

    private void heal() throws BrokenPromise, IOException, InterruptedException {
        report.chapter("6. Healing: it comes back, knows its old friends, and catches up");
        int height = height(village.alive().getLast());
        long begun = System.nanoTime();
        village.revive(first());
        promise(
                "it is friends with everybody again",
                () -> {
                    Village.Portrait back = village.portraits().getFirst();
                    return distinct(back.knows()) == village.nodes().size() - 1;
                });
        promiseOneTip(height, "it has the blocks that it missed");
        report.line("healed " + millis(begun) + " ms after its process began");
    }

    private void promiseOneTip(int height, String what) throws BrokenPromise, InterruptedException {
        promise(
                what,
                () -> {
                    List<Village.Portrait> living =
                            village.portraits().stream()
                                    .filter(each -> each.height() >= 0)
                                    .toList();
                    return living.size() == village.alive().size()
                            && living.stream().allMatch(each -> each.height() == height)
                            && living.stream().map(Village.Portrait::tip).distinct().count() == 1;
                });
    }

    private void promise(String what, BooleanSupplier holds)
            throws BrokenPromise, InterruptedException {
        promise(what, PATIENCE, holds);
    }

    private void promise(String what, Duration patience, BooleanSupplier holds)
            throws BrokenPromise, InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (!holds.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new BrokenPromise(what + ": not within " + patience.toSeconds() + " s");
            }
            Thread.sleep(50);
        }
        report.line("ok: " + what);
    }

    private static int connections(VillageNode node) {
        return node.call("getconnectioncount").asInt();
    }

    private static int height(VillageNode node) {
        return node.call("getblockcount").asInt();
    }

    private static boolean waiting(VillageNode node, String txid) {
        for (JsonNode id : node.call("getrawmempool")) {
            if (id.asString().equals(txid)) {
                return true;
            }
        }
        return false;
    }

    private static long millis(long since) {
        return (System.nanoTime() - since) / 1_000_000;
    }
}
