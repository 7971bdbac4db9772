package weft.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import weft.p2p.PeerCommand;
import weft.p2p.PeerInput;
import weft.testkit.Sabotage;
import weft.testkit.Saboteur;
import weft.testkit.SeenRed;
import weft.wire.NetAddress;
import weft.wire.NetworkId;

/// Dials through a SOCKS5 proxy that is this test: on a port, and on a UNIX domain socket.
@Timeout(60)
class ProxyDialTest implements SeenRed {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    /// What a client asked for.
    record Asked(String user, String password, String host, int port) {}

    /// A proxy that writes down what it is asked for, and refuses it.
    static final class FakeProxy implements AutoCloseable {
        final BlockingQueue<Asked> asked = new LinkedBlockingQueue<>();
        private final ServerSocketChannel server;
        private final boolean wantsLogin;

        FakeProxy(StandardProtocolFamily family, SocketAddress at, boolean wantsLogin)
                throws IOException {
            this.wantsLogin = wantsLogin;
            server = ServerSocketChannel.open(family);
            server.bind(at);
            Thread.ofVirtual().start(this::serve);
        }

        static FakeProxy tcp(boolean wantsLogin) throws IOException {
            var at = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
            return new FakeProxy(StandardProtocolFamily.INET, at, wantsLogin);
        }

        ProxyAddress address() throws IOException {
            return new ProxyAddress.Tcp(
                    Listener.netAddress((InetSocketAddress) server.getLocalAddress()));
        }

        Asked next() throws InterruptedException {
            Asked next = asked.poll(Saboteur.patience(PATIENCE).toMillis(), TimeUnit.MILLISECONDS);
            if (next == null) {
                throw new AssertionError("nobody came");
            }
            return next;
        }

        private void serve() {
            while (server.isOpen()) {
                try (SocketChannel client = server.accept()) {
                    serve(client);
                } catch (IOException _) {
                    // A client that hung up; or the end, which the condition sees.
                }
            }
        }

        private void serve(SocketChannel client) throws IOException {
            var in = new DataInputStream(Channels.newInputStream(client));
            in.readByte();
            byte[] methods = in.readNBytes(in.readUnsignedByte());
            boolean login =
                    wantsLogin && new String(methods, StandardCharsets.ISO_8859_1).indexOf(2) >= 0;
            client.write(ByteBuffer.wrap(new byte[] {5, (byte) (login ? 2 : 0)}));
            String user = "";
            String password = "";
            if (login) {
                in.readByte();
                user = text(in);
                password = text(in);
                client.write(ByteBuffer.wrap(new byte[] {1, 0}));
            }
            assertThat(in.readNBytes(4)).containsExactly(5, 1, 0, 3);
            asked.add(new Asked(user, password, text(in), in.readUnsignedShort()));
            client.write(ByteBuffer.wrap(new byte[] {5, 5, 0, 1, 0, 0, 0, 0, 0, 0}));
        }

        private static String text(DataInputStream in) throws IOException {
            return new String(in.readNBytes(in.readUnsignedByte()), StandardCharsets.US_ASCII);
        }

