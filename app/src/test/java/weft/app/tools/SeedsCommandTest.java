package weft.app.tools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import weft.wire.MessageCodec;
import weft.wire.NetAddress;
import weft.wire.ServiceFlags;
import weft.wire.VersionAddress;
import weft.wire.VersionMessage;
import weft.wire.transport.Magic;
import weft.wire.transport.Transport;

/// The list of fixed seeds and how it is made.
class SeedsCommandTest {
    private static final long FULL = ServiceFlags.NETWORK | ServiceFlags.WITNESS;

    private static List<String> texts(List<NetAddress> addresses) {
        return addresses.stream().map(NetAddress::toString).toList();
    }

    @Test
    @DisplayName(
            "S-22 S-29 the list is made of getnodeaddresses or lines: usable addresses, once each")
    void shouldReadBothForms() {
        var candidates = new SeedCandidates(8333);
        candidates.read(
                """
                [{"time":1,"services":9,"address":"8.8.8.8","port":8333,"network":"ipv4"},
                 {"time":1,"services":9,"address":"8.8.4.4","port":22,"network":"ipv4"},
                 {"time":1,"services":9,"address":"2a01:4f8::1","port":8333,"network":"ipv6"}]
                """);
        candidates.read(
                """
                # a comment
                8.8.8.8:8333
                9.9.9.9
                10.0.0.1:8333   # nobody else's
                127.0.0.1:8333
                pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion:8333
                """);
        assertThat(texts(candidates.all()))
                .containsExactly("8.8.8.8:8333", "[2a01:4f8::1]:8333", "9.9.9.9:8333");
        assertThatThrownBy(() -> candidates.read("no address at all"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> candidates.read("[{"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    @DisplayName("S-29 no group of neighbours has more than its share of the list")
    void shouldSpreadOverGroups() {
        var from = new ArrayList<NetAddress>();
        for (int i = 9; i >= 1; i--) {
            from.add(NetAddress.parse("8.8.8." + i + ":8333", 8333));
            from.add(NetAddress.parse("8." + i + ".8.8:8333", 8333));
        }
        List<NetAddress> chosen = SeedCandidates.spread(from, 2, 100);
        assertThat(chosen).hasSize(10).isSorted();
        assertThat(texts(chosen)).contains("8.8.8.9:8333", "8.8.8.8:8333", "8.1.8.8:8333");
        assertThat(SeedCandidates.spread(from, 100, 5)).hasSize(5);
    }

    private static VersionMessage version(int protocol, long services, int height) {
        var nowhere = new VersionAddress(0, NetAddress.UNSPECIFIED);
        return new VersionMessage(
                protocol, services, 1_700_000_000, nowhere, nowhere, 5, "/x:1/", height, true);
    }

    private static byte[] framed(VersionMessage version) {
        try (Transport transport = Transport.v1(0, Magic.REGTEST)) {
            transport.send(version);
            return transport.nextToSend().orElseThrow().bytes().toByteArray();
        }
    }

    /// Says some bytes to whoever dials, then listens.
    private static NetAddress says(ServerSocket server, byte[] bytes) {
        Thread.ofVirtual()
                .start(
                        () -> {
                            try (Socket socket = server.accept()) {
                                OutputStream out = socket.getOutputStream();
                                out.write(bytes);
                                out.flush();
                                socket.getInputStream().transferTo(OutputStream.nullOutputStream());
                            } catch (IOException e) {
                                // The test is over.
                            }
                        });
        return NetAddress.parse("127.0.0.1:" + server.getLocalPort(), 0);
    }

    @Test
    @Timeout(60)
    @DisplayName(
            "S-29 only nodes that answer, have the chain and the current protocol get into the list")
    void shouldKeepThoseThatAnswer() throws Exception {
        List<byte[]> answers =
                List.of(
                        framed(version(70_016, FULL, 100)),
                        framed(version(70_016, FULL | 1 << 11, 1_000)),
                        framed(version(70_016, FULL, 99)),
                        framed(version(70_016, ServiceFlags.WITNESS, 100)),
                        framed(version(70_015, FULL, 100)),
                        "SSH-2.0-OpenSSH_9.6 and so on, long enough for a header\r\n"
                                .getBytes(StandardCharsets.US_ASCII),
                        new byte[0],
                        MessageCodec.encode(version(70_016, FULL, 100)).toByteArray());
        var servers = new ArrayList<ServerSocket>();
        var addresses = new ArrayList<NetAddress>();
        try {
            for (byte[] each : answers) {
                var server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
                servers.add(server);
                addresses.add(says(server, each));
            }
            try (var closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                addresses.add(NetAddress.parse("127.0.0.1:" + closed.getLocalPort(), 0));
            }
            var probe = new SeedProbe(Magic.REGTEST, 100, Duration.ofSeconds(2));
            assertThat(probe.answering(addresses)).isEqualTo(addresses.subList(0, 2));
        } finally {
            for (ServerSocket each : servers) {
                each.close();
            }
        }
    }
}
