package weft.p2p;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.p2p.defence.ClockWatch;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.wire.Verack;
import weft.wire.VersionMessage;
import weft.wire.WtxidRelay;

/// Peers whose clocks are wrong, to move ours.
class ClockAttackTest implements SeenRed {
    private static final long TWO_HOURS = 7_200;
    private static final String WARNING = "appears to be more than 10 minutes out of sync";

    private final EngineWorld world = new EngineWorld(1, EngineWorld.quiet());
    private int peers;

    private String nextAddress() {
        peers++;
        return "60." + peers / 200 + "." + peers % 200 + ".1:8333";
    }

    private static VersionMessage at(long seconds) {
        return EngineWorld.version(7, EngineWorld.FULL, "/fake:1/", seconds);
    }

    private boolean isWarned() {
        world.advance(Duration.ofSeconds(80));
        return world.engine.warnings().stream().anyMatch(each -> each.text().contains(WARNING));
    }

    /// We dial somebody whose clock is off by so much.
    private EngineWorld.FakePeer dial(long skewSeconds) {
        world.politeDials = false;
        EngineWorld.FakePeer peer = world.dial(nextAddress(), ConnectionType.MANUAL);
        peer.sends(at(world.now().unixSeconds() + skewSeconds), new WtxidRelay(), new Verack());
        return peer;
    }

    @Test
    @DisplayName("E01 two hundred peers with clocks as wrong as can be")
    @Sabotage(
            type = "weft.p2p.Handshake",
            method = "onVersion",
            call = "isInbound",
            returns = "false")
    void shouldNotAskThoseWhoDialUsForTheTime() {
        long now = world.now().unixSeconds();
        long[] times = {
            Long.MIN_VALUE, Long.MAX_VALUE, 0, now + TWO_HOURS, now - TWO_HOURS, -1, now
        };
        for (int i = 0; i < 100; i++) {
            EngineWorld.FakePeer peer = world.accept(nextAddress());
            peer.sends(at(times[i % times.length]), new WtxidRelay(), new Verack());
            assertThat(peer.closed).isFalse();
            assertThat(peer.last(VersionMessage.class).timestamp()).isEqualTo(now);
        }
        assertThat(isWarned()).isFalse();
        for (PeerSnapshot each : world.engine.peersSnapshot(world.now())) {
            assertThat(each.handshake().timeOffsetSeconds()).isGreaterThanOrEqualTo(-now);
        }
    }

    @Test
    @DisplayName("E01 peers that we dialled, all with wrong clocks: a warning, and no more")
    @Sabotage(type = "weft.p2p.defence.ClockWatch", method = "warning", constant = "600>86400")
    @Sabotage(type = "weft.p2p.defence.ClockWatch", method = "medianSeconds", returns = "0")
    @Sabotage(type = "weft.p2p.defence.ClockWatch", method = "add", constant = "50>500")
    void shouldOnlyWarnOfAClockThatIsOff() {
        for (int i = 1; i < ClockWatch.SAMPLES_MIN; i++) {
            dial(i % 2 == 0 ? Long.MAX_VALUE - world.now().unixSeconds() : TWO_HOURS);
        }
        assertThat(isWarned()).as("too few to tell").isFalse();
        dial(TWO_HOURS);
        assertThat(isWarned()).isTrue();
        // The newest 50 count, and of those the one in the middle.
        for (int i = 0; i < 26; i++) {
            dial(0);
        }
        assertThat(isWarned()).isFalse();
        for (int i = 0; i < 25; i++) {
            dial(-TWO_HOURS);
        }
        assertThat(isWarned()).as("half of them").isFalse();
        dial(-TWO_HOURS);
        assertThat(isWarned()).as("more than half").isTrue();
        for (int i = 0; i < 50; i++) {
            dial(i % 2 == 0 ? -600 : 600);
        }
        assertThat(isWarned()).as("ten minutes are no reason").isFalse();
        EngineWorld.FakePeer last = dial(-TWO_HOURS);
        assertThat(last.last(VersionMessage.class).timestamp())
                .isEqualTo(world.now().unixSeconds());
        assertThat(last.closed).isFalse();
    }
}
