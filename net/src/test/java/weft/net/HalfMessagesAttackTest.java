package weft.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import weft.chain.api.ChainCommand;
import weft.chain.api.ChainEvent;
import weft.chain.api.HeaderNode;
import weft.p2p.PeerCommand;
import weft.p2p.PeerInput;
import weft.p2p.PeerPermissions;
import weft.primitives.Block;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;
import weft.primitives.Bytes;
import weft.primitives.Digest256;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.wire.BlockMessage;
import weft.wire.NetAddress;
import weft.wire.Ping;
import weft.wire.Pong;
import weft.wire.transport.Protocol;
import weft.wire.transport.Transport;
import weft.wire.transport.V1Transport;

/// Peers that send the most of long messages, and never the end.
@Timeout(120)
class HalfMessagesAttackTest implements SeenRed {
    private static final int COMMON_BYTES = 3_000_000;
    private static final int CROWD = 30;
    private static final int HALF_BYTES = 350_000;

    /// Longer than what anybody sends here, of a kind that nobody knows.
    private static final Bytes LONG = V1Transport.frame(NetScene.MAGIC, "long", new1MB());

    private final NetScene scene = new NetScene(COMMON_BYTES);

    private static Bytes new1MB() {
        return Bytes.wrap(new byte[1_000_000]);
    }

    @AfterEach
    void close() {
        scene.close();
    }

    /// One that has sent so many bytes of a message.
    private static void sendPart(NetScene.Client of, int from, int to) throws IOException {
        of.socket.getOutputStream().write(LONG.toByteArray(), from, to - from);
    }

    /// As much of so many bytes as is taken before the node hangs up.
    private static void sendUntilTheEnd(NetScene.Client of, int bytes) {
        try {
            sendPart(of, 0, bytes);
        } catch (IOException _) {
            // It hung up before all was written, or after.
        }
    }

    private NetScene.Client half(int bytes) throws IOException {
        NetScene.Client client = scene.client().handshake();
        sendPart(client, 0, bytes);
        return client;
    }

    private void awaitHeld(long bytes) throws InterruptedException {
        NetScene.await(() -> scene.connections.held() == bytes);
    }

    private static boolean isAlive(NetScene.Client client) {
        try {
            long nonce = System.nanoTime();
            client.send(Ping.of(nonce));
            return ((Pong) client.await("pong")).nonce().orElse(0) == nonce;
        } catch (IOException | AssertionError e) {
            return false;
        }
    }

    /// The engine has a chain, so that it takes blocks.
    private void load() {
        HeaderNode genesis =
                HeaderNode.genesis(
                        new BlockHeader(1, BlockHash.ZERO, Digest256.ZERO, 1_700_000_000L, 0, 0),
                        BigInteger.TWO);
        scene.loop.post(
                new PeerInput.Chain(
                        new ChainEvent.Loaded(List.of(genesis), List.of(genesis), genesis, true)));
    }

    private static Block block(int bytes) {
        Transaction coinbase =
                Transaction.of(
                        2,
                        List.of(new TxIn(OutPoint.NULL, Bytes.EMPTY, 0)),
                        List.of(new TxOut(1, Bytes.wrap(new byte[bytes]))),
                        List.of(),
                        0);
        var header = new BlockHeader(4, new BlockHash(9, 2, 3, 4), Digest256.ZERO, 9, 0, 0);
        return Block.of(header, List.of(coinbase));
    }

    private boolean gotBlock() {
        return scene.commands.stream().anyMatch(ChainCommand.SubmitBlock.class::isInstance);
    }

