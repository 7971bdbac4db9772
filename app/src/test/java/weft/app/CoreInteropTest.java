package weft.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import weft.primitives.BlockHash;
import weft.wire.BlockLocator;
import weft.wire.GetBlocks;
import weft.wire.Inv;

/// Bitcoin Core on the other end of the wire; `-Dweft.bitcoind=PATH` says where it is.
@Timeout(120)
class CoreInteropTest {
    private static final String ADDRESS = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";
    private static final Duration SOON = Duration.ofSeconds(60);

    @BeforeEach
    void assumeBitcoinCore() {
        CoreNode.assumeThere();
    }

    private static void awaitHeight(CoreNode core, RunningNode node, int height)
            throws InterruptedException {
        RunningNode.await(
                SOON,
                () ->
                        core.call("getblockcount").asInt() == height
                                && node.height() == height
                                && core.call("getbestblockhash")
                                        .equals(node.call("getbestblockhash")));
    }

    private static void awaitPeers(CoreNode core, RunningNode node) throws InterruptedException {
        RunningNode.await(
                SOON,
                () -> isComplete(core.call("getpeerinfo")) && isComplete(node.call("getpeerinfo")));
    }

    private static boolean isComplete(JsonNode peers) {
        return peers.size() == 1
                && peers.get(0).get("bytesrecv_per_msg").has("verack")
                && peers.get(0).get("bytesrecv_per_msg").has("pong");
    }

    private static void assertTransport(CoreNode core, boolean v2) {
        assertThat(core.onlyPeer().get("transport_protocol_type").asString())
                .isEqualTo(v2 ? "v2" : "v1");
    }

    @Test
    @DisplayName(
            "S-51 S-52 S-54 S-90 S-110 we dial Bitcoin Core: one session id, and its blocks and ours")
    void shouldDialBitcoinCore(@TempDir Path folder) throws Exception {
        try (var core = new CoreNode(folder.resolve("core"))) {
            core.call("generatetoaddress", 30, ADDRESS);
            try (RunningNode node =
                    RunningNode.start(folder.resolve("node"), "-connect=127.0.0.1:" + core.port)) {
                awaitPeers(core, node);
                awaitHeight(core, node, 30);
                JsonNode here = node.call("getpeerinfo").get(0);
                JsonNode there = core.onlyPeer();
                assertThat(here.get("startingheight").asInt()).isEqualTo(30);
                assertThat(here.get("version").asInt()).isEqualTo(70_016);
                assertThat(here.get("subver").asString()).startsWith("/Satoshi:");
                assertThat(there.get("subver").asString()).isEqualTo("/weft:0.1.0/");
                assertThat(there.get("inbound").asBoolean()).isTrue();
                assertThat(here.get("transport_protocol_type").asString()).isEqualTo("v2");
                assertThat(here.get("session_id").asString())
                        .hasSize(64)
                        .isEqualTo(there.get("session_id").asString());

                // What we find goes the other way, announced first.
                node.call("generatetoaddress", 2, ADDRESS);
                awaitHeight(core, node, 32);
            }
        }
    }

    @Test
    @DisplayName("S-51 S-52 S-114 Bitcoin Core dials us, encrypted or plain, and takes our blocks")
    void shouldBeDialledByBitcoinCore(@TempDir Path folder) throws Exception {
        try (RunningNode node = RunningNode.start(folder.resolve("node"))) {
            node.call("generatetoaddress", 12, ADDRESS);
            for (String v2 : List.of("1", "0")) {
                try (var core =
                        new CoreNode(
                                folder.resolve("core" + v2),
                                "-v2transport=" + v2,
                                "-connect=127.0.0.1:" + node.port)) {
                    awaitPeers(core, node);
                    awaitHeight(core, node, 12);
                    JsonNode there = core.onlyPeer();
                    assertThat(there.get("startingheight").asInt()).isEqualTo(12);
                    assertThat(there.get("transport_protocol_type").asString())
                            .isEqualTo(v2.equals("1") ? "v2" : "v1");
                    assertThat(node.call("getpeerinfo").get(0).get("session_id"))
                            .isEqualTo(there.get("session_id"));
                }
                RunningNode.await(SOON, () -> node.call("getpeerinfo").isEmpty());
            }
        }
    }

    @Test
    @DisplayName("S-114 we dial a Bitcoin Core that speaks only the plain transport, and fall back")
    void shouldFallBackToThePlainTransport(@TempDir Path folder) throws Exception {
        try (var core = new CoreNode(folder.resolve("core"), "-v2transport=0");
                RunningNode node = RunningNode.start(folder.resolve("node"), "-connect=0")) {
            node.call("addnode", "127.0.0.1:" + core.port, "onetry", true);
            awaitPeers(core, node);
            assertThat(core.onlyPeer().get("transport_protocol_type").asString()).isEqualTo("v1");
        }
    }

