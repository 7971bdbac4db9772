package weft.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import weft.app.args.Args;
import weft.app.args.ArgsFault;
import weft.server.metrics.MetricsServer;
import weft.testkit.Exposition;

/// `-metrics` of a real process, asked as Prometheus asks.
@Timeout(120)
class MetricsTest {
    private static final Duration SOON = Duration.ofSeconds(60);

    private static String ask(int port, String request, String host) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            String text = request + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n";
            socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
            socket.getOutputStream().flush();
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static Exposition scrape(int port) {
        try {
            String answer = ask(port, "GET /metrics", "127.0.0.1:" + port);
            assertThat(answer).startsWith("HTTP/1.1 200 ");
            return Exposition.parse(answer.substring(answer.indexOf("\r\n\r\n") + 4));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /// A node that answers on that port too, which it opens a moment after that of RPC.
    private static RunningNode start(Path folder, int port, String... options) throws Exception {
        var all = new ArrayList<>(List.of("-metrics=" + port));
        all.addAll(List.of(options));
        RunningNode node = RunningNode.start(folder, all.toArray(String[]::new));
        RunningNode.await(SOON, () -> isOpen(port));
        return node;
    }

    private static boolean isOpen(int port) {
        try {
            new Socket(InetAddress.getLoopbackAddress(), port).close();
            return true;
        } catch (ConnectException e) {
            return false;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /// 0 before the first of its kind.
    private static double messages(Exposition read, String direction, String message) {
        return read.samples("weft_messages_total").stream()
                .filter(each -> direction.equals(each.labels().get("direction")))
                .filter(each -> message.equals(each.labels().get("message")))
                .mapToDouble(Exposition.Sample::value)
                .sum();
    }

    @Test
    @DisplayName("U6 what messages cost, in getpeerinfo and for Prometheus")
    void shouldCountWhatAPeerSends(@TempDir Path folder) throws Exception {
        int port = FreePorts.one();
        try (RunningNode node = start(folder, port);
                RawPeer peer = new RawPeer(node.port).handshake()) {
            for (int i = 0; i < 3; i++) {
                assertThat(peer.answersPing()).isTrue();
                peer.send(RawPeer.frame("sabbatical" + i, new byte[10]));
            }
            assertThat(peer.answersPing()).isTrue();
            // An answer is at most a second old.
            RunningNode.await(SOON, () -> messages(scrape(port), "sent", "pong") == 4);
            assertThat(Files.readString(node.networkFolder().resolve("debug.log")))
                    .contains("Metrics for Prometheus at http://127.0.0.1:" + port + "/metrics");
            Exposition read = scrape(port);
            assertThat(messages(read, "received", "ping")).isEqualTo(4);
            assertThat(messages(read, "received", "*other*")).isEqualTo(3);
            assertThat(read.value("weft_message_cpu_seconds_total", "message", "ping"))
                    .isPositive();
            String id = node.call("getpeerinfo").get(0).get("id").asString();
            assertThat(read.value("weft_peer_cpu_seconds_total", "peer", id)).isPositive();
            assertThat(
                            read.value(
                                    "weft_message_bytes_total",
                                    "direction",
                                    "received",
                                    "message",
                                    "*other*"))
                    .isEqualTo(3 * (24 + 10));
            assertThat(
                            read.value(
                                    "weft_peers",
                                    "direction",
                                    "inbound",
                                    "network",
                                    "not_publicly_routable",
                                    "type",
                                    "inbound"))
                    .isOne();
            assertThat(read.samples("weft_messages_total"))
                    .noneMatch(
                            each -> each.labels().getOrDefault("message", "").startsWith("sabb"));

            JsonNode cost = node.call("getpeerinfo").get(0).get("weft").get("cost");
            JsonNode ping = cost.get("by_message").get("ping");
            assertThat(ping.get("messages").asInt()).isEqualTo(4);
            assertThat(ping.get("bytes").asInt()).isEqualTo(4 * (24 + 8));
            assertThat(cost.get("by_message").get("*other*").get("messages").asInt()).isEqualTo(3);

            node.call("generatetoaddress", 2, "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080");
            RunningNode.await(
                    SOON,
                    () ->
                            scrape(port).samples("weft_chain_height").stream()
                                    .anyMatch(each -> each.value() == 2));

            assertThat(ask(port, "GET /metrics", "evil.example")).startsWith("HTTP/1.1 403 ");
            assertThat(ask(port, "POST /metrics", "localhost")).startsWith("HTTP/1.1 405 ");
            assertThat(ask(port, "GET /", "localhost")).startsWith("HTTP/1.1 404 ");
            assertThat(node.stop()).isZero();
        }
    }

    @Test
    void shouldServeALightNodeToo(@TempDir Path folder) throws Exception {
        int port = FreePorts.one();
        try (RunningNode node = start(folder, port, "-role=spv")) {
            assertThat(scrape(port).value("weft_chain_headers_height")).isZero();
            assertThat(node.stop()).isZero();
        }
    }

    @Test
    void shouldOpenNoPortUnasked(@TempDir Path folder) throws Exception {
        try (RunningNode node = RunningNode.start(folder)) {
            assertThat(node.stop()).isZero();
            assertThat(Files.readString(node.networkFolder().resolve("debug.log")))
                    .doesNotContain("Metrics");
            assertThat(options()).isEmpty();
            assertThat(options("-nometrics")).isEmpty();
            assertThat(options("-metrics=0")).isEmpty();
        }
    }

    private static Optional<MetricsServer.Options> options(String... arguments) {
        return MetricsArgs.options(Args.parse(arguments));
    }

    @Test
    void shouldListenWhereItWasTold() {
        assertThat(options("-metrics=9332").orElseThrow().bind().toString())
                .isEqualTo("/127.0.0.1:9332");
        assertThat(options("-metrics=0.0.0.0:9332").orElseThrow().bind().toString())
                .isEqualTo("/0.0.0.0:9332");
        assertThat(options("-metrics=[::1]:9332").orElseThrow().bind().getAddress())
                .matches(InetAddress::isLoopbackAddress);
        assertThat(
                        options("-metrics=9332", "-metricshost=a", "-metricshost=B")
                                .orElseThrow()
                                .names())
                .isEqualTo(List.of("a", "b"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-metrics",
                "-metrics=65536",
                "-metrics=name:9332",
                "-metrics=1.2.3.4",
                "-metrics=1.2.3.400:9332",
                "-metrics=::1:9332",
                "-metrics=[::g]:9332",
                "-metricshost=a",
            })
    void shouldRefuseWhatMakesNoSense(String argument) {
        assertThatThrownBy(() -> options(argument)).isInstanceOf(ArgsFault.class);
    }
}
