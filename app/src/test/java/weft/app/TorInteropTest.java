package weft.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// Tor itself at the other end of the control port, with its network switched off: it speaks to us alone.
@Timeout(120)
class TorInteropTest {
    private static final Path PROGRAM =
            Path.of(System.getProperty("weft.tor", "target/tor/usr/sbin/tor")).toAbsolutePath();

    private static final Duration SOON = Duration.ofSeconds(60);

    @BeforeEach
    void assumeTor() throws Exception {
        Assumptions.assumeTrue(
                Files.isExecutable(PROGRAM)
                        && new ProcessBuilder(PROGRAM.toString(), "--version").start().waitFor()
                                == 0,
                "needs tor, which .ci/run unpacks, or -Dweft.tor=PROGRAM");
    }

    private static Process startTor(Path folder, int port) throws Exception {
        Files.createDirectories(folder.resolve("data"));
        Path settings =
                Files.writeString(
                        folder.resolve("torrc"),
                        """
                        DisableNetwork 1
                        SocksPort 0
                        ControlPort 127.0.0.1:%d
                        CookieAuthentication 1
                        DataDirectory %s
                        """
                                .formatted(port, folder.resolve("data")));
        Process tor =
                new ProcessBuilder(
                                PROGRAM.toString(),
                                "-f",
                                settings.toString(),
                                "--defaults-torrc",
                                "/dev/null")
                        .redirectErrorStream(true)
                        .redirectOutput(folder.resolve("console.txt").toFile())
                        .start();
        RunningNode.await(SOON, () -> !tor.isAlive() || answers(port));
        assertThat(tor.isAlive()).as(Files.readString(folder.resolve("console.txt"))).isTrue();
        return tor;
    }

    private static boolean answers(int port) {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    private static List<String> onions(RunningNode node) {
        var found = new ArrayList<String>();
        for (JsonNode each : node.call("getnetworkinfo").get("localaddresses")) {
            if (each.get("address").asString().endsWith(".onion")) {
                found.add(each.get("address").asString());
            }
        }
        return found;
    }

    @Test
    @DisplayName(
            "Tor gives us an onion service by SAFECOOKIE and ADD_ONION, and the same one again")
    void shouldAskTorForAnOnionService(@TempDir Path folder) throws Exception {
        int port = FreePorts.one();
        Process tor = startTor(folder.resolve("tor"), port);
        try (RunningNode node =
                RunningNode.start(
                        folder.resolve("node"),
                        "-connect=0",
                        "-debug=tor",
                        "-listenonion=1",
                        "-torcontrol=127.0.0.1:" + port)) {
            RunningNode.await(SOON, () -> onions(node).size() == 1);
            List<String> first = onions(node);
            assertThat(first.getFirst()).matches("[a-z2-7]{55}d\\.onion");
            Path key = node.networkFolder().resolve("onion_v3_private_key");
            assertThat(Files.readString(key)).startsWith("ED25519-V3:");
            assertThat(Files.readString(node.networkFolder().resolve("debug.log")))
                    .contains("SAFECOOKIE");

            // Another Tor, without a memory: the key is ours.
            tor.destroyForcibly().waitFor();
            RunningNode.await(SOON, () -> onions(node).isEmpty());
            tor = startTor(folder.resolve("other"), port);
            RunningNode.await(SOON, () -> onions(node).equals(first));

            // And we come back with it too.
            assertThat(node.stop()).isZero();
            node.startAgain();
            RunningNode.await(SOON, () -> onions(node).equals(first));
        } finally {
            tor.destroyForcibly();
        }
    }
}
