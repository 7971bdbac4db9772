package weft.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// A full node that nobody here wrote: bcoin keeps the same rules in another language.
@Timeout(120)
class BcoinInteropTest {
    private static final String ADDRESS = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";
    private static final Duration SOON = Duration.ofSeconds(60);

    @BeforeEach
    void assumeBcoin() {
        BcoinNode.assumeThere();
    }

    private static void awaitSame(BcoinNode bcoin, RunningNode node, int height)
            throws InterruptedException {
        await(
                bcoin,
                () ->
                        node.height() == height
                                && bcoin.call("getbestblockhash")
                                        .equals(node.call("getbestblockhash")));
    }

    private static void await(BcoinNode bcoin, BooleanSupplier holds) throws InterruptedException {
        try {
            RunningNode.await(SOON, holds);
        } catch (AssertionError e) {
            throw new AssertionError(bcoin.console(), e);
        }
    }

    @Test
    @DisplayName("S-06 S-51 S-123 S-126 bcoin dials us: our blocks and transactions, and its own")
    void shouldServeBcoin(@TempDir Path folder) throws Exception {
        try (RunningNode node = RunningNode.start(folder.resolve("node"))) {
            String coinbase = OpenCoins.mine(node);
            try (var bcoin = new BcoinNode(folder.resolve("bcoin"), node.port)) {
                awaitSame(bcoin, node, 101);
                JsonNode peer = node.call("getpeerinfo").get(0);
                assertThat(peer.get("inbound").asBoolean()).isTrue();
                assertThat(peer.get("subver").asString()).startsWith("/bcoin:");
                assertThat(peer.get("transport_protocol_type").asString()).isEqualTo("v1");

                // A transaction with a witness goes there, is known there, and needs not be sent
                // again with its block.
                String txid = node.call("sendrawtransaction", OpenCoins.spend(coinbase)).asString();
                await(bcoin, () -> bcoin.call("getrawmempool").toString().contains(txid));
                String block = node.call("generatetoaddress", 1, ADDRESS).get(0).asString();
                awaitSame(bcoin, node, 102);
                assertThat(bcoin.call("getblock", block).get("tx").toString()).contains(txid);
                assertThat(bcoin.call("getrawmempool")).isEmpty();
                assertThat(
                                node.call("getpeerinfo")
                                        .get(0)
                                        .get("bytessent_per_msg")
                                        .has("cmpctblock"))
                        .as("the block went as a compact one")
                        .isTrue();

                // And what it finds comes here. It did not answer our first getheaders, since it
                // had nothing then, so
                // we wait two minutes before we ask again.
                node.call("setmocktime", Instant.now().getEpochSecond() + 150);
                bcoin.call("generatetoaddress", 3, ADDRESS);
                awaitSame(bcoin, node, 105);
            }
        }
    }

    @Test
    @DisplayName("S-06 S-114 S-120 we dial bcoin over the plain transport and take its blocks")
    void shouldSyncFromBcoin(@TempDir Path folder) throws Exception {
        try (var bcoin = new BcoinNode(folder.resolve("bcoin"), FreePorts.one())) {
            bcoin.call("generatetoaddress", 120, ADDRESS);
            try (RunningNode node = RunningNode.start(folder.resolve("node"), "-connect=0")) {
                // It bans an address that says what it does not understand, such as the start of
                // BIP324's handshake.
                node.call("addnode", "127.0.0.1:" + bcoin.port, "onetry", false);
                awaitSame(bcoin, node, 120);
                JsonNode peer = node.call("getpeerinfo").get(0);
                assertThat(peer.get("inbound").asBoolean()).isFalse();
                assertThat(peer.get("subver").asString()).startsWith("/bcoin:");
                assertThat(peer.get("startingheight").asInt()).isEqualTo(120);
                bcoin.call("generatetoaddress", 2, ADDRESS);
                awaitSame(bcoin, node, 122);

                // Both ways: what we find goes there.
                String coinbase = OpenCoins.mine(node);
                awaitSame(bcoin, node, 223);
                String txid = node.call("sendrawtransaction", OpenCoins.spend(coinbase)).asString();
                await(bcoin, () -> bcoin.call("getrawmempool").toString().contains(txid));
                String block = bcoin.call("generatetoaddress", 1, ADDRESS).get(0).asString();
                awaitSame(bcoin, node, 224);
                assertThat(node.call("getblock", block).get("tx").toString()).contains(txid);
                assertThat(node.call("getrawmempool")).isEmpty();
            }
        }
    }
}
