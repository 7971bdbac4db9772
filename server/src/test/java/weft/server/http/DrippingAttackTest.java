package weft.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import weft.primitives.log.Log;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;

/// Clients that send a request byte by byte, and never the end.
@Timeout(60)
class DrippingAttackTest implements SeenRed {
    private static final String LOGIN = "__cookie__:secret";
    private static final String USER =
            "Authorization: Basic "
                    + Base64.getEncoder().encodeToString(LOGIN.getBytes(StandardCharsets.UTF_8))
                    + "\r\n";
    private static final int CROWD = 40;

    /// One worker, and one request that may wait for it.
    private static HttpService start() throws IOException {
        var options =
                new HttpService.Options(
                                List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)),
                                Credentials.of(LOGIN, List.of()),
                                List.of(),
                                1,
                                1,
                                Duration.ofSeconds(30),
                                Optional.empty())
                        .withRest((target, body) -> new HttpReply(200, "rest\n"));
        return HttpService.start(
                options, (body, user, path) -> new HttpReply(200, "done\n"), Log.NONE);
    }

    private static Socket client(HttpService service, String start) throws IOException {
        var socket = new Socket(InetAddress.getLoopbackAddress(), service.ports().getFirst());
        socket.setSoTimeout(20_000);
        socket.getOutputStream().write(start.getBytes(StandardCharsets.US_ASCII));
        return socket;
    }

    private static void shouldServeOthers(HttpService service, String start) throws IOException {
        var crowd = new ArrayList<Socket>();
        try {
            for (int i = 0; i < CROWD; i++) {
                crowd.add(client(service, start));
            }
            for (Socket each : crowd) {
                each.getOutputStream().write('a');
            }
            shouldSucceed(service, "POST / HTTP/1.1\r\n" + USER);
            shouldSucceed(service, "POST /rest/getutxos.json HTTP/1.1\r\n");
        } finally {
            for (Socket each : crowd) {
                each.close();
            }
        }
    }

    private static void shouldSucceed(HttpService service, String start) throws IOException {
        String request = start + "Connection: close\r\nContent-Length: 2\r\n\r\n{}";
        try (Socket user = client(service, request)) {
            byte[] answer = user.getInputStream().readNBytes("HTTP/1.1 200".length());
            assertThat(new String(answer, StandardCharsets.US_ASCII)).isEqualTo("HTTP/1.1 200");
        }
    }

    @Test
    @DisplayName("D13 HTTP requests of which a byte comes now and then")
    @Sabotage(
            type = "weft.server.http.HttpService",
            method = "handle",
            call = "restBody",
            returns = "null")
    void shouldServeOthersWhileRequestsDrip() throws Exception {
        try (HttpService service = start()) {
            // The end of the header is missing, then that of the body, before and without a login.
            shouldServeOthers(service, "POST / HTTP/1.1\r\n" + USER + "X-Slow: a");
            shouldServeOthers(service, "POST / HTTP/1.1\r\nContent-Length: 500\r\n\r\n{");
            shouldServeOthers(
                    service, "POST /rest/getutxos.json HTTP/1.1\r\nContent-Length: 500\r\n\r\na");
        }
    }
}
