package weft.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import weft.p2p.P2pOptions;
import weft.primitives.Bytes;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.wire.Ping;
import weft.wire.Pong;
import weft.wire.transport.V1Transport;

/// Connections that say nothing, or a byte now and then.
@Timeout(180)
class SilentAttackTest implements SeenRed {
    private static final int CROWD = 400;

    /// Other threads of this JVM open some too.
    private static final int SOME_FILES = 40;

    private static final int MOST = P2pOptions.Limits.DEFAULT.inbound();

    private final NetScene scene = new NetScene();

    @AfterEach
    void close() {
        scene.close();
    }

    /// Files and sockets of this JVM, where the system tells.
    private static long openFiles() throws IOException {
        Path all = Path.of("/proc/self/fd");
        if (!Files.isDirectory(all)) {
            return 0;
        }
        try (Stream<Path> each = Files.list(all)) {
            return each.count();
        }
    }

    private SocketChannel connect() throws IOException {
        return SocketChannel.open(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), scene.port()));
    }

    private static void shouldAnswer(NetScene.Client client) throws IOException {
        long nonce = System.nanoTime();
        client.send(Ping.of(nonce));
        assertThat(((Pong) client.await("pong")).nonce()).hasValue(nonce);
    }

    @Test
    @DisplayName("D12 connections without bound that never shake hands")
    @Sabotage(type = "weft.p2p.Admission", method = "refusal", call = "evict", returns = "true")
    @Sabotage(type = "weft.p2p.Inactivity", method = "onTick", returns = "void")
    @Sabotage(type = "weft.net.PeerConnection", method = "close", returns = "void")
    void shouldKeepNoMoreThanItMayAndServeNewcomers() throws Exception {
        long before = openFiles();
        var crowd = new ArrayList<SocketChannel>();
        try {
            byte[] header = NetScene.Client.framed(Ping.of(1));
            for (int i = 0; i < CROWD; i++) {
                SocketChannel each = connect();
                crowd.add(each);
                if (i % 2 == 0) {
                    each.write(ByteBuffer.wrap(header, 0, V1Transport.HEADER_BYTES / 2));
                }
                if (i % 50 == 0) {
                    assertThat(scene.peers()).isLessThanOrEqualTo(MOST);
                }
            }
            try (NetScene.Client newcomer = scene.client().handshake()) {
                shouldAnswer(newcomer);
                // What is not kept is closed: on our side only the others are left.
                NetScene.await(() -> filesWithin(before + CROWD + MOST + SOME_FILES));
                assertThat(scene.peers()).isLessThanOrEqualTo(MOST);

                scene.ahead = Duration.ofSeconds(61);
                NetScene.await(() -> scene.peers() == 1);
                shouldAnswer(newcomer);
                NetScene.await(() -> filesWithin(before + CROWD + SOME_FILES));
            }
        } finally {
            for (SocketChannel each : crowd) {
                each.close();
            }
        }
        NetScene.await(() -> filesWithin(before + SOME_FILES));
    }

    private static boolean filesWithin(long most) {
        try {
            return openFiles() <= most;
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /// Sends a message byte by byte.
    private static final class Dripping implements AutoCloseable {
        private final NetScene.Client client;
        private final byte[] bytes;
        private int sent;

        Dripping(NetScene.Client client, byte[] bytes, int first) throws IOException {
            this.client = client;
            this.bytes = bytes;
            client.socket.getOutputStream().write(bytes, 0, first);
            sent = first;
        }

        /// Sends one byte more.
        ///
        /// @return false if the node has hung up
        boolean drip() {
            try {
                client.socket.getOutputStream().write(bytes, sent++, 1);
                return true;
            } catch (IOException e) {
                return false;
            }
        }

        @Override
        public void close() throws IOException {
            client.close();
        }
    }

    private static byte[] anything(String command) {
        return V1Transport.frame(NetScene.MAGIC, command, Bytes.wrap(new byte[1_000]))
                .toByteArray();
    }

    /// A minute of the engine's time after the other, in which one byte comes of each.
    private void pass(int minutes, NetScene.Client honest, List<Dripping> all) throws Exception {
        for (int i = 0; i < minutes; i++) {
            all.forEach(Dripping::drip);
            shouldAnswer(honest);
            scene.ahead = scene.ahead.plus(Duration.ofMinutes(1));
            // It has had time to see it: the engine answers only between two looks.
            Thread.sleep(120);
            shouldAnswer(honest);
        }
    }

    @Test
    @DisplayName("D13 a byte now and then, before and after the handshake")
    @Sabotage(type = "weft.p2p.Inactivity", method = "onTick", returns = "void")
    void shouldEndWhoSendsNoWholeMessage() throws Exception {
        try (NetScene.Client honest = scene.client();
                var header = new Dripping(scene.client(), anything("version"), 5);
                var payload = new Dripping(scene.client(), anything("version"), 30);
                var encrypted = new Dripping(scene.client(), new byte[1_000], 20);
                var lateHeader = new Dripping(scene.client().handshake(), anything("a"), 3);
                var latePayload = new Dripping(scene.client().handshake(), anything("a"), 30)) {
            // From the beginning: the first ping may come together with the last of the handshake.
            honest.answersPings = true;
            honest.handshake();
            List<Dripping> all = List.of(header, payload, encrypted, lateHeader, latePayload);
            NetScene.await(() -> scene.peers() == all.size() + 1);
            pass(2, honest, all);
            // Before the handshake: one minute.
            NetScene.await(() -> scene.peers() == 3);
            pass(16, honest, all);
            assertThat(scene.peers()).isEqualTo(3);
            // After it: 20 minutes since the ping that is not answered, the last thing that was
            // sent.
            pass(4, honest, all);
            NetScene.await(() -> scene.peers() == 1);
            assertThat(scene.logged("socket no message in first 60 seconds")).isTrue();
            assertThat(scene.logged(" timeout: 12")).as("seconds").isTrue();
        }
    }
}
