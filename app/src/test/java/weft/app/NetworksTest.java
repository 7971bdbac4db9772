package weft.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;
import weft.app.rpc.RpcClient;
import weft.consensus.ChainParams;
import weft.consensus.Network;
import weft.testkit.Vectors;

/// Every network starts; nothing here dials or resolves anything but this machine.
@Timeout(600)
class NetworksTest {
    private static final Duration SOON = Duration.ofMinutes(2);

    private static String log(RunningNode node) throws Exception {
        return Files.readString(node.networkFolder().resolve("debug.log"));
    }

    private static WeftProcess.Ended weftd(Path scratch, String... options) throws Exception {
        try (WeftProcess node = WeftProcess.weftd(scratch, options)) {
            return node.await(SOON);
        }
    }

    @ParameterizedTest
    @EnumSource(Network.class)
    void shouldStartAndStop(Network network, @TempDir Path folder) throws Exception {
        ChainParams params = ChainParams.of(network);
        try (RunningNode node = RunningNode.startOn(network, folder, "-connect=0")) {
            JsonNode told = node.call("getblockchaininfo");
            assertThat(told.get("chain").asString()).isEqualTo(network.chainName());
            assertThat(told.get("blocks").asInt()).isZero();
            assertThat(told.get("bestblockhash").asString())
                    .isEqualTo(params.genesis().hash().toHex());
            assertThat(node.call("getconnectioncount").asInt()).isZero();
            assertThat(node.stop()).isZero();
            assertThat(log(node)).contains("Shutdown: done");
            long needed = params.trust().assumedBlockchainGb() * 1_000_000_000L;
            assertThat(log(node).contains("may not accommodate the block files"))
                    .isEqualTo(folder.toFile().getUsableSpace() < needed);
        }
        Path own = folder.resolve(params.identity().subfolder());
        assertThat(own.resolve("blocks")).isDirectory();
        assertThat(own.resolve("chainstate")).isDirectory();
        assertThat(own.resolve(".network"))
                .content()
                .startsWith(network.chainName() + " " + params.genesis().hash());
    }

    @Test
    void shouldKeepToolsOfTestsOffThePublicNetworks(@TempDir Path folder) throws Exception {
        try (RunningNode node = RunningNode.startOn(Network.TESTNET4, folder, "-connect=0")) {
            for (List<Object> call :
                    List.<List<Object>>of(
                            List.of("setmocktime", 1),
                            List.of("mockscheduler", 1),
                            List.of("addconnection", "127.0.0.1:1", "feeler", true))) {
                assertThat(failure(node, call))
                        .contains("is for regression testing (-regtest mode) only");
            }
        }
    }

    private static String failure(RunningNode node, List<Object> call) {
        try {
            return "no failure: "
                    + node.call((String) call.getFirst(), call.subList(1, call.size()).toArray());
        } catch (RpcClient.RpcException e) {
            return String.valueOf(e.getMessage());
        }
    }

    @Test
    void shouldRefuseAFolderOfAnotherNetwork(@TempDir Path folder) throws Exception {
        Path home = Files.createDirectory(folder.resolve("home"));
        String challenge = "-signetchallenge=51";
        try (RunningNode node =
                RunningNode.startOn(Network.SIGNET, home, "-connect=0", challenge)) {
            assertThat(log(node)).contains("Signet with challenge 51");
            assertThat(node.stop()).isZero();
        }
        // Every signet has the same first block, but not the same blocks.
        WeftProcess.Ended other =
                weftd(folder, "-signet", "-datadir=" + home, "-connect=0", "-printtoconsole=0");
        assertThat(other.exitCode()).isEqualTo(1);
        assertThat(other.err()).contains("belongs to the network signet 00000008819873");

        Files.move(home.resolve("signet"), home.resolve("testnet4"));
        WeftProcess.Ended wrong =
                weftd(folder, "-testnet4", "-datadir=" + home, "-connect=0", "-printtoconsole=0");
        assertThat(wrong.exitCode()).isEqualTo(1);
        assertThat(wrong.err()).contains("belongs to the network signet", "not to testnet4");
    }

