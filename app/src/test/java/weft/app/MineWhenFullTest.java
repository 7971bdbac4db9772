package weft.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A block as soon as enough transactions wait.
class MineWhenFullTest {
    private static final String ADDRESS = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";

    /// Anyone may spend what is paid to `OP_TRUE`.
    private static final String ANYONE = "raw(51)";

    private static void pay(RunningNode node, int height) {
        String hash = node.call("getblockhash", height).asString();
        String coin = node.call("getblock", hash, 1).path("tx").get(0).asString();
        String hex =
                node.call(
                                "createrawtransaction",
                                List.of(Map.of("txid", coin, "vout", 0)),
                                List.of(Map.of(ADDRESS, "49.999")))
                        .asString();
        node.call("sendrawtransaction", hex);
    }

    @Test
    @Timeout(120)
    @DisplayName(
            "S-125 -minewhenmempool=3: the third transaction is followed by a block with all three")
    void shouldMakeABlockWhenTheNthTransactionArrives(@TempDir Path folder) throws Exception {
        try (RunningNode node =
                RunningNode.start(
                        folder,
                        "-acceptnonstdtxn=1",
                        "-minewhenmempool=3",
                        "-mineaddress=" + ADDRESS)) {
            node.call("generatetodescriptor", 106, ANYONE);
            pay(node, 1);
            pay(node, 2);
            Thread.sleep(1_000);
            assertThat(node.height()).isEqualTo(106);
            assertThat(node.call("getmempoolinfo").path("size").asInt()).isEqualTo(2);

            pay(node, 3);
            RunningNode.await(Duration.ofSeconds(60), () -> node.height() == 107);
            String tip = node.call("getbestblockhash").asString();
            var txs = node.call("getblock", tip, 2).path("tx");
            assertThat(txs.size()).isEqualTo(4);
            assertThat(
                            txs.get(0)
                                    .path("vout")
                                    .get(0)
                                    .path("scriptPubKey")
                                    .path("address")
                                    .asString())
                    .isEqualTo(ADDRESS);
            assertThat(node.call("getmempoolinfo").path("size").asInt()).isZero();

            pay(node, 4);
            pay(node, 5);
            Thread.sleep(500);
            assertThat(node.height()).isEqualTo(107);
            pay(node, 6);
            RunningNode.await(Duration.ofSeconds(60), () -> node.height() == 108);
        }
    }

    @Test
    @Timeout(120)
    @DisplayName(
            "S-125 -minewhenmempool is refused with one line outside regtest, and without an address")
    void shouldRefuseOtherNetworksInOneLine(@TempDir Path folder) throws Exception {
        assertThat(error(folder, "-signet", "-minewhenmempool=3", "-mineaddress=" + ADDRESS))
                .isEqualTo("Error: -minewhenmempool is for regtest only\n");
        assertThat(error(folder, "-regtest", "-minewhenmempool=3"))
                .isEqualTo("Error: -minewhenmempool needs -mineaddress\n");
        assertThat(error(folder, "-regtest", "-minewhenmempool=0", "-mineaddress=" + ADDRESS))
                .isEqualTo("Error: -minewhenmempool must be 1 to 100000\n");
        assertThat(error(folder, "-regtest", "-minewhenmempool=2", "-mineaddress=x"))
                .isEqualTo("Error: -mineaddress is no address of this network: x\n");
        assertThat(error(folder, "-regtest", "-mineaddress=" + ADDRESS))
                .isEqualTo("Error: -mineaddress needs -minewhenmempool\n");
    }

    private static String error(Path folder, String... options) throws Exception {
        var all = new java.util.ArrayList<>(List.of(options));
        all.addAll(List.of("-datadir=" + folder, "-printtoconsole=0", "-listen=0", "-server=0"));
        try (WeftProcess node = WeftProcess.weftd(folder, all.toArray(String[]::new))) {
            WeftProcess.Ended ended = node.await(Duration.ofSeconds(60));
            assertThat(ended.exitCode()).isEqualTo(1);
            return ended.err();
        }
    }
}
