package weft.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import weft.p2p.PeerCommand;
import weft.p2p.PeerId;
import weft.p2p.PeerInput;
import weft.p2p.PeerPermissions;
import weft.wire.Message;
import weft.wire.NetAddress;
import weft.wire.Ping;
import weft.wire.transport.Transport;

/// Real sockets on this machine against a real engine: what goes wrong on a wire, and what must not come
/// of it.
@Timeout(60)
class SocketTroubleTest {
    private static final int PING_BYTES = 24 + 8;

    private final NetScene scene = new NetScene();

    @AfterEach
    void close() {
        scene.close();
    }

    @Test
    void shouldListenOnAPortOfTheSystemsChoice() throws Exception {
        assertThat(scene.port()).isPositive();
        assertThat(scene.lines).contains("Bound to 127.0.0.1:" + scene.port());
        try (NetScene.Client client = scene.client().handshake()) {
            client.send(Ping.of(7));
            client.await("pong");
            assertThat(scene.peers()).isEqualTo(1);
        }
        NetScene.await(() -> scene.peers() == 0);
    }

    @Test
    void shouldSayThatAPortIsTaken() {
        assertThatThrownBy(
                        () ->
                                Listener.open(
                                        NetScene.loopback(scene.port()),
                                        scene.connections,
                                        scene.log))
                .isInstanceOf(NetException.class)
                .hasMessage(
                        "Unable to bind to 127.0.0.1:"
                                + scene.port()
                                + " on this computer. weft is probably already running.");
    }

    @Test
    void shouldKeepConnectionsWhenItStopsListening() throws Exception {
        try (NetScene.Client client = scene.client().handshake()) {
            scene.listener.close();
            assertThatThrownBy(scene::client).isInstanceOf(IOException.class);
            client.send(Ping.of(7));
            client.await("pong");
        }
    }

    @Test
    void shouldEndWhenTheOtherSideSendsNoMore() throws Exception {
        try (NetScene.Client client = scene.client().handshake()) {
            // Half a message, then the end of one direction: the other is no use either.
            byte[] ping = NetScene.Client.framed(Ping.of(7));
            client.socket.getOutputStream().write(ping, 0, ping.length - 3);
            client.socket.shutdownOutput();
            client.drain();
            NetScene.await(() -> scene.peers() == 0);
        }
        assertThat(scene.logged("socket closed for peer=0")).isTrue();
    }

    @Test
    void shouldBearAResetInTheMiddle() throws Exception {
        for (int i = 0; i < 20; i++) {
            NetScene.Client client = scene.client().handshake();
            client.send(Ping.of(i), Ping.of(i));
            client.socket.setSoLinger(true, 0);
            client.close();
        }
        NetScene.await(() -> scene.peers() == 0);
        try (NetScene.Client client = scene.client().handshake()) {
            client.send(Ping.of(7));
            client.await("pong");
        }
    }

    /// A socket that is soon full.
    private static SocketChannel narrow() throws IOException {
        SocketChannel channel = SocketChannel.open();
        channel.setOption(StandardSocketOptions.SO_RCVBUF, 4096);
        channel.setOption(StandardSocketOptions.SO_SNDBUF, 4096);
        return channel;
    }

    /// Sends pings and reads no answer until no more can be sent.
    ///
    /// @return bytes sent
    private static long sendUntilStuck(SocketChannel channel)
            throws IOException, InterruptedException {
        Message[] many = new Message[1_000];
        Arrays.setAll(many, Ping::of);
        ByteBuffer bytes = ByteBuffer.wrap(NetScene.Client.framed(many));
        channel.configureBlocking(false);
        long sum = 0;
        int stuck = 0;
        while (stuck < 100) {
            if (!bytes.hasRemaining()) {
                bytes.rewind();
            }
            int count = channel.write(bytes);
            sum += count;
            stuck = count == 0 ? stuck + 1 : 0;
            if (count == 0) {
                Thread.sleep(10);
            }
            assertThat(sum).as("the node must stop reading").isLessThan(1L << 30);
        }
        return sum;
    }