    @Test
    @DisplayName("D02 a crowd of peers with messages half sent")
    @Sabotage(type = "weft.net.ReceiveBudget", method = "isOver", returns = "false")
    @Sabotage(type = "weft.net.ReceiveBudget", method = "takenBy", returns = "0")
    @Sabotage(type = "weft.net.PeerConnection", method = "holdWhole", returns = "void")
    void shouldHoldNoMoreThanTheBudget() throws Exception {
        load();
        var crowd = new ArrayList<NetScene.Client>();
        try (NetScene.Client honest = scene.client().handshake()) {
            for (int i = 0; i < CROWD; i++) {
                crowd.add(half(HALF_BYTES));
                // What was over for a moment is within again before the next read.
                assertThat(isAlive(honest)).isTrue();
            }
            int most = COMMON_BYTES / (2 * HALF_BYTES);
            NetScene.await(() -> scene.peers() == most + 1);
            awaitHeld(most * 2L * HALF_BYTES);
            assertThat(scene.logged("receive budget exceeded")).isTrue();

            // One who was there, and one who comes now: heard, with all that honest peers send.
            honest.send(BlockMessage.of(block(40_000)));
            NetScene.await(this::gotBlock);
            try (NetScene.Client newcomer = scene.client().handshake()) {
                assertThat(isAlive(newcomer)).isTrue();
            }
            assertThat(isAlive(honest)).isTrue();
            for (NetScene.Client each : crowd) {
                each.close();
            }
            NetScene.await(() -> scene.peers() == 1);
            awaitHeld(0);
        }
    }

    @Test
    @DisplayName("D02 the largest half message goes first")
    @Sabotage(type = "weft.net.ReceiveBudget", method = "isOver", returns = "false")
    @Sabotage(type = "weft.net.ReceiveBudget", method = "largest", flips = 2)
    void shouldCloseTheLargestFirst() throws Exception {
        try (NetScene.Client first = half(400_000);
                NetScene.Client largest = half(700_000);
                NetScene.Client small = half(10)) {
            awaitHeld(2 * (400_000 + 700_000 + 10));
            assertThat(scene.peers()).isEqualTo(3);
            // Not the last one that came, and not all.
            try (NetScene.Client last = half(450_000)) {
                awaitHeld(2 * (400_000 + 450_000 + 10));
                assertThat(isAlive(largest)).isFalse();
                sendPart(first, 400_000, LONG.length());
                assertThat(isAlive(first)).isTrue();
                sendPart(small, 10, LONG.length());
                assertThat(isAlive(small)).isTrue();
                sendPart(last, 450_000, LONG.length());
                assertThat(isAlive(last)).isTrue();
                awaitHeld(0);
            }
        }
    }

    private Listener listenerForFriends() {
        var address = NetAddress.parse("127.0.0.1:0", 0);
        var friends = new PeerPermissions(PeerPermissions.NO_BAN);
        var bind = new NetOptions.Bind(address, false, friends, false);
        return Listener.open(bind, scene.connections, scene.log);
    }

    private static NetScene.Client dial(int port) throws IOException {
        var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        return new NetScene.Client(SocketChannel.open(address).socket());
    }

    private NetScene.Client dialledByUs() throws IOException {
        try (var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String name = "127.0.0.1:" + server.getLocalPort();
            server.setSoTimeout(20_000);
            scene.loop.post(new PeerInput.Command(new PeerCommand.TryNode(name, false)));
            Socket accepted = server.accept();
            return new NetScene.Client(accepted).handshake();
        }
    }

