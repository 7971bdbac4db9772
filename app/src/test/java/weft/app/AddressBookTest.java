package weft.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// The address book of a real node, as its operator sees it.
class AddressBookTest {
    private static JsonNode entry(RunningNode node, String list, int port) {
        for (JsonNode each : node.call("getaddressbook").get(list)) {
            if (each.get("port").asInt() == port) {
                return each;
            }
        }
        throw new AssertionError(
                "no " + port + " in " + list + " of " + node.call("getaddressbook"));
    }

    private static String status(RunningNode node, String list, int port) {
        return entry(node, list, port).get("last_status").asString();
    }

    private static boolean isTrusted(RunningNode node, int port) {
        for (JsonNode each : node.call("getaddressbook").get("trusted")) {
            if (each.get("port").asInt() == port) {
                return true;
            }
        }
        return false;
    }

    /// A table of the book by place, without what time changes.
    private static Map<String, String> table(RunningNode node, String name) {
        var places = new TreeMap<String, String>();
        node.call("getrawaddrman")
                .get(name)
                .properties()
                .forEach(
                        each ->
                                places.put(
                                        each.getKey(),
                                        each.getValue().get("address").asString()
                                                + " from "
                                                + each.getValue().get("source").asString()));
        return places;
    }

    /// One in 64 ports has the place of the friend, who keeps it.
    private static int addNobody(RunningNode node) throws Exception {
        while (true) {
            int port = FreePorts.one();
            if (node.call("addpeeraddress", "127.0.0.1", port).get("success").asBoolean()) {
                return port;
            }
        }
    }

    @Test
    @Timeout(120)
    @DisplayName(
            "S-40 S-41 S-70 two lists over RPC, with reasons and whether each was there; both the same"
                    + " after a restart offline")
    void shouldShowAndKeepTheLists(@TempDir Path folder) throws Exception {
        try (RunningNode friend = RunningNode.start(folder.resolve("friend"));
                RunningNode node = RunningNode.start(folder.resolve("node"), "-allowlocal=1")) {
            for (int i = 1; i < 100; i++) {
                node.call("addpeeraddress", "8." + i + ".1.1", 8333, i % 10 == 0);
            }
            // Dialled by hand: the automatic dials of this machine's addresses choose by chance.
            node.call("setnetworkactive", false);
            node.call("addpeeraddress", "127.0.0.1", friend.port);
            int nobody = addNobody(node);
            assertThat(entry(node, "potential", nobody).get("reason").asString())
                    .isEqualTo("never tried");
            assertThat(status(node, "potential", nobody)).isEqualTo("unknown");
            node.call("setnetworkactive", true);
            node.call("addnode", "127.0.0.1:" + friend.port, "onetry");
            node.call("addnode", "127.0.0.1:" + nobody, "onetry");
            RunningNode.await(Duration.ofSeconds(60), () -> isTrusted(node, friend.port));
            RunningNode.await(
                    Duration.ofSeconds(60),
                    () ->
                            entry(node, "potential", nobody)
                                    .get("reason")
                                    .asString()
                                    .equals("dial failed: Connection refused"));
            assertThat(entry(node, "trusted", friend.port).get("reason").asString())
                    .isEqualTo("handshake completed");
            assertThat(status(node, "potential", nobody)).isEqualTo("offline");
            assertThat(status(node, "trusted", friend.port)).isEqualTo("online");
            JsonNode sizes = node.call("getaddrmaninfo").get("all_networks");
            assertThat(sizes.get("tried").asInt())
                    .isEqualTo(node.call("getaddressbook").get("trusted").size());
            assertThat(sizes.get("new").asInt())
                    .isEqualTo(node.call("getaddressbook").get("potential").size());
            assertThat(node.call("help").asString()).doesNotContain("getrawaddrman");

            node.call("setnetworkactive", false);
            RunningNode.await(
                    Duration.ofSeconds(60),
                    () -> status(node, "trusted", friend.port).equals("offline"));
            Map<String, String> tried = table(node, "tried");
            Map<String, String> fresh = table(node, "new");
            assertThat(tried).hasSizeGreaterThan(5);
            assertThat(fresh).hasSizeGreaterThan(50);
            assertThat(node.stop()).isZero();
            try (RunningNode again =
                    RunningNode.start(
                            folder.resolve("node"), "-allowlocal=1", "-networkactive=0")) {
                assertThat(table(again, "tried")).isEqualTo(tried);
                assertThat(table(again, "new")).isEqualTo(fresh);
            }
        }
    }
}
