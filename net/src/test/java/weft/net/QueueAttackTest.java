package weft.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import weft.chain.api.ChainCommand;
import weft.chain.api.ChainEvent;
import weft.chain.api.HeaderNode;
import weft.p2p.PeerId;
import weft.p2p.PeerInput;
import weft.p2p.defence.WorkQuota;
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
import weft.wire.transport.Transport;

/// Peers that fill the queues between our threads.
@Timeout(120)
class QueueAttackTest implements SeenRed {
    private static final int BLOCK_BYTES = 100_000;
    private static final int BLOCKS = 640;

    /// What two sockets of this machine hold by themselves, and more.
    private static final int SOCKETS_BYTES = 24 << 20;

    private static final int LARGE_BLOCKS = 8;

    /// Much more than a reader takes at a time.
    private static final int LARGE_BYTES = 1_000_000;

    private static final int SINGLE_BYTES = 500;

    /// So small that its sender has room left, and is read on while the message waits.
    private static final int SMALL_BLOCK_BYTES = NetScene.ROOM / 8;

    private final NetScene scene = new NetScene();
    private final ReceiveBudget common = new ReceiveBudget(NetScene.COMMON_BYTES, scene.log);

    @AfterEach
    void close() {
        scene.close();
    }

    private static Block block(long number, int bytes) {
        Transaction coinbase =
                Transaction.of(
                        2,
                        List.of(new TxIn(OutPoint.NULL, Bytes.EMPTY, 0)),
                        List.of(new TxOut(1, Bytes.wrap(new byte[bytes]))),
                        List.of(),
                        0);
        var parent = new BlockHash(number, 2, 3, 4);
        var header = new BlockHeader(4, parent, Digest256.ZERO, number, 0, 0);
        return Block.of(header, List.of(coinbase));
    }

    /// The engine has a chain, so that it takes blocks.
    private void load() {
        HeaderNode genesis =
                HeaderNode.genesis(
                        new BlockHeader(1, BlockHash.ZERO, Digest256.ZERO, 1_700_000_000L, 0, 0),
                        java.math.BigInteger.TWO);
        scene.loop.post(
                new PeerInput.Chain(
                        new ChainEvent.Loaded(List.of(genesis), List.of(genesis), genesis, true)));
    }

    /// Writes until all is written, or until nothing could be for a second.
    private static long write(SocketChannel channel, ByteBuffer bytes)
            throws IOException, InterruptedException {
        long before = bytes.position();
        long since = System.nanoTime();
        while (bytes.hasRemaining() && System.nanoTime() - since < TimeUnit.SECONDS.toNanos(1)) {
            if (channel.write(bytes) > 0) {
                since = System.nanoTime();
            } else {
                Thread.sleep(5);
            }
        }
        return bytes.position() - before;
    }

    @Test
    @DisplayName("D18 blocks that come faster than the chain engine takes them")
    @Sabotage(type = "weft.net.PeerLoop", method = "awaitsChain", returns = "false")
    @Sabotage(type = "weft.net.ReadBudget", method = "take", returns = "0")
    void shouldStopReadingWhileTheChainIsBehind() throws Exception {
        load();
        try (NetScene.Client attacker = scene.client().handshake();
                NetScene.Client other = scene.client().handshake()) {
            // The same client, without the stream that would block.
            var flood = ByteBuffer.allocate(BLOCKS * (BLOCK_BYTES + 300));
            for (int i = 0; i < BLOCKS; i++) {
                flood.put(NetScene.Client.framed(BlockMessage.of(block(i, BLOCK_BYTES))));
            }
            flood.flip();
            SocketChannel channel = attacker.socket.getChannel();
            channel.configureBlocking(false);
            scene.chainBehind = true;
            long taken = write(channel, flood);
            assertThat(taken).isLessThan(SOCKETS_BYTES);
            assertThat(scene.commands).isEmpty();

            scene.chainBehind = false;
            while (flood.hasRemaining()) {
                write(channel, flood);
            }
            NetScene.await(() -> blocks() == BLOCKS);
            other.send(Ping.of(6));
            assertThat(((Pong) other.await("pong")).nonce()).hasValue(6);
        }
    }

    @Test
    @DisplayName("D02 a large message behind small ones that wait")
    @Sabotage(type = "weft.net.PeerConnection", method = "awaitRoom", returns = "void")
    void shouldLeaveALargeMessageWithItsSenderWhileOthersOfItWait() throws Exception {
        load();
        scene.chainBehind = true;
        try (NetScene.Client attacker = scene.client().handshake()) {
            SocketChannel channel = attacker.socket.getChannel();
            channel.configureBlocking(false);
            write(channel, framed(SMALL_BLOCK_BYTES));
            ByteBuffer large = framed(LARGE_BYTES);
            write(channel, large);
            assertThat(large.hasRemaining()).as("the sockets took it").isFalse();
            long least = SMALL_BLOCK_BYTES + NetScene.ROOM / 2;
            NetScene.await(() -> scene.connections.held() > least);
            for (int i = 0; i < 50; i++) {
                assertThat(scene.connections.held()).isLessThan(LARGE_BYTES / 4);
                Thread.sleep(10);
            }
            scene.chainBehind = false;
            NetScene.await(() -> blocks() == 2 && scene.connections.held() == 0);
        }
    }

