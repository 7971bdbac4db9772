package weft.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import weft.p2p.PeerId;
import weft.p2p.PeerInput;
import weft.p2p.PeerPermissions;
import weft.primitives.Bytes;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.wire.NetAddress;
import weft.wire.Ping;
import weft.wire.transport.Outgoing;
import weft.wire.transport.Protocol;
import weft.wire.transport.Transport;
import weft.wire.transport.TransportEvent;

/// Threads of connections in which something is thrown that nobody expects, such as want of memory.
@Timeout(60)
class BrokenThreadsTest implements SeenRed {
    private final NetScene scene = new NetScene();

    @AfterEach
    void close() {
        scene.close();
    }

    /// Has no memory, for what comes or for what is to be sent.
    private record Starved(boolean reading) implements Transport {
        @Override
        public void push(byte[] bytes, int offset, int length) {
            if (reading) {
                throw new OutOfMemoryError("Java heap space");
            }
        }

        @Override
        public Optional<TransportEvent> next() {
            return Optional.empty();
        }

        @Override
        public void send(String command, Bytes payload) {
            throw new OutOfMemoryError("Java heap space");
        }

        @Override
        public Optional<Outgoing> nextToSend() {
            return Optional.empty();
        }

        @Override
        public long queuedBytes() {
            return 0;
        }

        @Override
        public Protocol protocol() {
            return Protocol.V1;
        }

        @Override
        public Optional<Bytes> sessionId() {
            return Optional.empty();
        }

        @Override
        public boolean shouldReconnectV1() {
            return false;
        }

        @Override
        public void close() {}
    }

    private void shouldEnd(Transport transport) throws Exception {
        try (ServerSocketChannel acceptor = ServerSocketChannel.open();
                NetScene.Client other = scene.client().handshake()) {
            acceptor.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            SocketChannel peer = SocketChannel.open(acceptor.getLocalAddress());
            SocketChannel ours = acceptor.accept();
            var id = new PeerId(1_000);
            var connection =
                    new PeerConnection(
                            new PeerConnection.Parts(
                                    id,
                                    NetAddress.parse("1.2.3.4:5", 0),
                                    false,
                                    ConnectionFactory.Route.of(ours),
                                    transport,
                                    new ReadBudget(NetScene.ROOM),
                                    new ReceiveBudget(NetScene.COMMON_BYTES, scene.log),
                                    NetScene.ROOM),
                            scene.loop,
                            scene.capture,
                            scene.log);
            NetAddress address = NetAddress.parse("1.2.3.4:5", 0);
            scene.loop.open(
                    connection,
                    new PeerInput.Accepted(id, address, address, false, PeerPermissions.NONE));
            connection.start();
            NetScene.await(() -> scene.peers() == 2);
            try (NetScene.Client client = new NetScene.Client(peer.socket())) {
                client.send(Ping.of(1));
                connection.send(Ping.of(2));
                NetScene.await(() -> scene.peers() == 1);
                client.drain();
            }
            NetScene.await(() -> scene.logged("peer=1000, disconnected: java.lang.OutOfMemory"));
            // The others have lost nothing.
            other.send(Ping.of(7));
            other.await("pong");
        }
    }

    @Test
    @DisplayName("D02 a reader that finds no memory for what came")
    @Sabotage(type = "weft.net.PeerConnection", method = "fail", returns = "void")
    void shouldCloseWhenTheReaderFails() throws Exception {
        shouldEnd(new Starved(true));
    }

    @Test
    @DisplayName("D02 a writer that finds no memory for what is to be sent")
    @Sabotage(type = "weft.net.PeerConnection", method = "fail", returns = "void")
    void shouldCloseWhenTheWriterFails() throws Exception {
        shouldEnd(new Starved(false));
    }

    @Test
    void shouldListenOnWhenAConnectionCannotBeMade() throws Exception {
        // Three bytes are no magic, so no connection can be made.
        NetOptions standard = NetOptions.of(Bytes.parse("010203"), List.of());
        var options =
                new NetOptions(
                        standard.magic(),
                        List.of(),
                        false,
                        Duration.ofSeconds(1),
                        standard.bounds(),
                        Proxies.NONE,
                        Optional.empty(),
                        Optional.empty(),
                        false);
        var broken =
                new ConnectionFactory(options, scene.loop, bytes -> {}, scene.capture, scene.log);
        try (Listener listener = Listener.open(NetScene.loopback(0), broken, scene.log)) {
            for (int i = 0; i < 3; i++) {
                shouldBeHungUpOn(listener.address().port());
            }
        }
        assertThat(scene.logged("could not take a connection to 127.0.0.1")).isTrue();
    }

    private static void shouldBeHungUpOn(int port) throws IOException {
        var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        try (var client = new NetScene.Client(SocketChannel.open(address).socket())) {
            assertThat(client.socket.getInputStream().read()).isEqualTo(-1);
        }
    }
}