        @Override
        public void close() {
            try {
                server.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static Proxies all(ProxyAddress proxy, boolean separate) {
        return new Proxies(
                Map.of(
                        NetworkId.IPV4, proxy,
                        NetworkId.IPV6, proxy,
                        NetworkId.CJDNS, proxy,
                        NetworkId.TORV3, proxy),
                proxy,
                separate);
    }

    private static void dial(NetScene scene, String node) {
        scene.loop.post(new PeerInput.Command(new PeerCommand.TryNode(node, false)));
    }

    @Test
    @DisplayName("F10 with a proxy names and addresses of every network go to it, unresolved")
    @Sabotage(type = "weft.net.Socks5", method = "request", constant = "3>1")
    void shouldAskTheProxyForEverything() throws Exception {
        try (FakeProxy proxy = FakeProxy.tcp(true);
                NetScene scene = new NetScene(all(proxy.address(), true))) {
            String onion = "pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion";
            Map<String, String> hosts =
                    Map.of(
                            "15.61.23.23:1234",
                            "15.61.23.23",
                            "[1233:3432:2434:2343:3234:2345:6546:4534]:1234",
                            "1233:3432:2434:2343:3234:2345:6546:4534",
                            onion + ":1234",
                            onion,
                            "node.noumenon:1234",
                            "node.noumenon");
            for (Map.Entry<String, String> each : hosts.entrySet()) {
                dial(scene, each.getKey());
                Asked asked = proxy.next();
                assertThat(asked.host()).isEqualTo(each.getValue());
                assertThat(asked.port()).isEqualTo(1234);
            }
            NetScene.await(() -> scene.logged("failed: connection refused"));
        }
    }

    @Test
    @DisplayName("F11 20 dials show the proxy 20 users and passwords of 128 bits each")
    @Sabotage(type = "weft.net.Dialer", method = "throughProxy", call = "random", returns = "null")
    void shouldTellConnectionsApart() throws Exception {
        try (FakeProxy proxy = FakeProxy.tcp(true);
                NetScene scene = new NetScene(all(proxy.address(), true))) {
            Set<String> seen = new HashSet<>();
            for (int i = 0; i < 20; i++) {
                dial(scene, "15.61.23." + i + ":8333");
                Asked asked = proxy.next();
                assertThat(asked.user()).matches("[0-9a-f]{32}");
                assertThat(asked.password()).matches("[0-9a-f]{32}");
                seen.add(asked.user());
                seen.add(asked.password());
            }
            assertThat(seen).hasSize(40);
        }
    }

    @Test
    @DisplayName("F11 -proxyrandomize=0: no login is offered")
    @Sabotage(
            type = "weft.net.Dialer",
            method = "throughProxy",
            call = "separate",
            returns = "true")
    void shouldOfferNoLoginWhereConnectionsAreNotToldApart() throws Exception {
        try (FakeProxy proxy = FakeProxy.tcp(true);
                NetScene scene = new NetScene(all(proxy.address(), false))) {
            dial(scene, "15.61.23.23:8333");
            assertThat(proxy.next()).isEqualTo(new Asked("", "", "15.61.23.23", 8333));
        }
    }

    @Test
    void shouldReachAProxyOnAUnixSocket(@TempDir Path folder) throws Exception {
        Path path = folder.resolve("socks");
        try (var proxy =
                        new FakeProxy(
                                StandardProtocolFamily.UNIX,
                                UnixDomainSocketAddress.of(path),
                                true);
                NetScene scene = new NetScene(all(new ProxyAddress.Unix(path), true))) {
            dial(scene, "node.noumenon:8333");
            assertThat(proxy.next().host()).isEqualTo("node.noumenon");
        }
    }

    @Test
    @DisplayName("F10 without its proxy a network is not dialled, and one line says why")
    @Sabotage(type = "weft.net.Dialer", method = "throughProxy", call = "text", returns = "null")
    void shouldNotDialPastADeadProxy() throws Exception {
        NetAddress dead;
        // Nobody accepts: while a thread does, the socket is there for a moment after its end.
        try (ServerSocketChannel soon = ServerSocketChannel.open()) {
            soon.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            dead = Listener.netAddress((InetSocketAddress) soon.getLocalAddress());
        }
        try (NetScene scene = new NetScene(all(new ProxyAddress.Tcp(dead), true))) {
            dial(scene, "15.61.23.23:8333");
            NetScene.await(
                    () ->
                            scene.logged(
                                    "connect() to 15.61.23.23:8333 failed: proxy " + dead + ": "));
            assertThat(scene.peers()).isZero();
        }
    }

    @Test
    void shouldNotWaitForEverForASlowProxy() throws Exception {
        try (ServerSocketChannel silent = ServerSocketChannel.open()) {
            silent.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            NetAddress at = Listener.netAddress((InetSocketAddress) silent.getLocalAddress());
            TimedChannel channel = TimedChannel.connect(at, Duration.ofSeconds(10));
            channel.patience(Duration.ofMillis(500));
            var handshake = new Socks5("x", 1, null);
            long start = System.nanoTime();
            assertThatThrownBy(() -> Dialer.shake(channel, handshake))
                    .isInstanceOf(IOException.class)
                    .hasMessage("timeout while waiting for an answer");
            assertThat(System.nanoTime() - start).isLessThan(TimeUnit.SECONDS.toNanos(10));
            assertThat(channel.channel().isOpen()).isFalse();
        }
    }

    @Test
    void shouldNoticeThatTheProxyHungUp() throws Exception {
        for (byte[] said : List.of(new byte[0], new byte[] {5}, new byte[] {5, 0, 5, 0, 0, 1, 1})) {
            try (ServerSocketChannel short0 = ServerSocketChannel.open()) {
                short0.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
                Thread.ofVirtual()
                        .start(
                                () -> {
                                    try (SocketChannel client = short0.accept()) {
                                        client.write(ByteBuffer.wrap(said));
                                        client.shutdownOutput();
                                        client.read(ByteBuffer.allocate(100));
                                    } catch (IOException e) {
                                        throw new UncheckedIOException(e);
                                    }
                                });
                NetAddress at = Listener.netAddress((InetSocketAddress) short0.getLocalAddress());
                try (TimedChannel channel = TimedChannel.connect(at, Duration.ofSeconds(10))) {
                    assertThatThrownBy(() -> Dialer.shake(channel, new Socks5("x", 1, null)))
                            .isInstanceOf(IOException.class)
                            .hasMessageContaining("connection");
                }
            }
        }
    }

    @Test
    void shouldKeepLinesWithinBounds() throws Exception {
        try (ServerSocketChannel server = ServerSocketChannel.open()) {
            server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            Thread.ofVirtual()
                    .start(
                            () -> {
                                try (SocketChannel client = server.accept()) {
                                    String lines = "one\r\n\ntwo\n" + "x".repeat(9) + "\nrest";
                                    client.write(
                                            ByteBuffer.wrap(
                                                    lines.getBytes(StandardCharsets.US_ASCII)));
                                    client.read(ByteBuffer.allocate(1));
                                } catch (IOException e) {
                                    throw new UncheckedIOException(e);
                                }
                            });
            NetAddress at = Listener.netAddress((InetSocketAddress) server.getLocalAddress());
            try (TimedChannel channel = TimedChannel.connect(at, Duration.ofSeconds(10))) {
                assertThat(channel.readLine(8)).isEqualTo("one");
                assertThat(channel.readLine(8)).isEmpty();
                assertThat(channel.readLine(8)).isEqualTo("two");
                assertThatThrownBy(() -> channel.readLine(8))
                        .hasMessage("received too many bytes without a line end");
            }
        }
    }
}
