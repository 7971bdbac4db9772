package weft.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import weft.app.args.Args;
import weft.app.args.ArgsFault;
import weft.app.args.OptionTable;

/// What `-role` stands for.
class NodeRoleTest {
    private static final int NETWORK = 1;
    private static final int NETWORK_LIMITED = 1 << 10;

    private static Args args(String... options) {
        return Args.parse(options);
    }

    @Test
    @Timeout(120)
    @DisplayName("S-17 -role=full, pruned, miner: services and open ports change, nothing else")
    void shouldChangeServicesAndPortsOnly(@TempDir Path folder) throws Exception {
        int stratum = FreePorts.one();
        var told = new ArrayList<ObjectNode>();
        var services = new ArrayList<Integer>();
        var mempools = new ArrayList<JsonNode>();
        for (String role : List.of("full", "pruned", "miner")) {
            var options = new ArrayList<>(List.of("-role=" + role));
            if (role.equals("miner")) {
                options.add("-stratum=" + stratum);
            }
            try (RunningNode node =
                    RunningNode.start(folder.resolve(role), options.toArray(String[]::new))) {
                var network = (ObjectNode) node.call("getnetworkinfo");
                assertThat(network.path("role").asString()).isEqualTo(role);
                services.add(Integer.parseInt(network.path("localservices").asString(), 16));
                network.remove(List.of("role", "localservices", "localservicesnames"));
                told.add(network);
                mempools.add(node.call("getmempoolinfo"));
                assertThat(node.call("getblockchaininfo").path("pruned").asBoolean())
                        .isEqualTo(role.equals("pruned"));
                assertThat(isOpen(stratum)).isEqualTo(role.equals("miner"));
            }
        }
        assertThat(services.get(0) & NETWORK).isNotZero();
        assertThat(services.get(1)).isEqualTo(services.get(0) & ~NETWORK);
        assertThat(services.get(1) & NETWORK_LIMITED).isNotZero();
        assertThat(services.get(2)).isEqualTo(services.get(0));
        assertThat(told).allMatch(told.getFirst()::equals);
        assertThat(mempools).allMatch(mempools.getFirst()::equals);
    }

    @Test
    @Timeout(120)
    @DisplayName(
            "S-17 -role=spv: no services, neither chain nor script threads, the same to the network")
    void shouldOfferNothingAndRunFewerThreads(@TempDir Path folder) throws Exception {
        try (RunningNode full = RunningNode.start(folder.resolve("full"));
                RunningNode light =
                        RunningNode.start(
                                folder.resolve("light"),
                                "-role=spv",
                                "-connect=127.0.0.1:" + full.port)) {
            RunningNode.await(
                    Duration.ofSeconds(20),
                    () -> full.call("getpeerinfo").path(0).path("version").asInt() > 0);
            // What its version message said.
            JsonNode seen = full.call("getpeerinfo").get(0);
            assertThat(seen.path("services").asString()).isEqualTo("0000000000000000");
            assertThat(seen.path("relaytxes").asBoolean()).isFalse();
            var network = (ObjectNode) light.call("getnetworkinfo");
            assertThat(network.path("role").asString()).isEqualTo("spv");
            assertThat(network.path("localservices").asString()).isEqualTo("0000000000000000");
            assertThat(network.path("localrelay").asBoolean()).isFalse();
            List<String> own = List.of("role", "localservices", "localservicesnames", "localrelay");
            // The offset is in whole seconds, and a message may take its time over one.
            List<String> moving =
                    List.of("connections", "connections_in", "connections_out", "timeoffset");
            var other = (ObjectNode) full.call("getnetworkinfo");
            network.remove(own).remove(moving);
            assertThat(network).isEqualTo(other.remove(own).remove(moving));
            if (!full.threads().isEmpty()) {
                assertThat(full.threads()).contains("weft-chain", "weft-peer");
                assertThat(light.threads()).containsExactly("weft-headers", "weft-peer");
            }
            // The same rules of headers: what the full node takes, it takes.
            full.call("generatetoaddress", 3, "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080");
            RunningNode.await(Duration.ofSeconds(20), () -> light.height() == 3);
            assertThat(light.call("getdeploymentinfo")).isEqualTo(full.call("getdeploymentinfo"));
        }
    }

