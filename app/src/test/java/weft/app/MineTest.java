package weft.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import weft.consensus.Network;
import weft.primitives.Bytes;
import weft.primitives.address.PrivateKey;

/// `weft mine` against real nodes.
class MineTest {
    private static final String ADDRESS = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";

    @Test
    @Timeout(120)
    void shouldMineForOurNodeByCookie(@TempDir Path folder) throws Exception {
        try (RunningNode node = RunningNode.start(folder.resolve("node"))) {
            WeftProcess.Ended ended =
                    WeftProcess.run(
                            folder,
                            "mine",
                            "--rpcport=" + node.rpcPort,
                            "--datadir=" + node.folder,
                            "--address=" + ADDRESS,
                            "--blocks=5",
                            "--threads=2",
                            "--coinbase-text=hello");

            assertThat(ended.exitCode()).as(ended.out() + ended.err()).isZero();
            assertThat(ended.err()).isEmpty();
            assertThat(ended.out())
                    .contains("mining block 1 of regtest with 2 threads", "block 5 ", "MH/s")
                    .doesNotContain("refused");
            assertThat(node.height()).isEqualTo(5);
            JsonNode block = node.call("getblock", node.call("getbestblockhash").asString(), 2);
            JsonNode coinbase = block.path("tx").get(0);
            assertThat(coinbase.path("vout").get(0).path("scriptPubKey").path("address").asString())
                    .isEqualTo(ADDRESS);
            assertThat(coinbase.path("vin").get(0).path("coinbase").asString())
                    .endsWith(Bytes.wrap(ascii("hello")).toHex());
        }
    }

    @Test
    @Timeout(120)
    void shouldMineForBitcoinCoreByPassword(@TempDir Path folder) throws Exception {
        CoreNode.assumeThere();
        // The form that Bitcoin Core's rpcauth.py writes: salt, and HMAC-SHA256 of the password.
        var mac = javax.crypto.Mac.getInstance("HmacSHA256");
        mac.init(new javax.crypto.spec.SecretKeySpec(ascii("5a17"), "HmacSHA256"));
        String hash = Bytes.wrap(mac.doFinal(ascii("secret"))).toHex();
        try (var core = new CoreNode(folder.resolve("core"), "-rpcauth=me:5a17$" + hash)) {
            WeftProcess.Ended ended =
                    WeftProcess.run(
                            folder,
                            "mine",
                            "--rpcconnect=127.0.0.1:" + core.rpcPort,
                            "--rpcuser=me",
                            "--rpcpassword=secret",
                            "--descriptor=addr(" + ADDRESS + ")",
                            "--blocks=3");

            assertThat(ended.exitCode()).as(ended.out() + ended.err()).isZero();
            assertThat(core.call("getblockcount").asInt()).isEqualTo(3);
            assertThat(ended.out()).contains("block 3 ");
        }
    }

    @Test
    @Timeout(180)
    void shouldSignAndGrindBlocksOfASignetOfItsOwn(@TempDir Path folder) throws Exception {
        String secret = "05".repeat(32);
        Bytes key = PrivateKey.of(Bytes.parse(secret), true).publicKey();
        String challenge = Bytes.parse("5121").plus(key).plus(Bytes.parse("51ae")).toHex();
        try (RunningNode node =
                RunningNode.startOn(
                        Network.SIGNET, folder.resolve("node"), "-signetchallenge=" + challenge)) {
            String[] common = {
                "mine",
                "--network=signet",
                "--rpcport=" + node.rpcPort,
                "--datadir=" + node.folder,
                "--address=tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx",
                "--blocks=1"
            };
            CommandLineRun wrong = run(common, "--signet-key=" + "06".repeat(32));
            assertThat(wrong.exitCode()).isEqualTo(1);
            assertThat(wrong.err()).contains("does not solve the challenge").hasLineCount(1);

            CommandLineRun right = run(common, "--signet-key=" + secret);
            assertThat(right.exitCode()).as(right.out() + right.err()).isZero();
            assertThat(node.height()).isEqualTo(1);
        }
    }

    /// In this process, whose compiler is the better one: four million hashes are wanted.
    private static CommandLineRun run(String[] common, String last) {
        String[] all = java.util.Arrays.copyOf(common, common.length + 1);
        all[common.length] = last;
        return CommandLineRun.of(all);
    }

    @Test
    @Timeout(120)
    void shouldWaitForANodeThatIsStartedAgain(@TempDir Path folder) throws Exception {
        // At the difficulty of a public network nothing is found: the miner only follows.
        try (RunningNode node = RunningNode.startOn(Network.TESTNET4, folder.resolve("node"));
                WeftProcess miner =
                        WeftProcess.weft(
                                folder,
                                "mine",
                                "--network=testnet4",
                                "--rpcport=" + node.rpcPort,
                                "--datadir=" + node.folder,
                                "--address=tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx",
                                "--threads=1")) {
            miner.awaitOutput("MH/s, block 1, 0 accepted", Duration.ofSeconds(60));
            node.stop();
            miner.awaitOutput("waiting for the node", Duration.ofSeconds(60));
            node.startAgain();
            RunningNode.await(Duration.ofSeconds(60), () -> minesAgain(miner));
            miner.process().destroy();
            assertThat(miner.await(Duration.ofSeconds(60)).err()).isEmpty();
        }
    }

    private static boolean minesAgain(WeftProcess miner) {
        try {
            String out = miner.out();
            int waited = out.lastIndexOf("waiting for the node");
            int rate = out.lastIndexOf(" MH/s");
            return rate > waited && !out.substring(rate - 4, rate).equals("0.00");
        } catch (java.io.IOException e) {
            return false;
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    @Test
    @Timeout(60)
    void shouldSayInOneLineWhatIsWrong() throws Exception {
        assertThat(error("mine")).contains("--address or --descriptor");
        assertThat(error("mine", "--address=nonsense")).contains("no address of regtest");
        assertThat(error("mine", "--address=" + ADDRESS, "--threads=0"))
                .contains("--threads must be 1 to");
        assertThat(error("mine", "--address=" + ADDRESS, "--coinbase-text=" + "x".repeat(76)))
                .contains("more than 75 bytes");
        assertThat(error("mine", "--network=signet", "--address=" + ADDRESS))
                .contains("--signet-key is needed");
        assertThat(error("mine", "--address=" + ADDRESS, "--rpcport=" + FreePorts.one()))
                .contains("Could not connect to the server");
    }

    private static String error(String... arguments) {
        CommandLineRun ended = CommandLineRun.of(arguments);
        assertThat(ended.exitCode()).isEqualTo(1);
        assertThat(ended.err()).startsWith("Error: ").hasLineCount(1);
        return ended.err();
    }
}
