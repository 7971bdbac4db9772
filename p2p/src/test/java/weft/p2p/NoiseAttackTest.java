package weft.p2p;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.primitives.Bytes;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.wire.NetAddress;
import weft.wire.Ping;
import weft.wire.Pong;
import weft.wire.Unknown;

/// What means nothing, in numbers: decoys, alerts, commands that there are not.
class NoiseAttackTest implements SeenRed {
    private static final int MANY = 10_000;
    private static final int NAMES = 10;
    private static final int HEAD_BYTES = 24;

    /// In a second, so that it is 100,000 in less than a minute.
    private static final long DECOYS = 1_700;

    private static final int DECOY_BYTES = 20;
    private static final long MEGABYTE = 1_000_000;
    private static final NetAddress LOCAL = NetAddress.parse("99.1.1.1:8333", 8333);

    private final EngineWorld world = new EngineWorld(1, EngineWorld.quiet());

    private static long memory() {
        for (int i = 0; i < 4; i++) {
            System.gc();
        }
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    private static boolean isServed(EngineWorld.FakePeer peer) {
        peer.received.clear();
        peer.sends(Ping.of(7));
        return peer.got(Pong.class);
    }

    @Test
    @DisplayName(
            "C07 10,000 alerts and 100,000 commands that there are not: nothing is kept of them")
    @Sabotage(type = "weft.p2p.KnownCommands", method = "placeOf", returns = "-1")
    @Sabotage(type = "weft.p2p.Messages", method = "onUnknown", call = "toOthers", returns = "true")
    void shouldKeepNothingOfWhatItDoesNotKnow() {
        EngineWorld.FakePeer honest = world.accept("1.2.3.4:5000").handshake();
        EngineWorld.FakePeer attacker = world.accept("1.2.3.5:5000").handshake();
        attacker.received.clear();
        long bytes = 0;
        long before = memory();
        for (int i = 0; i < MANY; i++) {
            byte[] junk = new byte[1 + i % 2_000];
            junk[0] = (byte) i;
            attacker.sends(new Unknown("alert", Bytes.wrap(junk)));
            for (int name = 0; name < NAMES; name++) {
                attacker.sends(new Unknown("x" + (i * NAMES + name), Bytes.EMPTY));
            }
            bytes += junk.length + (1 + NAMES) * HEAD_BYTES;
            assertThat(world.logged("Unknown command \"alert\" from peer=1")).isTrue();
            world.lines.clear();
        }
        assertThat(memory() - before).as("bytes").isLessThan(4 * MEGABYTE);
        assertThat(attacker.closed).isFalse();
        assertThat(attacker.received).isEmpty();
        assertThat(world.commands).as("no work for anybody else").isEmpty();
        assertThat(world.engine.netTotals().receivedByCommand())
                .containsEntry("*other*", bytes)
                .doesNotContainKeys("alert", "x1");
        assertThat(isServed(honest)).isTrue();
    }

    @Test
    @DisplayName("C15 100,000 empty decoys in place of messages, and 60 seconds for a handshake")
    @Sabotage(type = "weft.p2p.Inactivity", method = "onTick", returns = "void")
    @Sabotage(type = "weft.p2p.WorkMeter", method = "onNoise", returns = "void")
    @Sabotage(type = "weft.p2p.PeerEngine", method = "onHeard", returns = "void")
    void shouldNotWaitForWhoSendsDecoysOnly() {
        EngineWorld.FakePeer honest = world.accept("1.2.3.4:5000").handshake();
        // With the first keys are agreed on, with the other they are not yet.
        EngineWorld.FakePeer first = world.accept("1.2.3.5:5000");
        var slow = new PeerId(1_000);
        var address = NetAddress.parse("1.2.3.6:5000", 0);
        world.input(new PeerInput.Accepted(slow, address, LOCAL, false, PeerPermissions.NONE));
        int size = world.engine.peersSnapshot(world.now()).size();
        long before = memory();
        for (int seconds = 1; seconds < 60; seconds++) {
            for (int i = 0; i < DECOYS; i++) {
                world.input(new PeerInput.Heard(first.id, DECOY_BYTES));
                world.input(new PeerInput.Decoy(first.id, DECOY_BYTES));
            }
            world.input(new PeerInput.Heard(slow, 1));
            world.advance(Duration.ofSeconds(1));
        }
        assertThat(first.closed).isFalse();
        assertThat(memory() - before).as("bytes").isLessThan(4 * MEGABYTE);
        assertThat(world.engine.netTotals().received())
                .as("bytes are counted whatever they mean")
                .isEqualTo(59 * (DECOYS * DECOY_BYTES + 1));
        assertThat(world.engine.mustWait(new PeerInput.Decoy(first.id, DECOY_BYTES)))
                .as("they are paid for")
                .isTrue();
        assertThat(world.engine.peersSnapshot(world.now())).hasSize(size);
        world.advance(Duration.ofSeconds(2));
        assertThat(first.closed).isTrue();
        assertThat(world.engine.peersSnapshot(world.now())).hasSize(size - 2);
        assertThat(first.received).isEmpty();
        assertThat(honest.closed).isFalse();
        assertThat(isServed(honest)).isTrue();
    }
}