    @Test
    @DisplayName(
            "S-17 -role=spv refuses every option of blocks, mempool and mining, unless it is off")
    void shouldRefuseWhatALightNodeHasNot() {
        for (String name : List.of("txindex", "reindex", "blockfilterindex", "rest", "dbcache")) {
            refused(name, "it cannot go with -" + name, "-role=spv", "-" + name + "=1");
            assertThat(NodeRole.apply(args("-role=spv", "-no" + name))).isEqualTo(NodeRole.SPV);
            assertThat(NodeRole.apply(args("-role=spv", "-" + name + "=0")))
                    .isEqualTo(NodeRole.SPV);
        }
        Args plain = args("-role=spv");
        assertThat(NodeRole.apply(plain)).isEqualTo(NodeRole.SPV);
        assertThat(plain.flag("v2transport", true)).isFalse();
        // Whoever adds an option of these kinds decides on it here too.
        for (String category :
                List.of("Node relay and mempool options", "Block creation options")) {
            assertThat(OptionTable.names(category)).isNotEmpty().allMatch(LightArgs::isRefused);
        }
        assertThat(OptionTable.names("Chain selection options")).noneMatch(LightArgs::isRefused);
        assertThat(List.of("connect", "addnode", "proxy", "onlynet", "stopatheight", "rpcport"))
                .noneMatch(LightArgs::isRefused);
    }

    private static boolean isOpen(int port) {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (java.io.IOException e) {
            return false;
        }
    }

    @Test
    @DisplayName("S-17 without -role the other options make the role")
    void shouldKnowTheRoleThatOptionsMake() {
        assertThat(NodeRole.apply(args())).isEqualTo(NodeRole.FULL);
        assertThat(NodeRole.apply(args("-prune=0"))).isEqualTo(NodeRole.FULL);
        assertThat(NodeRole.apply(args("-prune=550"))).isEqualTo(NodeRole.PRUNED);
        assertThat(NodeRole.apply(args("-stratum=3333"))).isEqualTo(NodeRole.MINER);
        assertThat(NodeRole.apply(args("-nostratum"))).isEqualTo(NodeRole.FULL);
        assertThat(NodeRole.apply(args("-minewhenmempool=2", "-prune=550")))
                .isEqualTo(NodeRole.MINER);
        assertThat(NodeRole.apply(args("-norole"))).isEqualTo(NodeRole.FULL);
    }

    @Test
    @DisplayName("S-17 a role stands for options, and what the user says of them goes first")
    void shouldStandForOptions() {
        Args pruned = args("-role=pruned");
        assertThat(NodeRole.apply(pruned)).isEqualTo(NodeRole.PRUNED);
        assertThat(pruned.number("prune", 0)).isEqualTo(550);

        Args more = args("-role=pruned", "-prune=2000");
        assertThat(NodeRole.apply(more)).isEqualTo(NodeRole.PRUNED);
        assertThat(more.number("prune", 0)).isEqualTo(2_000);

        Args miner = args("-role=miner");
        assertThat(NodeRole.apply(miner)).isEqualTo(NodeRole.MINER);
        assertThat(miner.number("stratum", 0)).isEqualTo(3_333);

        Args port = args("-role=miner", "-stratum=4000");
        assertThat(NodeRole.apply(port)).isEqualTo(NodeRole.MINER);
        assertThat(port.number("stratum", 0)).isEqualTo(4_000);

        Args lesson = args("-role=miner", "-minewhenmempool=2");
        assertThat(NodeRole.apply(lesson)).isEqualTo(NodeRole.MINER);
        assertThat(lesson.isSet("stratum")).isFalse();
    }

    @Test
    @DisplayName("S-17 options that contradict the role are refused, and so is a role that is none")
    void shouldRefuseContradictions() {
        refused("-role=full mines not", "does not mine", "-role=full", "-stratum=3333");
        refused("pruned mines not", "does not mine", "-role=pruned", "-minewhenmempool=1");
        refused("full keeps all", "keeps all blocks", "-role=full", "-prune=550");
        refused("pruned prunes", "deletes old blocks", "-role=pruned", "-prune=0");
        refused("miner mines", "needs -stratum", "-role=miner", "-nostratum");
        refused("spv mines not", "does not mine", "-role=spv", "-stratum=3333");
        refused("spv has no blocks", "keeps no blocks", "-role=spv", "-prune=550");
        refused("unknown", "must be full, pruned, miner or spv: king", "-role=king");
    }

    private static void refused(String why, String message, String... options) {
        assertThatThrownBy(() -> NodeRole.apply(args(options)))
                .as(why)
                .isInstanceOf(ArgsFault.class)
                .hasMessageContaining(message);
    }
}
