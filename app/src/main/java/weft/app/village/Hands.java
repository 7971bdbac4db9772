package weft.app.village;

import java.io.IOException;
import weft.app.rpc.RpcClient;

/// Does what the watcher asks for.
final class Hands {
    private static final int MATURITY_BLOCKS = 101;
    private static final long PAYMENT_SATOSHIS = 100_000_000L;

    private final Village village;
    private final Purses purses;
    private final VillageScreen screen;
    private int payments;

    Hands(Village village, Purses purses, VillageScreen screen) {
        this.village = village;
        this.purses = purses;
        this.screen = screen;
    }

    /// Carries out one line, such as `k 2`; what fails is told, not thrown.
    void act(String line) throws InterruptedException {
        String[] words = line.split("\\s+");
        try {
            switch (words[0]) {
                case "m" -> mine();
                case "s" -> send();
                case "k" -> kill(pick(words));
                case "r" -> revive(pick(words));
                default -> screen.tell("? " + Keys.HELP);
            }
        } catch (RpcClient.RpcException | IOException e) {
            screen.tell("that failed: " + e.getMessage());
        }
    }

    private VillageNode pick(String[] words) throws IOException {
        try {
            int number = words.length > 1 ? Integer.parseInt(words[1]) : village.nodes().size();
            return village.node(number - 1);
        } catch (NumberFormatException | IndexOutOfBoundsException e) {
            throw new IOException("there is no node " + words[1], e);
        }
    }

    private void mine() {
        VillageNode miner =
                village.alive().stream()
                        .filter(node -> node.home().role() == VillageNode.Role.MINER)
                        .findFirst()
                        .orElseGet(() -> village.alive().getFirst());
        String block =
                miner.call("generatetoaddress", 1, purses.address(village.nodes().indexOf(miner)))
                        .get(0)
                        .asString();
        screen.tell(miner.home().name() + " found block " + block);
    }

    private void send() {
        VillageNode payer = village.alive().getFirst();
        int from = village.nodes().indexOf(payer);
        int to = 1 + payments++ % (village.nodes().size() - 1);
        if (!purses.hasMatureCoin(payer, from)) {
            payer.call("generatetoaddress", MATURITY_BLOCKS, purses.address(from));
            screen.tell(
                    payer.home().name()
                            + " mined "
                            + MATURITY_BLOCKS
                            + " blocks to have something to spend");
        }
        String txid = purses.pay(village, from, to, PAYMENT_SATOSHIS);
        screen.tell(
                payer.home().name()
                        + " pays "
                        + village.node(to).home().name()
                        + " 1 BTC: "
                        + txid);
    }

    private void kill(VillageNode node) throws InterruptedException {
        node.kill();
        screen.tell(node.home().name() + " got SIGKILL");
    }

    private void revive(VillageNode node) throws IOException, InterruptedException {
        if (node.isAlive()) {
            screen.tell(node.home().name() + " is alive already");
            return;
        }
        village.revive(node);
        screen.tell(node.home().name() + " is back");
    }
}
