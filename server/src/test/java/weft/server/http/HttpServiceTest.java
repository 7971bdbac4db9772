package weft.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import weft.crypto.HmacSha256;
import weft.primitives.log.Log;

final class HttpServiceTest {
    private static final Charset UTF_8 = StandardCharsets.UTF_8;
    private static final String LOGIN = "__cookie__:secret";

    private static HttpService start(HttpService.Answerer answerer, int workers, int queue)
            throws IOException {
        var credentials =
                Credentials.of(
                        LOGIN,
                        // User "alice", password "wonderland".
                        List.of("alice:5a17$" + hash("5a17", "wonderland")));
        var options =
                new HttpService.Options(
                        List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)),
                        credentials,
                        List.of(),
                        workers,
                        queue,
                        Duration.ofSeconds(30),
                        Optional.empty());
        return HttpService.start(options, answerer, Log.NONE);
    }

    private static String hash(String salt, String password) {
        return HexFormat.of()
                .formatHex(HmacSha256.hash(salt.getBytes(UTF_8), password.getBytes(UTF_8)));
    }

    private static HttpService echo() throws IOException {
        return start(
                (body, user, path) ->
                        new HttpReply(
                                200, user + " " + path + " " + new String(body, UTF_8) + "\n"),
                4,
                16);
    }

    private record Answer(int status, Map<String, List<String>> headers, String body) {}

    private static Answer ask(HttpService service, String method, String path, String login)
            throws IOException {
        URI uri = URI.create("http://127.0.0.1:" + service.ports().getFirst() + path);
        var connection = (HttpURLConnection) uri.toURL().openConnection();
        connection.setRequestMethod(method);
        if (!login.isEmpty()) {
            String encoded = Base64.getEncoder().encodeToString(login.getBytes(UTF_8));
            connection.setRequestProperty("Authorization", "Basic " + encoded);
        }
        if (method.equals("POST")) {
            connection.setDoOutput(true);
            try (OutputStream out = connection.getOutputStream()) {
                out.write("body".getBytes(UTF_8));
            }
        }
        int status = connection.getResponseCode();
        try (InputStream in =
                status >= 400 ? connection.getErrorStream() : connection.getInputStream()) {
            String body = in == null ? "" : new String(in.readAllBytes(), UTF_8);
            // Names of headers are the same in any case, and the JDK's server changes theirs.
            var headers = new TreeMap<String, List<String>>(String.CASE_INSENSITIVE_ORDER);
            connection
                    .getHeaderFields()
                    .forEach((name, values) -> headers.put(name == null ? "" : name, values));
            return new Answer(status, headers, body);
        }
    }

    private static Answer post(HttpService service, String path, String login) throws IOException {
        return ask(service, "POST", path, login);
    }

    @Test
    void shouldAnswerWhoLogsIn() throws IOException {
        try (HttpService service = echo()) {
            Answer response = post(service, "/", LOGIN);
            assertThat(response.status()).isEqualTo(200);
            assertThat(response.body()).isEqualTo("__cookie__ / body\n");
            assertThat(response.headers().get("Content-Type")).containsExactly("application/json");
            assertThat(post(service, "/wallet/w", "alice:wonderland").body())
                    .isEqualTo("alice /wallet/w body\n");
        }
    }

    @Test
    void shouldRefuseWrongPasswordsSlowly() throws IOException {
        try (HttpService service = echo()) {
            long start = System.nanoTime();
            Answer response = post(service, "/", "__cookie__:wrong");
            assertThat(response.status()).isEqualTo(401);
            assertThat(response.headers().get("WWW-Authenticate"))
                    .containsExactly("Basic realm=\"jsonrpc\"");
            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .isGreaterThanOrEqualTo(Duration.ofMillis(250));
            assertThat(post(service, "/", "").status()).isEqualTo(401);
            assertThat(post(service, "/", "alice:looking-glass").status()).isEqualTo(401);
        }
    }

    @Test
    void shouldKnowTwoPathsAndOneMethod() throws IOException {
        try (HttpService service = echo()) {
            assertThat(post(service, "/rest/x", LOGIN).status()).isEqualTo(404);
            Answer get = ask(service, "GET", "/", LOGIN);
            assertThat(get.status()).isEqualTo(405);
            assertThat(get.body()).isEqualTo("JSONRPC server handles only POST requests");
        }
    }

    @Test
    void shouldRefuseWhenTheQueueIsFull() throws Exception {
        var release = new CountDownLatch(1);
        try (HttpService service =
                start(
                        (body, user, path) -> {
                            try {
                                release.await();
                            } catch (InterruptedException e) {
                                Thread.currentThread().interrupt();
                            }
                            return new HttpReply(200, "done\n");
                        },
                        1,
                        1)) {
            var statuses = new LinkedBlockingQueue<Integer>();
            for (int i = 0; i < 6; i++) {
                Thread.ofVirtual()
                        .start(
                                () -> {
                                    try {
                                        statuses.add(post(service, "/", LOGIN).status());
                                    } catch (IOException e) {
                                        statuses.add(-1);
                                    }
                                });
            }
            // One is worked on, one waits, four find no room.
            for (int i = 0; i < 4; i++) {
                assertThat(statuses.poll(10, TimeUnit.SECONDS)).isEqualTo(503);
            }
            release.countDown();
            for (int i = 0; i < 2; i++) {
                assertThat(statuses.poll(10, TimeUnit.SECONDS)).isEqualTo(200);
            }
        }
    }

    @Test
    void shouldSayWhenNothingCanBeBound() throws IOException {
        try (HttpService service = echo()) {
            var taken =
                    new InetSocketAddress(
                            InetAddress.getLoopbackAddress(), service.ports().getFirst());
            var options =
                    new HttpService.Options(
                            List.of(taken),
                            Credentials.of(LOGIN, List.of()),
                            List.of(),
                            1,
                            1,
                            Duration.ofSeconds(30),
                            Optional.empty());
            assertThatThrownBy(
                            () ->
                                    HttpService.start(
                                            options, (b, u, p) -> new HttpReply(200, ""), Log.NONE))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("Unable to bind any endpoint for RPC server");
        }
    }

    @Test
    void shouldRefuseCredentialsOfAnotherForm() {
        assertThatThrownBy(() -> Credentials.of(LOGIN, List.of("alice:nosalt")))
                .hasMessage("Invalid -rpcauth argument.");
    }
}
