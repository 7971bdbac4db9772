package weft.server.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import weft.primitives.Bytes;
import weft.primitives.log.Log;

/// The server of metrics, asked byte by byte.
@Timeout(60)
class MetricsServerTest {
    private static final Bytes TEXT = Bytes.wrap("weft 1\n".getBytes(StandardCharsets.US_ASCII));
    private static final int REQUESTS_MAX = 8;

    private static MetricsServer start(Supplier<Bytes> text, Duration patience) throws IOException {
        var bind = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        var options = new MetricsServer.Options(bind, List.of("Weft.Home"), patience);
        return MetricsServer.start(text, options, Log.NONE);
    }

    private static MetricsServer start() throws IOException {
        return start(() -> TEXT, MetricsServer.Options.PATIENCE);
    }

    private static Socket dial(MetricsServer server) throws IOException {
        return new Socket(InetAddress.getLoopbackAddress(), server.port());
    }

    private static void say(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().flush();
    }

    private static String rest(Socket socket) throws IOException {
        try {
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        } catch (SocketException e) {
            // Closed with something unread.
            return "";
        }
    }

    /// The whole answer; empty if the connection was closed.
    private static String ask(MetricsServer server, String line, String host) throws IOException {
        try (Socket socket = dial(server)) {
            say(socket, line + " HTTP/1.1\r\n" + host + "Connection: close\r\n\r\n");
            return rest(socket);
        }
    }

    private static int status(MetricsServer server, String line, String host) throws IOException {
        return Integer.parseInt(ask(server, line, host).split(" ", -1)[1]);
    }

    private static int statusOf(MetricsServer server, String host) throws IOException {
        return status(server, "GET /metrics", "Host: " + host + "\r\n");
    }

    @Test
    void shouldAnswerInTheFormatOfPrometheus() throws IOException {
        try (MetricsServer server = start()) {
            String answer = ask(server, "GET /metrics?debug=1", "Host: localhost:9332\r\n");
            assertThat(answer)
                    .startsWith("HTTP/1.1 200 ")
                    .containsIgnoringCase(
                            "\r\nContent-type: text/plain; version=0.0.4; charset=utf-8\r\n")
                    .doesNotContainIgnoringCase("Access-Control")
                    .endsWith("\r\n\r\nweft 1\n");
        }
    }

    @Test
    void shouldRefuseNamesOfOthers() throws IOException {
        try (MetricsServer server = start()) {
            for (String ours :
                    List.of(
                            "localhost",
                            "LOCALHOST:1",
                            "127.0.0.1",
                            "127.0.0.1:9332",
                            "[::1]:9332",
                            "10.0.0.7:9332",
                            "weft.home",
                            "weft.home:9332")) {
                assertThat(statusOf(server, ours)).as(ours).isEqualTo(200);
            }
            for (String theirs :
                    List.of(
                            "evil.example",
                            "evil.example:9332",
                            "localhost.evil.example",
                            "127.0.0.1.evil.example",
                            "evil.weft.home",
                            "localhost:9332:9332",
                            "")) {
                assertThat(statusOf(server, theirs)).as(theirs).isEqualTo(403);
            }
            assertThat(status(server, "GET /metrics", "")).as("no name").isEqualTo(403);
            assertThat(status(server, "GET /", "Host: evil.example\r\n")).isEqualTo(403);
        }
    }

    @Test
    void shouldAnswerOnePathToOneMethod() throws IOException {
        try (MetricsServer server = start()) {
            String host = "Host: localhost\r\n";
            for (String path : List.of("/", "/metrics/", "/metrics/x", "/METRICS", "/rest/x")) {
                assertThat(status(server, "GET " + path, host)).as(path).isEqualTo(404);
            }
            for (String method : List.of("POST", "PUT", "DELETE", "OPTIONS", "HEAD")) {
                String answer = ask(server, method + " /metrics", host + "Content-Length: 0\r\n");
                assertThat(answer).as(method).startsWith("HTTP/1.1 405 ").doesNotContain("weft 1");
                assertThat(answer).containsIgnoringCase("\r\nAllow: GET\r\n");
            }
        }
    }

    @Test
    void shouldSayThatTheNodeStops() throws IOException {
        Supplier<Bytes> stopping =
                () -> {
                    throw new IllegalStateException("the node is shutting down");
                };
        try (MetricsServer server = start(stopping, MetricsServer.Options.PATIENCE)) {
            assertThat(statusOf(server, "localhost")).isEqualTo(503);
        }
    }

    @Test
    void shouldWorkOnFewRequestsAtOnce() throws Exception {
        var begun = new CountDownLatch(REQUESTS_MAX);
        var go = new CountDownLatch(1);
        Supplier<Bytes> slow =
                () -> {
                    begun.countDown();
                    try {
                        go.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    return TEXT;
                };
        try (MetricsServer server = start(slow, Duration.ofMinutes(1))) {
            var waiting = new ArrayList<Socket>();
            for (int i = 0; i < REQUESTS_MAX; i++) {
                Socket socket = dial(server);
                say(
                        socket,
                        "GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
                waiting.add(socket);
            }
            begun.await();
            assertThat(ask(server, "GET /metrics", "Host: localhost\r\n")).as("one more").isEmpty();
            go.countDown();
            for (Socket each : waiting) {
                assertThat(rest(each)).startsWith("HTTP/1.1 200 ");
                each.close();
            }
            while (!ask(server, "GET /metrics", "Host: localhost\r\n").contains(" 200 ")) {
                // The last place is given back a moment after its answer.
                Thread.sleep(1);
            }
        }
    }

    @Test
    void shouldGiveUpWhoSendsSlowly() throws Exception {
        try (MetricsServer server = start(() -> TEXT, Duration.ofMillis(300))) {
            var slow = new ArrayList<Socket>();
            for (int i = 0; i < REQUESTS_MAX; i++) {
                Socket socket = dial(server);
                say(socket, "GET /metr");
                slow.add(socket);
            }
            for (Socket each : slow) {
                assertThat(rest(each)).as("closed, not answered").doesNotContain("200");
                each.close();
            }
            while (!ask(server, "GET /metrics", "Host: localhost\r\n").contains(" 200 ")) {
                Thread.sleep(1);
            }
        }
    }
}
