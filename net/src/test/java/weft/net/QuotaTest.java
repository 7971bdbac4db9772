package weft.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import weft.p2p.PeerCommand;
import weft.p2p.PeerId;
import weft.p2p.defence.WorkQuota;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.wire.Message;
import weft.wire.Ping;
import weft.wire.Pong;

/// One peer sends far more than inbound peers may together, and another pings.
@Timeout(60)
class QuotaTest implements SeenRed {
    private static final int GREEDY = 20_000;

    /// Two percent of a core are 2,000 pings with their answers a second.
    private static final int PERCENT = 2;

    /// What the peer had, and what it was given while others filled the pot.
    private static final int AT_ONCE = 4_500;

    private static final long SOON = TimeUnit.SECONDS.toNanos(1);
    private static final PeerId FIRST = new PeerId(0);
    private static final PeerId SECOND = new PeerId(1);

    @Test
    @DisplayName("S-72 S-109b a flood is read no faster than its share, and keeps nobody waiting")
    @Sabotage(type = "weft.p2p.defence.WorkQuota", method = "isOver", returns = "false")
    @Sabotage(type = "weft.p2p.WorkMeter", method = "mustWait", returns = "false")
    void shouldReadAFloodNoFasterThanItsShare() throws Exception {
        try (var scene = new NetScene();
                NetScene.Client greedy = scene.client().handshake()) {
            NetScene.Client modest = scene.client().handshake();
            NetScene.await(() -> scene.peers() == 2);
            scene.loop.ask(
                    engine -> {
                        engine.quota().charge(FIRST, WorkQuota.POT_MAX_NANOS);
                        engine.quota().limitTo(PERCENT);
                        return 0;
                    });
            scene.lines.clear();
            long begun = System.nanoTime();
            var pings = new Message[GREEDY];
            Arrays.setAll(pings, i -> Ping.of(i));
            greedy.send(pings);
            Thread.sleep(500);
            long slowest = 0;
            for (int i = 0; i < 10; i++) {
                long taken = roundTrip(modest, 1_000_000 + i);
                if (taken > SOON) {
                    // The machine may have stood still, once. Who waits behind the flood waits
                    // again.
                    taken = roundTrip(modest, 2_000_000 + i);
                }
                slowest = Math.max(slowest, taken);
                Thread.sleep(50);
            }
            long heard = heard(scene, FIRST);
            long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun);
            assertThat(heard).isBetween(100L, 2 * millis + AT_ONCE);
            assertThat(slowest).isLessThan(SOON);
            // It came when the pot was empty and it had no share yet.
            assertThat(waited(scene, SECOND)).isLessThan(TimeUnit.MILLISECONDS.toNanos(100));
            assertThat(waited(scene, FIRST)).isPositive();
            // Nothing is lost.
            scene.loop.ask(
                    engine -> {
                        engine.quota().limitTo(0);
                        return 0;
                    });
            for (int i = 0; i < GREEDY; i++) {
                assertThat(((Pong) greedy.await("pong")).nonce()).hasValue(i);
            }
            modest.close();
        }
    }

    @Test
    @DisplayName("S-109b who leaves while it waits is forgotten")
    void shouldForgetWhoLeavesWhileItWaits() throws Exception {
        try (var scene = new NetScene()) {
            try (NetScene.Client greedy = scene.client().handshake()) {
                scene.loop.ask(
                        engine -> {
                            engine.quota().limitTo(1);
                            engine.quota().charge(FIRST, 2 * WorkQuota.POT_MAX_NANOS);
                            return 0;
                        });
                var pings = new Message[100];
                Arrays.setAll(pings, i -> Ping.of(i));
                greedy.send(pings);
                Thread.sleep(200);
                assertThat(scene.peers()).isEqualTo(1);
            }
            scene.loop.tell(new PeerCommand.DisconnectPeer(FIRST));
            NetScene.await(() -> scene.peers() == 0);
        }
    }

    private static long roundTrip(NetScene.Client client, long nonce) throws IOException {
        long asked = System.nanoTime();
        client.send(Ping.of(nonce));
        assertThat(((Pong) client.await("pong")).nonce()).hasValue(nonce);
        return System.nanoTime() - asked;
    }

    private static long heard(NetScene scene, PeerId peer) {
        return scene.lines.stream()
                .filter(each -> each.startsWith("received: ping"))
                .filter(each -> each.endsWith("peer=" + peer))
                .count();
    }

    private static long waited(NetScene scene, PeerId peer) {
        return scene.loop.ask(engine -> engine.quota().waitedNanos(peer));
    }
}
