package weft.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// The defence of a real node, as its operator sees it.
@Timeout(120)
class DefenceRpcTest {
    private static JsonNode onlyPeer(RunningNode node) {
        return node.call("getpeerinfo").get(0);
    }

    private static void awaitPeers(RunningNode node, int count) throws InterruptedException {
        RunningNode.await(
                Duration.ofSeconds(60),
                () -> {
                    int ready = 0;
                    for (JsonNode each : node.call("getpeerinfo")) {
                        ready += each.has("weft") ? 1 : 0;
                    }
                    return ready == count;
                });
    }

    private static void awaitGone(RunningNode node) throws InterruptedException {
        long begun = System.nanoTime();
        RunningNode.await(
                Duration.ofSeconds(60), () -> node.call("getconnectioncount").asInt() == 0);
        assertThat(System.nanoTime() - begun).isLessThan(Duration.ofSeconds(1).toNanos());
    }

    @Test
    @DisplayName("S-70 S-05 S-118 status, costs, limits while running, and equal session ids")
    void shouldShowAndAct(@TempDir Path folder) throws Exception {
        try (RunningNode one = RunningNode.start(folder.resolve("one"), "-misbehaviour=score");
                RunningNode two = RunningNode.start(folder.resolve("two"))) {
            one.call("addnode", "127.0.0.1:" + two.port, "onetry");
            awaitPeers(one, 1);
            awaitPeers(two, 1);
            RunningNode.await(Duration.ofSeconds(60), () -> onlyPeer(one).has("minping"));
            JsonNode peer = onlyPeer(one);
            assertThat(peer.get("last_status").asString()).isEqualTo("online");
            assertThat(peer.get("pingtime").asDouble()).isPositive();
            assertThat(peer.get("minping").asDouble()).isPositive();
            assertThat(peer.get("weft").get("score").asInt()).isZero();
            assertThat(peer.get("weft").get("cost").get("messages").asInt()).isGreaterThan(3);

            JsonNode costs = one.call("getpeercosts").get("all").get("by_message").get("version");
            assertThat(costs.get("messages").asInt()).isOne();
            assertThat(costs.get("cpu_us").asLong()).as("time that was measured").isPositive();
            JsonNode defence = one.call("getdefenceinfo");
            assertThat(defence.get("misbehaviour").asString()).isEqualTo("score");
            assertThat(defence.get("warnings")).isEmpty();
            assertThat(one.call("getnetworkinfo").get("warnings").isArray()).isTrue();

            CommandLineRun compared = CommandLineRun.of("session-id", rpcOf(one), rpcOf(two));
            assertThat(compared.exitCode()).isZero();
            assertThat(compared.last())
                    .startsWith(peer.get("session_id").asString() + " same: peer 0 at 127.0.0.1");
            assertThat(CommandLineRun.of("session-id", rpcOf(one)).out()).hasSize(1);

            // Each acts in less than a second.
            assertThat(two.call("setconnectionlimits", 0).get("inbound").asInt()).isZero();
            awaitGone(two);
            awaitGone(one);
            one.call("addnode", "127.0.0.1:" + two.port, "onetry");
            Thread.sleep(500);
            assertThat(two.call("getconnectioncount").asInt()).as("no room").isZero();
            two.call("setconnectionlimits", 10);
            one.call("addnode", "127.0.0.1:" + two.port, "onetry");
            awaitPeers(two, 1);
            assertThat(CommandLineRun.of("session-id", rpcOf(one), rpcOf(two)).exitCode()).isZero();
            one.call("disconnectnode", "127.0.0.1:" + two.port);
            awaitGone(two);
            one.call("addnode", "127.0.0.1:" + two.port, "onetry");
            awaitPeers(two, 1);
            one.call("setnetworkactive", false);
            awaitGone(two);
            assertThat(CommandLineRun.of("session-id", rpcOf(one), rpcOf(two)).exitCode())
                    .as("nothing in common")
                    .isOne();
        }
    }

    @Test
    @DisplayName("S-70 whose ping waits for its answer for more than 30 seconds is silent")
    void shouldShowTheSilent(@TempDir Path folder) throws Exception {
        try (RunningNode node = RunningNode.start(folder);
                RawPeer peer = new RawPeer(node.port).handshake()) {
            // It is asked at once, and answers nothing.
            peer.await("ping");
            awaitPeers(node, 1);
            assertThat(onlyPeer(node).get("last_status").asString()).isEqualTo("online");
            long now = Instant.now().getEpochSecond();
            node.call("setmocktime", now + 20);
            assertThat(onlyPeer(node).get("last_status").asString()).isEqualTo("online");
            node.call("setmocktime", now + 40);
            assertThat(onlyPeer(node).get("last_status").asString()).isEqualTo("silent");
            assertThat(onlyPeer(node).get("pingwait").asDouble()).isGreaterThan(30);
        }
    }

    private static String rpcOf(RunningNode node) {
        return "127.0.0.1:" + node.rpcPort + "," + node.networkFolder().resolve(".cookie");
    }
}