    @Test
    void shouldRefuseSettingsOfTheMainNetwork(@TempDir Path folder) throws Exception {
        Path home = Files.createDirectory(folder.resolve("home"));
        Files.writeString(home.resolve("bitcoin.conf"), "signet=1\nconnect=0\nport=1234\n");
        WeftProcess.Ended ended = weftd(folder, "-datadir=" + home);
        assertThat(ended.exitCode()).isEqualTo(1);
        assertThat(ended.err().lines())
                .containsExactly(
                        "Error: Config setting for -connect only applied on signet network when in"
                                + " [signet] section. Config setting for -port only applied on"
                                + " signet network when in [signet] section.");
        assertThat(home.resolve("signet")).doesNotExist();
    }

    @Test
    @DisplayName(
            "A signet of one's own: its seed node is asked for addresses, and no name looked up")
    void shouldAskTheSeedOfItsOwnSignet(@TempDir Path folder) throws Exception {
        String challenge = "-signetchallenge=51";
        try (RunningNode seed =
                        RunningNode.startOn(
                                Network.SIGNET, folder.resolve("seed"), "-connect=0", challenge);
                RunningNode node =
                        RunningNode.startOn(
                                Network.SIGNET,
                                folder.resolve("node"),
                                challenge,
                                "-dnsseed=1",
                                "-signetseednode=127.0.0.1:" + seed.port)) {
            RunningNode.await(
                    SOON,
                    () ->
                            seed.call("getnettotals").get("totalbytesrecv").asInt() > 0
                                    && node.call("getnettotals").get("totalbytesrecv").asInt() > 0);
            RunningNode.await(
                    SOON,
                    () -> {
                        try {
                            return log(seed).contains("received: getaddr");
                        } catch (Exception e) {
                            throw new AssertionError(e);
                        }
                    });
            assertThat(log(node)).doesNotContain("Loading addresses from DNS seed");
        }
    }

    @Test
    @DisplayName("4,313 blocks of the main network go from one process to another")
    void shouldSynchroniseTheMainNetwork(@TempDir Path folder) throws Exception {
        byte[] file = Vectors.bytes("chain/blockruns/mainnet_0000_4312.blk");
        JsonNode expected = Vectors.json("chain/blockruns/expected.json").get("mainnet_0000_4312");
        int tip = expected.get("tip_height").asInt();
        try (RunningNode source =
                RunningNode.startOn(
                        Network.MAIN,
                        folder.resolve("source"),
                        "-connect=0",
                        "-listen=1",
                        "-minimumchainwork=0x00")) {
            submit(source, file);
            assertSame(source, expected);
            try (RunningNode node =
                            RunningNode.startOn(
                                    Network.MAIN,
                                    folder.resolve("node"),
                                    "-minimumchainwork=0x00",
                                    "-connect=127.0.0.1:" + source.port);
                    RunningNode careful =
                            RunningNode.startOn(
                                    Network.MAIN,
                                    folder.resolve("careful"),
                                    "-connect=127.0.0.1:" + source.port)) {
                RunningNode.await(SOON, () -> node.height() == tip);
                assertSame(node, expected);
                assertThat(
                                node.call("getpeerinfo")
                                        .get(0)
                                        .get("transport_protocol_type")
                                        .asString())
                        .isEqualTo("v2");
                // With the work that the main network has, these few blocks are not worth keeping.
                RunningNode.await(SOON, () -> sawLittleWork(careful));
                assertThat(careful.call("getblockchaininfo").get("headers").asInt()).isZero();
                assertThat(careful.height()).isZero();
            }
        }
    }

    private static boolean sawLittleWork(RunningNode node) {
        try {
            return log(node).contains("Initial headers sync aborted with peer=");
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /// Hands a block file of Bitcoin Core's form to a node, genesis left out.
    private static void submit(RunningNode node, byte[] file) {
        ByteBuffer in = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        for (int height = 0; in.hasRemaining(); height++) {
            in.getInt();
            byte[] block = new byte[in.getInt()];
            in.get(block);
            if (height > 0) {
                JsonNode answer = node.call("submitblock", HexFormat.of().formatHex(block));
                assertThat(answer.isNull()).as("block %s: %s", height, answer).isTrue();
            }
        }
    }

    private static void assertSame(RunningNode node, JsonNode expected) {
        JsonNode coins = node.call("gettxoutsetinfo");
        assertThat(coins.get("height").asInt()).isEqualTo(expected.get("tip_height").asInt());
        assertThat(coins.get("bestblock")).isEqualTo(expected.get("tip_hash"));
        assertThat(coins.get("hash_serialized_3")).isEqualTo(expected.get("hash_serialized_3"));
        assertThat(coins.get("txouts")).isEqualTo(expected.get("txouts"));
    }
}