    private PeerConnection accepted(SocketChannel ours) throws IOException {
        var parts =
                new PeerConnection.Parts(
                        new PeerId(77),
                        NetAddress.parse("127.0.0.1:5000", 0),
                        false,
                        ConnectionFactory.Route.of(ours),
                        Transport.v1(77, NetScene.MAGIC),
                        new ReadBudget(NetScene.ROOM),
                        common,
                        NetScene.ROOM);
        return new PeerConnection(parts, scene.loop, scene.capture, scene.log);
    }

    @Test
    @DisplayName("D02 large messages of a peer that made too much work")
    @Sabotage(type = "weft.net.PeerConnection", method = "awaitPaid", returns = "void")
    @Sabotage(type = "weft.net.Debtors", method = "onHandled", returns = "void")
    void shouldLeaveLargeMessagesWithAPeerInDebt() throws Exception {
        try (var server = ServerSocketChannel.open()) {
            server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            try (SocketChannel attacker = SocketChannel.open(server.getLocalAddress());
                    SocketChannel ours = server.accept()) {
                PeerConnection connection = accepted(ours);
                var quota = new WorkQuota();
                quota.join(connection.id());
                var debtors = new Debtors(quota);
                debtors.onHandled(connection);
                assertThat(debtors.isEmpty()).as("no debt, nothing happens").isTrue();
                quota.charge(connection.id(), WorkQuota.OWN_MAX_NANOS + 1);
                quota.charge(connection.id(), WorkQuota.POT_MAX_NANOS);
                debtors.onHandled(connection);
                connection.start();

                attacker.configureBlocking(false);
                write(attacker, framed(LARGE_BYTES));
                NetScene.await(() -> common.held() > NetScene.ROOM);
                for (int i = 0; i < 50; i++) {
                    // It is counted twice: a read up to where it stops, and one more.
                    assertThat(common.held()).isBetween(NetScene.ROOM + 1L, LARGE_BYTES / 3L);
                    Thread.sleep(10);
                }
                debtors.pass(WorkQuota.POT_MAX_NANOS, _ -> {});
                assertThat(debtors.isEmpty()).isTrue();
                // Read to its end, and heard.
                NetScene.await(() -> common.held() == 0);
            }
        }
    }

    private static ByteBuffer framed(int bytes) throws IOException {
        return ByteBuffer.wrap(NetScene.Client.framed(BlockMessage.of(block(bytes, bytes))));
    }

    private long blocks() {
        return scene.commands.stream().filter(ChainCommand.SubmitBlock.class::isInstance).count();
    }

    @Test
    @DisplayName("D18 a peer that reads nothing and sends byte by byte")
    @Sabotage(
            type = "weft.net.PeerConnection",
            method = "received",
            call = "compareAndSet",
            returns = "true")
    void shouldNotQueueSomethingForEachByte() throws Exception {
        try (var server = ServerSocketChannel.open()) {
            server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            try (SocketChannel attacker = SocketChannel.open(server.getLocalAddress());
                    SocketChannel ours = server.accept()) {
                attacker.setOption(StandardSocketOptions.TCP_NODELAY, true);
                PeerConnection connection = accepted(ours);
                connection.start();
                // More than the sockets hold: the writer waits from here on.
                for (int i = 0; i < LARGE_BLOCKS; i++) {
                    connection.send(BlockMessage.of(block(i, SOCKETS_BYTES / LARGE_BLOCKS)));
                }
                byte[] bytes = NetScene.Client.framed(BlockMessage.of(block(2, SMALL_BLOCK_BYTES)));
                for (int i = 0; i < SINGLE_BYTES; i++) {
                    attacker.write(ByteBuffer.wrap(bytes, i, 1));
                    Thread.sleep(1);
                }
                // The end of that message, and what is none: all before it is read when we hang up.
                attacker.write(ByteBuffer.wrap(bytes, SINGLE_BYTES, bytes.length - SINGLE_BYTES));
                attacker.write(ByteBuffer.wrap(new byte[24]));
                NetScene.await(() -> !ours.isOpen());
                assertThat(connection.jobs()).isLessThanOrEqualTo(LARGE_BLOCKS + 2);
            }
        }
    }
}
