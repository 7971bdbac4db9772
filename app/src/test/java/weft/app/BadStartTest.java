package weft.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import weft.consensus.ChainParams;
import weft.consensus.Network;
import weft.crypto.Sha256;
import weft.primitives.Bytes;
import weft.store.Disk;

/// Starts that must fail: one line on standard error, exit code 1, and the folder as it was.
class BadStartTest {
    private static final String ADDRESS = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";

    /// Every file of a folder with a hash of what is in it.
    private static Map<String, String> contents(Path folder) throws IOException {
        var all = new TreeMap<String, String>();
        try (var files = Files.walk(folder)) {
            for (Path each : files.toList()) {
                String name = folder.relativize(each).toString();
                all.put(
                        name,
                        Files.isRegularFile(each)
                                ? Bytes.wrap(Sha256.hash(Files.readAllBytes(each))).toHex()
                                : "");
            }
        }
        return all;
    }

    private static WeftProcess.Ended weftd(Path scratch, Path home, String... options)
            throws IOException, InterruptedException {
        var all = new ArrayList<>(List.of("-datadir=" + home));
        all.addAll(List.of(options));
        try (WeftProcess node = WeftProcess.weftd(scratch, all.toArray(String[]::new))) {
            return node.await(Duration.ofSeconds(60));
        }
    }

    private static void assertRefused(WeftProcess.Ended ended, String part) {
        assertThat(ended.err()).startsWith("Error: ").contains(part);
        assertThat(ended.err().lines()).as("one line").hasSize(1);
        assertThat(ended.exitCode()).isEqualTo(1);
    }

    @Test
    void shouldRefuseWrongValuesAndTouchNothing(@TempDir Path scratch) throws Exception {
        Path home = Files.createDirectory(scratch.resolve("home"));
        var wrong = new TreeMap<String, String>();
        wrong.put("-port=70000", "Invalid port specified in -port: '70000'");
        wrong.put(
                "-blocksdir=no/folder", "Specified blocks directory \"no/folder\" does not exist.");
        wrong.put("-port=many", "Invalid port specified in -port: 'many'");
        wrong.put("-bind=nowhere at all", "Cannot resolve -bind address: 'nowhere at all'");
        wrong.put("-whitelist=1.2.3.4/99", "Invalid netmask specified in -whitelist");
        wrong.put("-maxmempool=1", "-maxmempool must be at least 5 MB");
        wrong.put("-peertimeout=0", "peertimeout must be a positive integer");
        wrong.put("-keepalive=often", "-keepalive must be core, classic or lesson10");
        wrong.put("-uacomment=a/b", "contains unsafe characters");
        wrong.put("-minimumchainwork=xyz", "Invalid non-hex");
        wrong.put("-conf=none.conf", "specified config file \"none.conf\" could not be opened");
        wrong.put("-testnet", "Invalid combination of -regtest, -signet, -testnet");
        wrong.put("-chain=moon", "Invalid combination");
        wrong.put("-probe=1.2.3.4/77", "Invalid netmask specified in -probe");
        wrong.put("stop", "unexpected token 'stop'");
        wrong.put("-central=nowhere at all", "Cannot resolve -central address");
        for (Map.Entry<String, String> each : wrong.entrySet()) {
            assertRefused(weftd(scratch, home, "-regtest", each.getKey()), each.getValue());
            assertThat(home).as(each.getKey()).isEmptyDirectory();
        }
    }

    @Test
    void shouldRefuseFoldersThatAreNone(@TempDir Path scratch) throws Exception {
        Path file = Files.writeString(scratch.resolve("file"), "precious");
        assertRefused(weftd(scratch, file, "-regtest"), "does not exist");
        assertThat(file).hasContent("precious");

        // No folder can be made where a file stands.
        Path home = Files.createDirectory(scratch.resolve("home"));
        Files.writeString(home.resolve("regtest"), "precious");
        Map<String, String> before = contents(home);
        assertRefused(weftd(scratch, home, "-regtest"), "Cannot create data directory");
        assertThat(contents(home)).isEqualTo(before);
    }

    @Test
    void shouldRefuseAnUnreadableConfiguration(@TempDir Path scratch) throws Exception {
        Path home = Files.createDirectory(scratch.resolve("home"));
        Files.write(home.resolve("bitcoin.conf"), new byte[] {'a', '=', (byte) 0xff, '\n'});
        Map<String, String> before = contents(home);
        WeftProcess.Ended ended = weftd(scratch, home, "-regtest");
        assertRefused(ended, "bitcoin.conf");
        assertThat(contents(home)).isEqualTo(before);
    }

    @Test
    void shouldRefuseAFolderOfAnotherNetwork(@TempDir Path scratch) throws Exception {
        Path home = Files.createDirectory(scratch.resolve("home"));
        Path folder = home.resolve("regtest");
        ChainParams other = ChainParams.of(Network.SIGNET);
        String mark = other.network().chainName() + " " + other.genesis().hash();
        Disk.open(folder, mark, "weft").close();
        Map<String, String> before = contents(home);
        assertRefused(
                weftd(scratch, home, "-regtest"), "belongs to the network signet 00000008819873");
        assertThat(contents(home)).isEqualTo(before);
    }

    @Test
    void shouldKeepTheChainWhenAPortIsBusy(@TempDir Path scratch) throws Exception {
        String tip;
        Path home = scratch.resolve("home");
        try (RunningNode node = RunningNode.start(home)) {
            node.call("generatetoaddress", 3, ADDRESS);
            tip = node.call("getbestblockhash").asString();
            assertThat(node.stop()).isZero();
        }
        Map<String, String> before = contents(home.resolve("regtest").resolve("blocks"));
        // On all addresses of this machine.
        try (var busy = new ServerSocket(0)) {
            int port = busy.getLocalPort();
            int free = FreePorts.one();
            WeftProcess.Ended peers =
                    weftd(
                            scratch,
                            home,
                            "-regtest",
                            "-printtoconsole=0",
                            "-bind=127.0.0.1:" + port,
                            "-rpcport=" + free);
            assertRefused(peers, "Unable to bind to 127.0.0.1:" + port);
            WeftProcess.Ended rpc =
                    weftd(
                            scratch,
                            home,
                            "-regtest",
                            "-printtoconsole=0",
                            "-bind=127.0.0.1:" + free,
                            "-rpcport=" + port);
            assertRefused(rpc, "Unable to start HTTP server");
        }
        assertThat(contents(home.resolve("regtest").resolve("blocks"))).isEqualTo(before);
        try (RunningNode node = RunningNode.start(home)) {
            assertThat(node.call("getbestblockhash").asString()).isEqualTo(tip);
        }
    }
}
