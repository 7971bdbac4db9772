package weft.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A library that nobody here wrote: Debian's python3-bitcoinlib calls us, and is our peer.
@Timeout(120)
class BitcoinlibInteropTest {
    /// Debian's own: its packages are seen by no other.
    private static final Path PYTHON = Path.of("/usr/bin/python3");

    private static final Path SCRIPT = Path.of("src/test/python/bitcoinlib_client.py");
    private static final String UNKNOWN = "02".repeat(32);

    @BeforeEach
    void assumeBitcoinlib() throws Exception {
        boolean there =
                Files.isExecutable(PYTHON)
                        && new ProcessBuilder(PYTHON.toString(), "-c", "import bitcoin.rpc")
                                        .start()
                                        .waitFor()
                                == 0;
        Assumptions.assumeTrue(there, "needs python3-bitcoinlib, which .ci/run installs");
    }

    @Test
    @DisplayName("S-51 S-80 S-121 python3-bitcoinlib calls our RPC, and is our peer")
    void shouldServeBitcoinlib(@TempDir Path folder) throws Exception {
        try (RunningNode node = RunningNode.start(folder.resolve("node"))) {
            OpenCoins.mine(node);
            Path settings =
                    Files.writeString(
                            folder.resolve("bitcoin.conf"),
                            "rpcconnect=127.0.0.1\nrpcport=%d\ndatadir=%s\n"
                                    .formatted(node.rpcPort, node.folder));
            Path out = folder.resolve("out.txt");
            Process client =
                    new ProcessBuilder(
                                    PYTHON.toString(),
                                    SCRIPT.toString(),
                                    Integer.toString(node.port),
                                    settings.toString())
                            .redirectErrorStream(true)
                            .redirectOutput(out.toFile())
                            .start();
            boolean ended = client.waitFor(60, TimeUnit.SECONDS);
            client.destroyForcibly();
            String said = Files.readString(out);
            assertThat(ended).as(said).isTrue();
            assertThat(client.exitValue()).as(said).isZero();
            compare(node, said);
        }
    }

    private static void compare(RunningNode node, String said) {
        String first = node.call("getblockhash", 1).asString();
        String best = node.call("getbestblockhash").asString();
        assertThat(told(said, "getblockcount")).containsExactly("101");
        assertThat(told(said, "getblockhash")).containsExactly(first);
        assertThat(told(said, "getblockheader")).containsExactly(first);
        assertThat(told(said, "getblockheader-height")).containsExactly("1");
        assertThat(told(said, "getblock")).containsExactly(first);
        assertThat(told(said, "getblock-unknown")).containsExactly("IndexError");
        assertThat(told(said, "gettxout")).containsExactly(Long.toString(OpenCoins.REWARD));
        assertThat(told(said, "validateaddress")).containsExactly("True");
        assertThat(told(said, "getmininginfo")).containsExactly("regtest");
        assertThat(told(said, "getrawmempool")).isEqualTo(told(said, "sendrawtransaction"));
        assertThat(told(said, "getrawtransaction")).isEqualTo(told(said, "sendrawtransaction"));
        String spent = told(said, "sendrawtransaction").getFirst();
        assertThat(node.call("getblock", node.call("getblockhash", 102).asString()).toString())
                .contains(spent);
        assertThat(told(said, "submitblock")).as("no objection").containsExactly("None");
        assertThat(told(said, "getbestblockhash")).containsExactly(best);
        assertThat(told(said, "mined")).containsExactly(best);

        assertThat(told(said, "version")).containsExactly("/weft:0.1.0/");
        assertThat(told(said, "height")).containsExactly("103");
        assertThat(told(said, "pong")).containsExactly("77", "78", "79");
        assertThat(told(said, "headers")).containsExactly("103");
        assertThat(told(said, "headers-last")).containsExactly(best);
        assertThat(told(said, "inv"))
                .containsExactly(node.call("getblockhash", 102).asString() + "," + best);
        assertThat(told(said, "block")).containsExactly(node.call("getblockhash", 2).asString());
        assertThat(told(said, "tx-known")).containsExactly("True");
        assertThat(node.call("getrawmempool").get(0).asString())
                .isEqualTo(told(said, "tx").getFirst());
        assertThat(told(said, "notfound")).containsExactly(UNKNOWN);
    }

    /// What it told under a name, in order.
    private static List<String> told(String said, String name) {
        var matcher =
                Pattern.compile("^" + Pattern.quote(name) + " (.*)$", Pattern.MULTILINE)
                        .matcher(said);
        var values = new ArrayList<String>();
        while (matcher.find()) {
            values.add(matcher.group(1));
        }
        return values;
    }
}