    @ParameterizedTest(name = "{displayName}: v2 {0}")
    @ValueSource(booleans = {true, false})
    @DisplayName("S-31 Bitcoin Core answers our getaddr, and we answer Bitcoin Core's")
    void shouldShareAddresses(boolean v2, @TempDir Path folder) throws Exception {
        String transport = "-v2transport=" + (v2 ? 1 : 0);
        // Nobody dials these addresses: both dial only whom they are told to.
        try (var core =
                new CoreNode(folder.resolve("core"), "-connect=0", "-listen=1", transport)) {
            for (int i = 1; i <= 40; i++) {
                core.call("addpeeraddress", "8." + i + ".1.1", 18_444);
            }
            try (RunningNode node =
                    RunningNode.start(
                            folder.resolve("node"), "-connect=127.0.0.1:" + core.port, transport)) {
                awaitPeers(core, node);
                assertTransport(core, v2);
                // Answers wait half a minute on average.
                core.call("setmocktime", Instant.now().getEpochSecond() + 300);
                RunningNode.await(SOON, () -> node.call("getnodeaddresses", 0).size() >= 5);
                assertThat(node.call("getnodeaddresses", 0).size())
                        .as("at most 23 percent of Core's 40")
                        .isLessThanOrEqualTo(9);
            }
        }
        try (RunningNode node =
                RunningNode.start(folder.resolve("other"), "-connect=0", transport)) {
            for (int i = 1; i <= 40; i++) {
                node.call("addpeeraddress", "9." + i + ".1.1", 18_444);
            }
            try (var core =
                    new CoreNode(
                            folder.resolve("asker"),
                            "-connect=127.0.0.1:" + node.port,
                            transport)) {
                awaitPeers(core, node);
                assertTransport(core, v2);
                node.call("setmocktime", Instant.now().getEpochSecond() + 300);
                RunningNode.await(SOON, () -> core.call("getnodeaddresses", 0).size() >= 5);
                assertThat(core.call("getnodeaddresses", 0).size()).isLessThanOrEqualTo(9);
            }
        }
    }

    @Test
    @DisplayName(
            "S-90 inv, getdata, then the thing: Bitcoin Core takes our transaction and block that way")
    void shouldPassThingsOnInThreeSteps(@TempDir Path folder) throws Exception {
        try (var core = new CoreNode(folder.resolve("core"));
                RunningNode node = RunningNode.start(folder.resolve("node"), "-connect=0")) {
            String coinbase = OpenCoins.mine(node);
            core.call("addnode", "127.0.0.1:" + node.port, "onetry");
            awaitPeers(core, node);
            awaitHeight(core, node, 101);
            String txid = node.call("sendrawtransaction", OpenCoins.spend(coinbase)).asString();
            RunningNode.await(SOON, () -> core.call("getrawmempool").toString().contains(txid));
            JsonNode there = core.onlyPeer();
            assertThat(there.get("bytesrecv_per_msg").has("inv")).as("announced").isTrue();
            assertThat(there.get("bytessent_per_msg").has("getdata")).as("asked for").isTrue();
            assertThat(there.get("bytesrecv_per_msg").get("tx").asInt())
                    .as("and sent, once")
                    .isBetween(100, 160);
            String block = node.call("generatetoaddress", 1, ADDRESS).get(0).asString();
            awaitHeight(core, node, 102);
            assertThat(core.call("getbestblockhash").asString()).isEqualTo(block);
            assertThat(core.call("getblock", block).get("tx").toString()).contains(txid);
        }
    }

    @Test
    @DisplayName("S-121 getblocks: we answer it as Bitcoin Core does, with hashes and no block")
    void shouldAnswerGetBlocksAsBitcoinCore(@TempDir Path folder) throws Exception {
        try (var core = new CoreNode(folder.resolve("core"));
                RunningNode node =
                        RunningNode.start(
                                folder.resolve("node"), "-addnode=127.0.0.1:" + core.port)) {
            core.call("generatetoaddress", 20, ADDRESS);
            awaitHeight(core, node, 20);
            List<BlockHash> known =
                    List.of(BlockHash.parse(core.call("getblockhash", 15).asString()));
            var question = new GetBlocks(BlockLocator.of(known), BlockHash.ZERO);
            var expected = new ArrayList<String>();
            for (int height = 16; height <= 20; height++) {
                expected.add(core.call("getblockhash", height).asString());
            }
            for (int port : List.of(core.port, node.port)) {
                try (RawPeer peer = new RawPeer(port).handshake()) {
                    peer.send(question);
                    Inv answer = Inv.class.cast(peer.awaitMessage("inv"));
                    assertThat(answer.items())
                            .extracting(each -> each.blockHash().toString())
                            .containsExactlyElementsOf(expected);
                    assertThat(peer.find("block", Duration.ofSeconds(1))).isEmpty();
                }
            }
        }
    }

    @Test
    @DisplayName("S-83 weft listen prints ten kinds of messages of Bitcoin Core")
    void shouldListenToBitcoinCore(@TempDir Path folder) throws Exception {
        try (var core = new CoreNode(folder.resolve("core"))) {
            core.call("generatetoaddress", 1, ADDRESS);
            try (WeftProcess listener =
                    WeftProcess.weft(
                            folder.resolve("listener"), "listen", "127.0.0.1:" + core.port)) {
                listener.awaitOutput("ping ", SOON);
                core.call("generatetoaddress", 1, ADDRESS);
                listener.awaitOutput("block ", SOON);
                long kinds =
                        listener.out()
                                .lines()
                                .filter(line -> line.endsWith(" bytes"))
                                .map(line -> line.substring(0, line.indexOf(' ')))
                                .distinct()
                                .count();
                assertThat(kinds).as(listener.out()).isGreaterThanOrEqualTo(10);
            }
        }
    }
}
