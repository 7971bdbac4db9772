package weft.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import weft.wire.MessageCodec;

/// `weft listen`, as typed.
class ListenTest {
    private static final String ADDRESS = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";

    private static Set<String> kinds(String out) {
        var kinds = new TreeSet<String>();
        out.lines()
                .filter(line -> line.matches("[a-z0-9]+ +\\d+ bytes"))
                .forEach(line -> kinds.add(line.substring(0, line.indexOf(' '))));
        return kinds;
    }

    @Test
    @Timeout(120)
    @DisplayName("S-83 weft listen shakes hands and prints ten kinds of messages until Ctrl-C")
    void shouldPrintWhatANodeSays(@TempDir Path folder) throws Exception {
        try (RunningNode node = RunningNode.start(folder.resolve("node"), "-connect=0")) {
            node.call("generatetoaddress", 1, ADDRESS);
            node.call("addpeeraddress", "8.8.8.8", 18_444);
            for (int i = 1; i < 30; i++) {
                node.call("addpeeraddress", "8." + i + ".1.1", 18_444);
            }
            try (WeftProcess listener =
                    WeftProcess.weft(
                            folder.resolve("listener"), "listen", "127.0.0.1:" + node.port)) {
                listener.awaitOutput("ping ", Duration.ofSeconds(60));
                node.call("generatetoaddress", 1, ADDRESS);
                RunningNode.await(
                        Duration.ofSeconds(60),
                        () -> {
                            try {
                                return kinds(listener.out()).size() >= 10
                                        && kinds(listener.out()).contains("block");
                            } catch (java.io.IOException e) {
                                throw new java.io.UncheckedIOException(e);
                            }
                        });
                assertThat(kinds(listener.out()))
                        .contains("version", "verack", "ping", "sendcmpct", "feefilter")
                        .contains("addrv2", "headers", "inv", "block");
                assertThat(listener.out())
                        .contains("connected to 127.0.0.1:" + node.port + " (regtest)")
                        .contains("/weft:0.1.0/ protocol 70017 height 1");
                listener.interrupt();
                assertThat(listener.await(Duration.ofSeconds(60)).err()).isEmpty();
            }
        }
    }

    @Test
    @Timeout(120)
    @DisplayName(
            "S-50 S-90 weft listen --detail shows version's five fields, and inv, getdata, then the thing")
    void shouldShowTheThreeSteps(@TempDir Path folder) throws Exception {
        try (RunningNode node = RunningNode.start(folder.resolve("node"), "-connect=0")) {
            String coinbase = OpenCoins.mine(node);
            try (WeftProcess listener =
                    WeftProcess.weft(
                            folder.resolve("listener"),
                            "listen",
                            "--detail",
                            "127.0.0.1:" + node.port)) {
                listener.awaitOutput("ping ", Duration.ofSeconds(60));
                String txid = node.call("sendrawtransaction", OpenCoins.spend(coinbase)).asString();
                String wtxid = node.call("getrawtransaction", txid, 1).get("hash").asString();
                listener.awaitOutput("\ntx  ", Duration.ofSeconds(60));
                String block = node.call("generatetoaddress", 1, ADDRESS).get(0).asString();
                listener.awaitOutput("\nblock  ", Duration.ofSeconds(60));
                listener.interrupt();
                String out = listener.await(Duration.ofSeconds(60)).out();
                assertThat(out)
                        .containsPattern(
                                """
                                (?m)^version +[0-9]+ bytes
                                   version    70017
                                   nTime      [0-9]{10}
                                   addrMe     \\S+
                                   addrYou    \\S+
                                   BestHeight 101
                                """);
                assertSteps(out, "tx", wtxid);
                assertSteps(out, "block", block);
                assertThat(out.indexOf("   tx         " + wtxid)).isPositive();
            }
        }
    }

    /// First they announce it, then we ask for it, then it comes.
    private static void assertSteps(String out, String kind, String id) {
        List<String> lines = out.lines().toList();
        String about = String.format("   %-10s %s", kind, id);
        var steps = new ArrayList<String>();
        String message = "";
        for (String line : lines) {
            if (!line.startsWith("   ")) {
                message = line.replaceAll(" +[0-9]+ bytes$", "");
            } else if (line.equals(about)) {
                steps.add(message);
            }
        }
        assertThat(steps).as(out).containsExactly("inv", "-> getdata", kind);
    }

    @Test
    @Timeout(60)
    @DisplayName("S-83 messages that TCP splits or merges are printed once each, and whole")
    void shouldPutMessagesTogether(@TempDir Path folder) throws Exception {
        try (var server =
                        new ServerSocket(
                                0, 1, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}));
                WeftProcess listener =
                        WeftProcess.weft(folder, "listen", "127.0.0.1:" + server.getLocalPort())) {
            var bytes = new ByteArrayOutputStream();
            bytes.write(
                    RawPeer.frame("version", MessageCodec.encode(RawPeer.version()).toByteArray()));
            bytes.write(RawPeer.frame("verack", new byte[0]));
            bytes.write(RawPeer.frame("ping", new byte[8]));
            bytes.write(RawPeer.frame("unheardof", new byte[100_000]));
            bytes.write(RawPeer.frame("inv", new byte[] {0}));
            byte[] all = bytes.toByteArray();
            try (Socket socket = server.accept()) {
                socket.setTcpNoDelay(true);
                OutputStream out = socket.getOutputStream();
                // The first frame byte by byte, the second cut in its header, the rest at once.
                int cut = 24 + 93 + 10;
                for (int i = 0; i < cut; i++) {
                    out.write(all, i, 1);
                    out.flush();
                }
                Thread.sleep(100);
                out.write(all, cut, all.length - cut);
                out.flush();
                listener.awaitOutput("inv ", Duration.ofSeconds(60));
                // Closing while something is unread would reset the connection.
                socket.shutdownOutput();
                socket.getInputStream().readAllBytes();
            }
            WeftProcess.Ended ended = listener.await(Duration.ofSeconds(60));
            assertThat(ended.exitCode()).isZero();
            assertThat(ended.out().lines().filter(line -> line.endsWith(" bytes")))
                    .containsExactly(
                            "version      93 bytes",
                            "verack       0 bytes",
                            "ping         8 bytes",
                            "unheardof    100000 bytes",
                            "inv          1 bytes");
            assertThat(ended.out()).endsWith("the node hung up\n");
        }
    }

    @Test
    void shouldSayInOneLineWhatIsWrong(@TempDir Path folder) throws Exception {
        String nobody = "127.0.0.1:" + FreePorts.one();
        for (List<String> wrong :
                List.of(
                        List.of(nobody),
                        List.of("127.0.0.1:0"),
                        List.of("127.0.0.1:99999"),
                        List.of("127.0.0.1:http"),
                        List.of("no-such-host.invalid:18444"),
                        List.of(nobody, "--network", "moon"),
                        List.of(nobody, "--count", "many"),
                        List.<String>of())) {
            var arguments = new java.util.ArrayList<>(wrong);
            arguments.addFirst("listen");
            WeftProcess.Ended ended = WeftProcess.run(folder, arguments.toArray(String[]::new));
            assertThat(ended.exitCode()).as("%s", wrong).isEqualTo(1);
            assertThat(ended.err().lines()).as("%s %s", wrong, ended.err()).hasSize(1);
            assertThat(ended.err()).as("%s", wrong).startsWith("Error: ");
        }
    }
}
