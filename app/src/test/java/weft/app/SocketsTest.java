package weft.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A node is a server and a client at once.
class SocketsTest {
    private static final int CLIENTS = 125;

    private static boolean madeRoom(Path log) {
        try {
            String text = Files.readString(log);
            return text.contains("selected inbound connection for eviction peer=")
                    || text.contains("failed to find an eviction candidate");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    @Timeout(120)
    @DisplayName(
            "S-06 S-61 one process listens and dials, serves 125 clients, either side first; no 126th")
    void shouldServeAndDial(@TempDir Path folder) throws Exception {
        try (RunningNode other = RunningNode.start(folder.resolve("other"));
                RunningNode node =
                        RunningNode.start(
                                folder.resolve("node"), "-addnode=127.0.0.1:" + other.port)) {
            RunningNode.await(
                    Duration.ofSeconds(60), () -> node.call("getconnectioncount").asInt() == 1);
            var clients = new ArrayList<RawPeer>();
            try {
                for (int i = 0; i < CLIENTS; i++) {
                    clients.add(new RawPeer(node.port).handshake());
                }
                assertThat(node.call("getnetworkinfo").get("connections_in").asInt())
                        .isEqualTo(CLIENTS);
                assertThat(node.call("getnetworkinfo").get("connections_out").asInt()).isEqualTo(1);
                for (RawPeer each : clients) {
                    // It spoke first: its ping comes without being asked for. Then we do.
                    each.await("ping");
                    assertThat(each.answersPing()).isTrue();
                }
                clients.add(new RawPeer(node.port));
                Path log = node.folder.resolve("regtest").resolve("debug.log");
                RunningNode.await(Duration.ofSeconds(60), () -> madeRoom(log));
                assertThat(node.call("getnetworkinfo").get("connections_in").asInt())
                        .isLessThanOrEqualTo(CLIENTS);
            } finally {
                for (RawPeer each : clients) {
                    each.close();
                }
            }
        }
    }
}
