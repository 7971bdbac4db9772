package weft.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import weft.primitives.Digest256;
import weft.wire.GetAddr;
import weft.wire.Inv;
import weft.wire.InvItem;
import weft.wire.InvType;

/// Who has all points is banned, or shadowed, and still is after a restart. Peers of the loopback interface
/// are never banned, so the offender comes by another address of this machine.
@Timeout(180)
class BanRestartTest {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final long DAY_SECONDS = 86_400;
    private static final Inv TOO_LONG =
            new Inv(Collections.nCopies(50_001, new InvItem(InvType.WTX, Digest256.ZERO)));

    /// An address of this machine that is not of the loopback interface.
    private static InetAddress own() throws IOException {
        return NetworkInterface.networkInterfaces()
                .flatMap(NetworkInterface::inetAddresses)
                .filter(each -> each instanceof Inet4Address && !each.isLoopbackAddress())
                .findFirst()
                .orElseGet(
                        () ->
                                Assumptions.abort(
                                        "needs an IPv4 address beside that of the loopback"));
    }

    private static RunningNode start(Path folder, InetAddress own, int port, String mode)
            throws IOException, InterruptedException {
        return RunningNode.start(
                folder,
                "-connect=0",
                "-listen=1",
                "-misbehaviour=" + mode,
                "-bind=" + own.getHostAddress() + ":" + port);
    }

    private static JsonNode onlyBan(RunningNode node) {
        JsonNode bans = node.call("listbanned");
        assertThat(bans).hasSize(1);
        return bans.get(0);
    }

    private static void assertBan(JsonNode ban, InetAddress own, String mode) {
        assertThat(ban.get("address").asString()).isEqualTo(own.getHostAddress() + "/32");
        assertThat(ban.get("weft_reason").asString()).isEqualTo(mode);
        assertThat(ban.get("ban_duration").asLong()).isEqualTo(DAY_SECONDS);
        assertThat(ban.get("time_remaining").asLong()).isBetween(DAY_SECONDS - 120, DAY_SECONDS);
    }

    private static void assertSame(JsonNode ban, JsonNode before) {
        for (String each : new String[] {"address", "ban_created", "banned_until", "weft_reason"}) {
            assertThat(ban.get(each)).as(each).isEqualTo(before.get(each));
        }
    }

    /// Five times twenty points.
    private static void offend(RawPeer peer) throws IOException {
        for (int i = 0; i < 5; i++) {
            peer.send(TOO_LONG);
        }
    }

    @Test
    @DisplayName("S-103 banned at 100 points; after a restart too, until the same second")
    void shouldBanAfterARestartToo(@TempDir Path folder) throws Exception {
        InetAddress own = own();
        int port = FreePorts.one();
        try (RunningNode node = start(folder, own, port, "score")) {
            try (var peer = new RawPeer(own, port)) {
                offend(peer.handshake());
                assertThat(peer.isDropped(SOON)).isTrue();
            }
            JsonNode ban = onlyBan(node);
            assertBan(ban, own, "score");
            assertDropped(own, port);

            assertThat(node.stop()).isZero();
            node.startAgain();
            assertSame(onlyBan(node), ban);
            assertDropped(own, port);

            // A crash loses nothing either.
            node.kill();
            node.startAgain();
            assertSame(onlyBan(node), ban);
            assertDropped(own, port);
            try (var honest = new RawPeer(node.port)) {
                assertThat(honest.handshake().answersPing()).isTrue();
            }

            node.call("setmocktime", ban.get("banned_until").asLong() + 1);
            assertThat(node.call("listbanned")).isEmpty();
            try (var again = new RawPeer(own, port)) {
                assertThat(again.handshake().answersPing()).isTrue();
            }
        }
    }

    private static void assertDropped(InetAddress own, int port) throws IOException {
        try (var peer = new RawPeer(own, port)) {
            peer.send(RawPeer.version());
            assertThat(peer.isDropped(SOON)).isTrue();
        } catch (java.net.SocketException e) {
            // Reset while we wrote: dropped.
        }
    }

    @Test
    @DisplayName("S-104 a shadow ban: let in and not served; after a restart too")
    void shouldShadowAfterARestartToo(@TempDir Path folder) throws Exception {
        InetAddress own = own();
        int port = FreePorts.one();
        try (RunningNode node = start(folder, own, port, "shadow")) {
            for (int i = 1; i <= 40; i++) {
                node.call("addpeeraddress", "9." + i + ".1.1", 18_444);
            }
            JsonNode ban;
            try (var peer = new RawPeer(own, port)) {
                offend(peer.handshake());
                RunningNode.await(SOON, () -> node.call("listbanned").size() == 1);
                ban = onlyBan(node);
                assertBan(ban, own, "shadow");
                assertShadowed(node, peer);
            }
            assertThat(node.stop()).isZero();
            node.startAgain();
            assertSame(onlyBan(node), ban);
            RunningNode.await(SOON, () -> node.call("getpeerinfo").isEmpty());
            try (RawPeer again = new RawPeer(own, port).handshake()) {
                assertShadowed(node, again);
            }
        }
    }

    /// The clock is not set before the question was heard, for then it stands still.
    private static void awaitHeard(RunningNode node, int peer) throws Exception {
        RunningNode.await(
                SOON,
                () -> {
                    JsonNode seen = node.call("getpeerinfo").get(peer);
                    return seen != null && seen.get("bytesrecv_per_msg").has("getaddr");
                });
    }

    /// Alive for all that it can see, and no answer but signs of life.
    private static void assertShadowed(RunningNode node, RawPeer peer) throws Exception {
        RunningNode.await(SOON, () -> node.call("getpeerinfo").get(0).has("weft"));
        JsonNode seen = node.call("getpeerinfo").get(0);
        assertThat(seen.get("weft").get("shadowed").asBoolean()).isTrue();
        assertThat(peer.answersPing()).isTrue();
        peer.send(new GetAddr());
        awaitHeard(node, 0);
        node.call("setmocktime", java.time.Instant.now().getEpochSecond() + 300);
        assertThat(peer.find("addr", Duration.ofSeconds(2))).isEmpty();
        node.call("setmocktime", 0);
        try (RawPeer honest = new RawPeer(node.port).handshake()) {
            honest.send(new GetAddr());
            awaitHeard(node, 1);
            node.call("setmocktime", java.time.Instant.now().getEpochSecond() + 600);
            assertThat(honest.find("addr", SOON)).as("others are served").isPresent();
        }
        node.call("setmocktime", 0);
    }
}