    @Test
    @DisplayName("D02 half messages, some of them of friends and of those that we dialled")
    @Sabotage(type = "weft.net.PeerConnection", method = "spareIfTrusted", returns = "void")
    @Sabotage(
            type = "weft.net.ReceiveBudget",
            method = "takeLoser",
            call = "max",
            returns = "3000000")
    @Sabotage(type = "weft.net.ReceiveBudget$Account", method = "isOutbound", returns = "false")
    void shouldCloseInboundBeforeOutboundAndFriendsNever() throws Exception {
        try (Listener door = listenerForFriends();
                NetScene.Client friend = dial(door.address().port()).handshake();
                NetScene.Client other = dial(door.address().port()).handshake();
                NetScene.Client dialled = dialledByUs();
                NetScene.Client small = half(10)) {
            sendPart(dialled, 0, 900_000);
            awaitHeld(2 * (900_000 + 10));
            try (NetScene.Client inbound = half(400_000)) {
                awaitHeld(2 * (900_000 + 400_000 + 10));
                NetScene.Client last = half(300_000);
                // Who came loses before whom we dialled, though that one holds more.
                awaitHeld(2 * (900_000 + 300_000 + 10));
                assertThat(isAlive(inbound)).isFalse();
                last.close();
            }
            sendPart(dialled, 900_000, LONG.length());
            assertThat(isAlive(dialled)).isTrue();

            sendPart(friend, 0, 980_000);
            sendPart(other, 0, 980_000);
            awaitHeld(2 * (980_000 + 980_000 + 10));
            // Over, by what may not be closed: nobody else pays for it.
            assertThat(isAlive(dialled)).isTrue();
            assertThat(scene.peers()).isEqualTo(4);
            // But who adds more than a share.
            try (NetScene.Client inbound = scene.client().handshake()) {
                sendUntilTheEnd(inbound, 400_000);
                assertThat(isAlive(inbound)).isFalse();
            }
            sendUntilTheEnd(dialled, 450_000);
            NetScene.await(() -> scene.peers() == 3);
            for (NetScene.Client each : List.of(friend, other)) {
                sendPart(each, 980_000, LONG.length());
                assertThat(isAlive(each)).isTrue();
            }
            sendPart(small, 10, LONG.length());
            assertThat(isAlive(small)).isTrue();
        }
    }

    /// Speaks the encrypted transport.
    private static final class Encrypted implements AutoCloseable {
        private final SocketChannel channel;
        private final Transport transport =
                Transport.v2Initiator(0, NetScene.MAGIC, new SecureRandom()::nextBytes);

        Encrypted(int port) throws IOException {
            var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
            channel = SocketChannel.open(address);
            flush(Integer.MAX_VALUE);
            ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
            while (transport.protocol() != Protocol.V2) {
                assertThat(channel.read(buffer.clear())).isPositive();
                transport.push(buffer.flip());
                flush(Integer.MAX_VALUE);
            }
        }

        /// Writes what waits, but no more than so many bytes of each piece.
        private void flush(int most) throws IOException {
            for (var next = transport.nextToSend();
                    next.isPresent();
                    next = transport.nextToSend()) {
                byte[] bytes = next.get().bytes().toByteArray();
                ByteBuffer part = ByteBuffer.wrap(bytes, 0, Math.min(most, bytes.length));
                while (part.hasRemaining()) {
                    channel.write(part);
                }
            }
        }

        void send(String command, Bytes payload, int most) throws IOException {
            transport.send(command, payload);
            flush(most);
        }

        @Override
        public void close() throws IOException {
            transport.close();
            channel.close();
        }
    }

    @Test
    @DisplayName("D02 messages half sent over the encrypted transport")
    @Sabotage(type = "weft.net.ReceiveBudget", method = "takenBy", returns = "0")
    void shouldCountWhatIsEncrypted() throws Exception {
        try (var first = new Encrypted(scene.port());
                var second = new Encrypted(scene.port())) {
            for (Encrypted each : List.of(first, second)) {
                each.send("one", Bytes.EMPTY, Integer.MAX_VALUE);
                each.send("two", Bytes.EMPTY, Integer.MAX_VALUE);
            }
            NetScene.await(() -> scene.peers() == 2);
            first.send("long", new1MB(), 800_000);
            awaitNearly(1_600_000);
            second.send("long", new1MB(), 720_000);
            // Both together are over.
            awaitNearly(1_440_000);
        }
        awaitHeld(0);
    }

    /// The bytes of a handshake are counted for a while.
    private void awaitNearly(long bytes) throws InterruptedException {
        NetScene.await(() -> Math.abs(scene.connections.held() - bytes) < 20_000);
    }
}