    @Test
    void shouldNotHearWhoDoesNotReadAndServeTheRest() throws Exception {
        try (SocketChannel slow = narrow()) {
            slow.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), scene.port()));
            // Not in try: it shares the channel's socket.
            new NetScene.Client(slow.socket()).handshake();
            long sent = sendUntilStuck(slow);
            try (NetScene.Client other = scene.client().handshake()) {
                for (int i = 0; i < 100; i++) {
                    other.send(Ping.of(i));
                    other.await("pong");
                }
            }
            // It reads again: what it sent is answered after all.
            slow.configureBlocking(true);
            ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
            long read = 0;
            // A pong is as long as a ping; the last ping may be half sent.
            long answers = sent / PING_BYTES * PING_BYTES;
            while (read < answers) {
                int count = slow.read(buffer.clear());
                assertThat(count).isPositive();
                read += count;
            }
            assertThat(read).isGreaterThanOrEqualTo(answers);
        }
        NetScene.await(() -> scene.peers() == 0);
    }

    @Test
    void shouldGiveTheRoomBackWhenAStuckPeerIsGone() throws Exception {
        try (var acceptor = java.nio.channels.ServerSocketChannel.open()) {
            acceptor.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            SocketChannel slow = narrow();
            slow.connect(acceptor.getLocalAddress());
            SocketChannel ours = acceptor.accept();
            var budget = new ReadBudget(NetScene.ROOM);
            var id = new PeerId(1_000);
            NetAddress address = NetAddress.parse("1.2.3.4:5", 0);
            var connection =
                    new PeerConnection(
                            new PeerConnection.Parts(
                                    id,
                                    address,
                                    false,
                                    ConnectionFactory.Route.of(ours),
                                    Transport.v1(id.value(), NetScene.MAGIC),
                                    budget,
                                    new ReceiveBudget(NetScene.COMMON_BYTES, scene.log),
                                    NetScene.ROOM),
                            scene.loop,
                            scene.capture,
                            scene.log);
            scene.loop.open(
                    connection,
                    new PeerInput.Accepted(id, address, address, false, PeerPermissions.NONE));
            connection.start();
            new NetScene.Client(slow.socket()).handshake();
            sendUntilStuck(slow);
            assertThat(budget.isIdle()).as("its messages wait").isFalse();
            slow.socket().setSoLinger(true, 0);
            slow.close();
            NetScene.await(() -> scene.peers() == 0);
            NetScene.await(budget::isIdle);
        }
    }

    @Test
    void shouldCloseWhileMessagesComeIn() throws Exception {
        try (NetScene.Client first = scene.client().handshake();
                NetScene.Client second = scene.client()) {
            byte[] ping = NetScene.Client.framed(Ping.of(7));
            first.socket.getOutputStream().write(ping, 0, 10);
            second.socket.getOutputStream().write(ping, 0, 3);
            long begun = System.nanoTime();
            scene.close();
            first.drain();
            second.drain();
            assertThat(Duration.ofNanos(System.nanoTime() - begun))
                    .isLessThan(Duration.ofSeconds(5));
        }
        assertThatThrownBy(scene::peers).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void shouldDialAndSayWhyItCouldNot() throws Exception {
        int nobody;
        try (var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            nobody = server.getLocalPort();
        }
        scene.loop.post(
                new PeerInput.Command(new PeerCommand.TryNode("127.0.0.1:" + nobody, false)));
        NetScene.await(
                () ->
                        scene.logged(
                                "connection attempt to 127.0.0.1:"
                                        + nobody
                                        + " failed: Connection refused"));
        assertThat(scene.peers()).isZero();
        try (var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            int port = server.getLocalPort();
            server.setSoTimeout(20_000);
            scene.loop.post(
                    new PeerInput.Command(new PeerCommand.TryNode("127.0.0.1:" + port, false)));
            try (Socket accepted = server.accept();
                    var client = new NetScene.Client(accepted)) {
                client.await("version");
                assertThat(scene.peers()).isEqualTo(1);
            }
        }
        NetScene.await(() -> scene.peers() == 0);
    }

    @Test
    void shouldAnswerWhoAsksWhileItEnds() throws Exception {
        try (NetScene.Client client = scene.client().handshake()) {
            var free = new CompletableFuture<Integer>();
            Thread.ofVirtual().start(() -> scene.loop.ask(_ -> free.join()));
            client.send(Ping.of(1));
            Thread.sleep(200);
            var asked = new CompletableFuture<Integer>();
            var told = new CompletableFuture<Integer>();
            Thread.ofVirtual().start(() -> complete(asked, scene::peers));
            Thread.ofVirtual()
                    .start(
                            () ->
                                    complete(
                                            told,
                                            () ->
                                                    scene.loop
                                                            .tell(
                                                                    new PeerCommand.DisconnectPeer(
                                                                            new PeerId(99)))
                                                            .size()));
            Thread.sleep(200);
            assertThat(asked).isNotDone();
            free.completeOnTimeout(1, 200, TimeUnit.MILLISECONDS);
            scene.loop.close();
            assertThat(asked).succeedsWithin(Duration.ofSeconds(20)).isEqualTo(1);
            assertThat(told)
                    .failsWithin(Duration.ofSeconds(20))
                    .withThrowableThat()
                    .withMessageContaining("shutting down");
        }
    }

    private static void complete(CompletableFuture<Integer> answer, Supplier<Integer> from) {
        try {
            answer.complete(from.get());
        } catch (RuntimeException e) {
            answer.completeExceptionally(e);
        }
    }

    @Test
    void shouldReadOnHoweverLittleRoomThereIs() throws Exception {
        var budget = new ReadBudget(0);
        var reader = new CompletableFuture<Integer>();
        Thread.ofVirtual()
                .start(
                        () -> {
                            try {
                                budget.awaitAny();
                                reader.complete(budget.take(100));
                            } catch (InterruptedException e) {
                                reader.completeExceptionally(e);
                            }
                        });
        assertThat(reader).succeedsWithin(Duration.ofSeconds(20)).isEqualTo(1);
    }

    @Test
    void shouldMakeReadersWaitForRoom() throws Exception {
        var budget = new ReadBudget(300);
        assertThat(budget.take(1_000)).as("larger than all takes all").isEqualTo(300);
        var taken = new java.util.concurrent.atomic.AtomicInteger();
        Thread reader =
                Thread.ofVirtual()
                        .start(
                                () -> {
                                    try {
                                        taken.set(budget.take(0));
                                    } catch (InterruptedException e) {
                                        Thread.currentThread().interrupt();
                                    }
                                });
        assertThat(reader.join(Duration.ofMillis(100))).as("it waits").isFalse();
        budget.giveBack(300);
        assertThat(reader.join(Duration.ofSeconds(10))).isTrue();
        assertThat(taken.get())
                .as("the shortest message costs what it takes in memory")
                .isEqualTo(ReadBudget.MESSAGE_BYTES);
        assertThat(budget.isIdle()).isFalse();
        budget.giveBack(taken.get());
        assertThat(budget.isIdle()).isTrue();
    }

    @Test
    void shouldMakeReadersOfLargeMessagesWaitForTheSmallOnes() throws Exception {
        var budget = new ReadBudget(1_000);
        int small = budget.take(100);
        // So much is left.
        budget.awaitRoomFor(150);
        Thread reader =
                Thread.ofVirtual()
                        .start(
                                () -> {
                                    try {
                                        budget.awaitRoomFor(1_000_000);
                                    } catch (InterruptedException e) {
                                        Thread.currentThread().interrupt();
                                    }
                                });
        assertThat(reader.join(Duration.ofMillis(100))).as("it waits").isFalse();
        budget.giveBack(small);
        assertThat(reader.join(Duration.ofSeconds(10))).isTrue();
        assertThat(budget.isIdle()).isTrue();
    }
}
