package weft.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/// Between us and Bitcoin Core once both know all blocks; `-Dweft.bitcoind=PATH` says where it is.
@Timeout(180)
class CoreRelayTest {
    private static final String ADDRESS = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";
    private static final Duration SOON = Duration.ofSeconds(60);

    @BeforeEach
    void assumeBitcoinCore() {
        CoreNode.assumeThere();
    }

    private static void awaitSame(CoreNode core, RunningNode node, int height)
            throws InterruptedException {
        RunningNode.await(
                SOON,
                () ->
                        node.height() == height
                                && core.call("getbestblockhash")
                                        .equals(node.call("getbestblockhash"))
                                && core.call("getpeerinfo").size() == 1
                                && node.call("getpeerinfo").size() == 1);
    }

    private static void awaitInMempool(CoreNode core, RunningNode node, String txid)
            throws InterruptedException {
        RunningNode.await(
                SOON,
                () ->
                        core.call("getrawmempool").toString().contains(txid)
                                && node.call("getrawmempool").toString().contains(txid));
    }

    private static boolean got(JsonNode peers, String message) {
        return peers.get(0).get("bytesrecv_per_msg").has(message);
    }

    private static void assertTransport(RunningNode node, boolean v2) {
        assertThat(node.call("getpeerinfo").get(0).get("transport_protocol_type").asString())
                .isEqualTo(v2 ? "v2" : "v1");
    }

    private static String log(RunningNode node) throws IOException {
        return Files.readString(node.networkFolder().resolve("debug.log"));
    }

    private static void connect(CoreNode core, RunningNode node, boolean weDial, boolean v2) {
        if (weDial) {
            node.call("addnode", "127.0.0.1:" + core.port, "onetry", v2);
        } else {
            core.call("addnode", "127.0.0.1:" + node.port, "onetry", v2);
        }
    }

    @ParameterizedTest(name = "{displayName}: we dial {0}, v2 {1}")
    @CsvSource({"true, true", "true, false", "false, true", "false, false"})
    @DisplayName("S-90 S-114 compact blocks, and transactions by wtxid, to and from Bitcoin Core")
    void shouldRelayBothWays(boolean weDial, boolean v2, @TempDir Path folder) throws Exception {
        try (var core =
                        new CoreNode(
                                folder.resolve("core"), "-connect=0", "-listen=1", "-debug=net");
                RunningNode node = RunningNode.start(folder.resolve("node"), "-connect=0")) {
            String ours = OpenCoins.mine(node);
            connect(core, node, weDial, v2);
            awaitSame(core, node, 101);
            JsonNode here = node.call("getpeerinfo").get(0);
            JsonNode there = core.onlyPeer();
            assertTransport(node, v2);
            assertThat(here.get("inbound").asBoolean()).isEqualTo(!weDial);
            assertThat(there.get("session_id")).isEqualTo(here.get("session_id"));
            assertThat(here.get("session_id").asString()).hasSize(v2 ? 64 : 0);

            // One transaction each way, announced by wtxid.
            String raw = OpenCoins.spend(ours);
            String txid = node.call("sendrawtransaction", raw).asString();
            awaitInMempool(core, node, txid);
            String wtxid = node.call("decoderawtransaction", raw).get("hash").asString();
            assertThat(wtxid).isNotEqualTo(txid);
            assertThat(core.log()).contains("got inv: wtx " + wtxid);

            // Our block with it goes as a compact one, and theirs comes as one.
            node.call("generatetoaddress", 1, ADDRESS);
            awaitSame(core, node, 102);
            assertThat(got(core.call("getpeerinfo"), "cmpctblock")).as("ours").isTrue();
            String second =
                    node.call("getblock", node.call("getblockhash", 2)).get("tx").get(0).asString();
            String other = OpenCoins.spend(second);
            String otherId = core.call("sendrawtransaction", other).asString();
            awaitInMempool(core, node, otherId);
            String otherWtxid = core.call("decoderawtransaction", other).get("hash").asString();
            assertThat(log(node)).contains("got inv: wtx " + otherWtxid);
            String block = core.call("generatetoaddress", 1, ADDRESS).get(0).asString();
            awaitSame(core, node, 103);
            assertThat(got(node.call("getpeerinfo"), "cmpctblock")).as("theirs").isTrue();
            assertThat(node.call("getblock", block).get("tx").toString()).contains(otherId);
            assertThat(node.call("getrawmempool")).isEmpty();
        }
    }

    @ParameterizedTest(name = "{displayName}: we dial {0}, v2 {1}")
    @CsvSource({"true, true", "true, false", "false, true", "false, false"})
    @DisplayName("a parent without a fee and its child pass as a package, to and from Bitcoin Core")
    void shouldPassPackagesOn(boolean weDial, boolean v2, @TempDir Path folder) throws Exception {
        try (var core = new CoreNode(folder.resolve("core"), "-connect=0", "-listen=1");
                RunningNode node = RunningNode.start(folder.resolve("node"), "-connect=0")) {
            String first = OpenCoins.mine(node);
            node.call("generatetoaddress", 1, ADDRESS);
            String second =
                    node.call("getblock", node.call("getblockhash", 2)).get("tx").get(0).asString();
            connect(core, node, weDial, v2);
            awaitSame(core, node, 102);
            assertTransport(node, v2);

            JsonNode sent = node.call("submitpackage", OpenCoins.parentAndChild(node, first));
            assertThat(sent.get("package_msg").asString()).isEqualTo("success");
            RunningNode.await(SOON, () -> core.call("getrawmempool").size() == 2);

            sent = core.call("submitpackage", OpenCoins.parentAndChild(node, second));
            assertThat(sent.get("package_msg").asString()).isEqualTo("success");
            RunningNode.await(SOON, () -> node.call("getrawmempool").size() == 4);
            assertThat(core.call("getrawmempool").size()).isEqualTo(4);
        }
    }

    @ParameterizedTest(name = "{displayName}: we dial {0}, v2 {1}")
    @CsvSource({"true, true", "true, false", "false, true", "false, false"})
    @DisplayName("S-43 after either is killed and comes back, both are connected and agree again")
    void shouldFindEachOtherAgain(boolean weDial, boolean v2, @TempDir Path folder)
            throws Exception {
        String transport = "-v2transport=" + (v2 ? 1 : 0);
        int port = FreePorts.one();
        try (RunningNode node =
                        RunningNode.start(
                                folder.resolve("node"),
                                transport,
                                "-connect=" + (weDial ? "127.0.0.1:" + port : "0"));
                var core =
                        new CoreNode(
                                folder.resolve("core"),
                                transport,
                                "-bind=127.0.0.1:" + port,
                                "-listen=1",
                                "-connect=" + (weDial ? "0" : "127.0.0.1:" + node.port))) {
            node.call("generatetoaddress", 10, ADDRESS);
            awaitSame(core, node, 10);
            assertTransport(node, v2);

            core.kill();
            node.call("generatetoaddress", 5, ADDRESS);
            core.startAgain();
            awaitSame(core, node, 15);
            assertTransport(node, v2);

            node.kill();
            core.call("generatetoaddress", 5, ADDRESS);
            node.startAgain();
            awaitSame(core, node, 20);
            assertTransport(node, v2);
            core.call("generatetoaddress", 1, ADDRESS);
            awaitSame(core, node, 21);
        }
    }
}
