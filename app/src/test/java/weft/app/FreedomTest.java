package weft.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import weft.app.rpc.RpcClient;

/// What an operator changes of a running node acts within a second of the answer. As the machine may be busy,
/// each has three tries, each of a second.
@Timeout(240)
class FreedomTest {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final long SECOND_NANOS = 1_000_000_000L;
    private static final int TRIES = 3;

    /// Something that a test does.
    private interface Act {
        void run() throws IOException, InterruptedException;
    }

    private static void assertActs(String what, Act before, Act act, BooleanSupplier effect)
            throws IOException, InterruptedException {
        var nanos = new ArrayList<Long>();
        for (int i = 0; i < TRIES; i++) {
            before.run();
            assertThat(effect.getAsBoolean()).as("%s: not yet", what).isFalse();
            act.run();
            long answered = System.nanoTime();
            RunningNode.await(SOON, effect);
            nanos.add(System.nanoTime() - answered);
            if (nanos.getLast() <= SECOND_NANOS) {
                return;
            }
        }
        throw new AssertionError(what + " never acted within a second: " + nanos + " ns");
    }

    private static int shaken(RunningNode node) {
        int count = 0;
        for (JsonNode each : node.call("getpeerinfo")) {
            count += each.has("weft") ? 1 : 0;
        }
        return count;
    }

    private static boolean areConnected(RunningNode one, RunningNode two) {
        return shaken(one) == 1 && shaken(two) == 1;
    }

    private static boolean areAlone(RunningNode one, RunningNode two) {
        return one.call("getpeerinfo").isEmpty() && two.call("getpeerinfo").isEmpty();
    }

    private static String addressOf(RunningNode node) {
        return "127.0.0.1:" + node.port;
    }

    /// One knows two no more, and both have no peers.
    private static void part(RunningNode one, RunningNode two) throws InterruptedException {
        forget(one, two);
        one.call("setnetworkactive", false);
        RunningNode.await(SOON, () -> areAlone(one, two));
        one.call("setnetworkactive", true);
    }

    private static void forget(RunningNode one, RunningNode two) {
        try {
            one.call("addnode", addressOf(two), "remove");
        } catch (RpcClient.RpcException e) {
            assertThat(e).hasMessageContaining("has not been added");
        }
    }

    /// One dialled two, once.
    private static void join(RunningNode one, RunningNode two) throws InterruptedException {
        part(one, two);
        two.call("setnetworkactive", true);
        two.call("setconnectionlimits", 10);
        one.call("addnode", addressOf(two), "onetry");
        RunningNode.await(SOON, () -> areConnected(one, two));
    }

    @Test
    @DisplayName(
            "S-05 addnode, disconnectnode, setnetworkactive and the limit of inbound connections act"
                    + " within a second")
    void shouldActAtOnce(@TempDir Path folder) throws Exception {
        try (RunningNode one = RunningNode.start(folder.resolve("one"), "-connect=0");
                RunningNode two =
                        RunningNode.start(folder.resolve("two"), "-connect=0", "-listen=1")) {
            BooleanSupplier alone = () -> areAlone(one, two);
            BooleanSupplier connected = () -> areConnected(one, two);
            assertActs(
                    "addnode",
                    () -> part(one, two),
                    () -> one.call("addnode", addressOf(two), "add"),
                    connected);
            assertActs(
                    "disconnectnode",
                    () -> join(one, two),
                    () -> one.call("disconnectnode", addressOf(two)),
                    alone);
            assertActs(
                    "setnetworkactive false",
                    () -> join(one, two),
                    () -> two.call("setnetworkactive", false),
                    alone);
            assertActs(
                    "setnetworkactive true",
                    () -> {
                        join(one, two);
                        one.call("setnetworkactive", false);
                        RunningNode.await(SOON, alone);
                        one.call("addnode", addressOf(two), "add");
                    },
                    () -> one.call("setnetworkactive", true),
                    connected);
            assertActs(
                    "no inbound connections",
                    () -> join(one, two),
                    () -> two.call("setconnectionlimits", 0),
                    alone);
            assertActs(
                    "inbound connections again",
                    () -> two.call("setconnectionlimits", 0),
                    () -> two.call("setconnectionlimits", 10),
                    () -> isLetIn(two));
        }
    }

    private static boolean isLetIn(RunningNode node) {
        try (var peer = new RawPeer(node.port)) {
            return peer.handshake().answersPing();
        } catch (IOException | AssertionError e) {
            return false;
        }
    }

    private static int outbound(RunningNode node, String type) {
        int count = 0;
        for (JsonNode each : node.call("getpeerinfo")) {
            count += each.get("connection_type").asString().equals(type) ? 1 : 0;
        }
        return count;
    }

    @Test
    @DisplayName("S-05 other limits of outbound connections act within a second")
    void shouldChangeOutboundAtOnce(@TempDir Path folder) throws Exception {
        List<ServerSocket> silent = new ArrayList<>();
        try (RunningNode node =
                RunningNode.start(
                        folder, "-allowlocal=1", "-networkactive=0", "-peertimeout=600")) {
            for (int i = 0; i < 20; i++) {
                int port = FreePorts.one();
                silent.add(new ServerSocket(port, 50, InetAddress.getLoopbackAddress()));
                node.call("addpeeraddress", "127.0.0.1", port);
            }
            node.call("setnetworkactive", true);
            Act grown =
                    () -> {
                        node.call("setconnectionlimits", 10, 8, 2);
                        RunningNode.await(SOON, () -> outbound(node, "outbound-full-relay") == 8);
                    };
            assertActs(
                    "fewer outbound connections",
                    grown,
                    () -> node.call("setconnectionlimits", 10, 3, 0),
                    () ->
                            outbound(node, "outbound-full-relay") == 3
                                    && outbound(node, "block-relay-only") == 0);
            assertActs(
                    "no outbound connections",
                    grown,
                    () -> node.call("setconnectionlimits", 10, 0, 0),
                    () -> node.call("getpeerinfo").isEmpty());
            assertActs(
                    "more outbound connections",
                    () -> {
                        grown.run();
                        node.call("setconnectionlimits", 10, 3, 0);
                        RunningNode.await(SOON, () -> outbound(node, "outbound-full-relay") == 3);
                    },
                    () -> node.call("setconnectionlimits", 10, 8, 2),
                    () -> outbound(node, "outbound-full-relay") > 3);
        } finally {
            for (ServerSocket each : silent) {
                each.close();
            }
        }
    }
}
