package weft.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import weft.wire.Message;
import weft.wire.Ping;
import weft.wire.Pong;

/// One peer fills all that it may while the engine is busy; another then says one thing.
@Timeout(60)
class FairTurnsTest {
    private static final int GREEDY = 1_000;
    private static final int TURN = 16;

    @Test
    @DisplayName("S-109b a peer with a thousand messages waiting keeps nobody waiting for them")
    void shouldLetPeersTakeTurns() throws Exception {
        try (var scene = new NetScene();
                NetScene.Client greedy = scene.client().handshake();
                NetScene.Client modest = scene.client().handshake()) {
            NetScene.await(() -> scene.peers() == 2);
            var busy = new CountDownLatch(1);
            var free = new CountDownLatch(1);
            Thread question =
                    Thread.ofVirtual()
                            .start(
                                    () ->
                                            scene.loop.ask(
                                                    engine -> {
                                                        busy.countDown();
                                                        awaitQuietly(free);
                                                        return 0;
                                                    }));
            busy.await();
            scene.lines.clear();
            var pings = new Message[GREEDY];
            Arrays.setAll(pings, i -> Ping.of(i));
            greedy.send(pings);
            Thread.sleep(1_000);
            long before = scene.connections.held();
            modest.send(Ping.of(77));
            NetScene.await(() -> scene.connections.held() > before);
            Thread.sleep(500);
            free.countDown();
            question.join();
            assertThat(((Pong) modest.await("pong")).nonce()).hasValue(77);
            for (int i = 0; i < GREEDY; i++) {
                greedy.await("pong");
            }
            List<String> heard =
                    scene.lines.stream().filter(each -> each.startsWith("received: ping")).toList();
            assertThat(heard).hasSize(GREEDY + 1);
            long ahead = heard.stream().takeWhile(each -> each.endsWith("peer=0")).count();
            assertThat(ahead).isLessThanOrEqualTo(TURN);
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
