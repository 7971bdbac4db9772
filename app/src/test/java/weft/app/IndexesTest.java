package weft.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.NullNode;

/// The indexes of a running node: built in the background, killed in the middle, asked by RPC.
class IndexesTest {
    private static final String ADDRESS = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";
    private static final String OTHER = "raw(51)";
    private static final String[] ALL = {
        "-txindex", "-blockfilterindex", "-coinstatsindex", "-addressindex"
    };
    private static final int KILLS = 5;

    private static boolean areSynced(RunningNode node, int height) {
        JsonNode all = node.call("getindexinfo");
        if (all.size() != ALL.length) {
            return false;
        }
        boolean synced = true;
        for (JsonNode each : all) {
            synced &= each.get("synced").asBoolean();
            synced &= each.get("best_block_height").asInt() == height;
        }
        return synced;
    }

    private static void await(RunningNode node) throws InterruptedException {
        RunningNode.await(Duration.ofSeconds(60), () -> areSynced(node, node.height()));
    }

    /// What the indexes say must be what the coins say.
    private static void check(RunningNode node) {
        JsonNode indexed = node.call("gettxoutsetinfo", "muhash");
        JsonNode counted = node.call("gettxoutsetinfo", "muhash", NullNode.instance, false);
        assertThat(indexed.has("block_info")).isTrue();
        assertThat(counted.has("block_info")).isFalse();
        for (String name : new String[] {"height", "bestblock", "txouts", "bogosize", "muhash"}) {
            assertThat(indexed.get(name)).as(name).isEqualTo(counted.get(name));
        }
        for (int height : new int[] {1, node.height() / 2, node.height()}) {
            String hash = node.call("getblockhash", height).asString();
            JsonNode block = node.call("getblock", hash, 1);
            String txid = block.get("tx").get(0).asString();
            assertThat(node.call("getrawtransaction", txid, 1).get("blockhash").asString())
                    .isEqualTo(hash);
            assertThat(node.call("getblockfilter", hash).get("header").asString()).hasSize(64);
        }
        JsonNode balance = node.call("getaddressbalance", ADDRESS);
        JsonNode coins = node.call("getaddressutxos", ADDRESS);
        JsonNode scanned = node.call("scantxoutset", "start", List.of("addr(" + ADDRESS + ")"));
        BigDecimal amount = scanned.get("total_amount").decimalValue();
        assertThat(balance.get("balance").decimalValue()).isEqualByComparingTo(amount);
        assertThat(coins.get("total_amount").decimalValue()).isEqualByComparingTo(amount);
        assertThat(coins.get("utxos").size()).isEqualTo(scanned.get("unspents").size());
        JsonNode history = node.call("getaddresshistory", ADDRESS, 0, 10);
        assertThat(history.get("history").size()).isEqualTo(10);
        assertThat(history.get("more").asBoolean()).isTrue();
    }

    @Test
    @Timeout(240)
    @DisplayName("P6 indexes are built in the background, follow reorganisations and survive kills")
    void shouldBuildIndexesInTheBackgroundAndSurviveKills(@TempDir Path folder) throws Exception {
        var random = new SplittableRandom(11);
        try (RunningNode node = RunningNode.start(folder)) {
            node.call("generatetoaddress", 150, ADDRESS);
            node.call("generatetodescriptor", 20, OTHER);
        }
        for (int i = 0; i < KILLS; i++) {
            try (RunningNode node = RunningNode.start(folder, ALL)) {
                Thread.sleep(random.nextInt(200));
                node.call("generatetoaddress", 5, ADDRESS);
                if (i % 2 == 1) {
                    // Ten blocks back, and others in their place.
                    int fork = node.height() - 9;
                    node.call("invalidateblock", node.call("getblockhash", fork).asString());
                    node.call("generatetodescriptor", 11, OTHER);
                }
                Thread.sleep(random.nextInt(50));
                node.kill();
            }
        }
        try (RunningNode node = RunningNode.start(folder, ALL)) {
            await(node);
            check(node);
            assertThat(node.stop()).isZero();
        }
    }

    @Test
    @Timeout(60)
    void shouldRefuseFiltersThatAreNotThere(@TempDir Path folder) throws Exception {
        refused(
                folder,
                "-peerblockfilters",
                "Cannot set -peerblockfilters without -blockfilterindex.");
        refused(folder, "-blockfilterindex=abc", "Unknown -blockfilterindex value abc.");
    }

    private static void refused(Path folder, String option, String why)
            throws IOException, InterruptedException {
        Files.createDirectories(folder);
        try (WeftProcess node =
                WeftProcess.weftd(folder, "-regtest", "-datadir=" + folder, option)) {
            WeftProcess.Ended ended = node.await(Duration.ofSeconds(60));
            assertThat(ended.exitCode()).isEqualTo(1);
            assertThat(ended.err().lines()).containsExactly("Error: " + why);
        }
    }
}
