package weft.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import weft.primitives.Bytes;
import weft.primitives.Check;
import weft.wire.MessageCodec;

/// What peers send that no peer should, over TCP to a real process: the peer is dropped or the message is
/// ignored, as Bitcoin Core does, and the node goes on.
class HostilePeerTest {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final Bytes MAIN = Bytes.parse("f9beb4d9");

    private static @Nullable RunningNode node;

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        // No permission for who comes from this machine: they are dropped like strangers.
        node = RunningNode.start(folder);
    }

    @AfterAll
    static void stop() throws Exception {
        assertThat(node().stop()).isZero();
        assertThat(Files.readString(node().folder.resolve("console.txt"))).isEmpty();
    }

    @AfterEach
    void shouldStillBeThere() throws IOException {
        assertThat(node().height()).isZero();
        try (var stranger = new RawPeer(node().port)) {
            assertThat(stranger.handshake().answersPing()).isTrue();
        }
    }

    private static RunningNode node() {
        return Check.present(node, "the node was started");
    }

    private static RawPeer friend() throws IOException {
        return new RawPeer(node().port).handshake();
    }

    private static String log() throws IOException {
        return Files.readString(node().folder.resolve("regtest").resolve("debug.log"));
    }

    @Test
    void shouldDropAPeerOfAnotherNetwork() throws Exception {
        try (var peer = new RawPeer(node().port)) {
            byte[] version = MessageCodec.encode(RawPeer.version()).toByteArray();
            peer.send(RawPeer.frame(MAIN, "version", version.length, version, true));
            assertThat(peer.isDropped(SOON)).isTrue();
        }
    }

    @Test
    void shouldDropAPeerThatChangesItsMagic() throws Exception {
        try (RawPeer peer = friend()) {
            peer.send(RawPeer.frame(MAIN, "ping", 8, new byte[8], true));
            assertThat(peer.isDropped(SOON)).isTrue();
        }
    }

    @Test
    void shouldIgnoreAMessageWithAWrongChecksum() throws Exception {
        try (RawPeer peer = friend()) {
            peer.await("ping");
            peer.send(RawPeer.frame(RawPeer.REGTEST, "ping", 8, new byte[8], false));
            assertThat(peer.find("pong", Duration.ofMillis(500))).isEmpty();
            assertThat(peer.answersPing()).isTrue();
            assertThat(log()).contains("Header error: Wrong checksum (ping, 8 bytes)");
        }
    }

    @Test
    void shouldDropAPeerThatAnnouncesTooManyBytes() throws Exception {
        try (RawPeer peer = friend()) {
            peer.send(RawPeer.frame(RawPeer.REGTEST, "block", 4_000_001, new byte[0], true));
            assertThat(peer.isDropped(SOON)).isTrue();
        }
        try (RawPeer peer = friend()) {
            peer.send(RawPeer.frame(RawPeer.REGTEST, "block", 0xffff_ffffL, new byte[0], true));
            assertThat(peer.isDropped(SOON)).isTrue();
        }
    }

    @Test
    void shouldIgnoreCountsThatNoMessageCanHold() throws Exception {
        byte[][] hostile = {
            Bytes.parse("ffffffffffffffffff").toByteArray(),
            Bytes.parse("ff00000002000000" + "00").toByteArray(),
            Bytes.parse("fe00000002").toByteArray(),
            Bytes.parse("fdffff").toByteArray(),
        };
        try (RawPeer peer = friend()) {
            for (String command :
                    List.of("addr", "addrv2", "headers", "tx", "block", "cmpctblock", "blocktxn")) {
                for (byte[] payload : hostile) {
                    peer.send(RawPeer.frame(command, payload));
                }
            }
            assertThat(peer.answersPing()).isTrue();
        }
    }

    @Test
    void shouldIgnoreLengthsThatAreNotCanonical() throws Exception {
        try (RawPeer peer = friend()) {
            // One address, its count in three bytes instead of one.
            byte[] payload = new byte[3 + 30];
            payload[0] = (byte) 0xfd;
            payload[1] = 1;
            peer.send(RawPeer.frame("addr", payload));
            assertThat(peer.answersPing()).isTrue();
            assertThat(log()).contains("non-canonical ReadCompactSize()");
        }
    }

    @Test
    void shouldIgnoreTruncatedMessages() throws Exception {
        try (RawPeer peer = friend()) {
            for (String command :
                    List.of("inv", "getdata", "headers", "getheaders", "tx", "block", "ping")) {
                peer.send(RawPeer.frame(command, new byte[] {1, 2, 3}));
            }
            assertThat(peer.answersPing()).isTrue();
        }
    }

    @Test
    void shouldSurviveAPeerThatLeavesInTheMiddle() throws Exception {
        byte[] whole =
                RawPeer.frame("version", MessageCodec.encode(RawPeer.version()).toByteArray());
        for (int length : new int[] {1, 4, 23, 24, 60, whole.length - 1}) {
            try (var peer = new RawPeer(node().port)) {
                peer.send(java.util.Arrays.copyOf(whole, length));
            }
        }
        RunningNode.await(SOON, () -> node().call("getconnectioncount").asInt() == 0);
    }

    @Test
    void shouldIgnoreATruncatedVersion() throws Exception {
        try (var peer = new RawPeer(node().port)) {
            peer.send(RawPeer.frame("version", new byte[] {1, 2, 3, 4}));
            assertThat(peer.find("verack", Duration.ofMillis(500))).isEmpty();
            assertThat(peer.handshake().answersPing()).isTrue();
        }
    }

    @Test
    void shouldKeepNoMoreThanItReceived() throws Exception {
        // A hundred peers announce 4 MB each and send nothing: more than the heap of 256 MB.
        var peers = new ArrayList<RawPeer>();
        try {
            for (int i = 0; i < 100; i++) {
                RawPeer peer = friend();
                peers.add(peer);
                peer.send(RawPeer.frame(RawPeer.REGTEST, "block", 4_000_000, new byte[10], true));
            }
            assertThat(node().call("getconnectioncount").asInt()).isGreaterThanOrEqualTo(100);
            try (RawPeer another = friend()) {
                assertThat(another.answersPing()).isTrue();
            }
        } finally {
            for (RawPeer each : peers) {
                each.close();
            }
        }
    }

    @Test
    void shouldHoldNoMoreHalfMessagesThanFitAQuarterOfTheHeap() throws Exception {
        // More than a quarter of the heap of 256 MB, and nobody ends what he began.
        var peers = new ArrayList<RawPeer>();
        byte[] half = RawPeer.frame(RawPeer.REGTEST, "block", 4_000_000, new byte[3_900_000], true);
        try (RawPeer honest = friend()) {
            for (int i = 0; i < 24; i++) {
                RawPeer peer = friend();
                peers.add(peer);
                try {
                    peer.send(half);
                } catch (IOException e) {
                    // It may be the largest before it has sent all.
                    assertThat(e).isInstanceOf(java.net.SocketException.class);
                }
            }
            RunningNode.await(SOON, () -> node().call("getconnectioncount").asInt() <= 17);
            assertThat(log()).contains("receive budget exceeded");
            assertThat(honest.answersPing()).isTrue();
        } finally {
            for (RawPeer each : peers) {
                each.close();
            }
        }
    }
}
