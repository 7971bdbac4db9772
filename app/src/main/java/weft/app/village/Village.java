package weft.app.village;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import weft.app.rpc.RpcClient;

/// A handful of real nodes on this machine. Each is told one address, that of the first; everything else they
/// find out themselves. The first and every third after it mine.
final class Village implements AutoCloseable {
    private static final List<String> NAMES =
            List.of(
                    "ada", "bela", "cleo", "dora", "emil", "fritz", "gesa", "hugo", "ines",
                    "jakob");

    private static final Duration START_TIMEOUT = Duration.ofSeconds(30);

    /// What a node looks like from outside at one moment.
    ///
    /// @param height -1 if it does not answer
    /// @param knows names of the nodes it is connected to; the sign says who dialled: `>` it did, `<` they
    ///     did
    /// @param messages how many of each kind it received so far
    record Portrait(
            String name,
            VillageNode.Role role,
            int height,
            String tip,
            List<String> knows,
            int addresses,
            int mempool,
            Map<String, Long> messages) {}

    private final List<VillageNode> nodes = new ArrayList<>();

    /// A village that does not live yet.
    ///
    /// @param size 2 to 10
    /// @param basePort the nodes listen on this port and those after it, RPC 100 higher
    Village(int size, int basePort, Path folder, List<String> launcher) {
        for (int i = 0; i < size; i++) {
            VillageNode.Role role = i % 3 == 0 ? VillageNode.Role.MINER : VillageNode.Role.FULL;
            String friend = i == 0 ? "" : "127.0.0.1:" + basePort;
            var home =
                    new VillageNode.Home(
                            NAMES.get(i),
                            role,
                            basePort + i,
                            basePort + 100 + i,
                            folder.resolve(NAMES.get(i)),
                            friend);
            nodes.add(new VillageNode(home, launcher));
        }
    }

    /// Most nodes that a village can have.
    static int sizeMax() {
        return NAMES.size();
    }

    List<VillageNode> nodes() {
        return List.copyOf(nodes);
    }

    List<VillageNode> alive() {
        return nodes.stream().filter(VillageNode::isAlive).toList();
    }

    VillageNode node(int index) {
        return nodes.get(index);
    }

    /// Starts every process, then waits for each to answer.
    void start() throws IOException, InterruptedException {
        for (VillageNode node : nodes) {
            node.start();
        }
        for (VillageNode node : nodes) {
            node.awaitRpc(START_TIMEOUT);
        }
    }

    /// Starts a node again that was killed.
    void revive(VillageNode node) throws IOException, InterruptedException {
        node.start();
        node.awaitRpc(START_TIMEOUT);
    }

    /// Looks at every node.
    List<Portrait> portraits() {
        return nodes.stream().map(this::portrait).toList();
    }

    private Portrait portrait(VillageNode node) {
        VillageNode.Home home = node.home();
        if (!node.isAlive()) {
            return new Portrait(home.name(), home.role(), -1, "", List.of(), 0, 0, Map.of());
        }
        try {
            JsonNode chain = node.call("getblockchaininfo");
            JsonNode peers = node.call("getpeerinfo");
            var knows = new ArrayList<String>();
            var messages = new TreeMap<String, Long>();
            for (JsonNode peer : peers) {
                knows.add(
                        (peer.get("inbound").asBoolean() ? "<" : ">")
                                + name(peer.get("subver").asString()));
                for (Map.Entry<String, JsonNode> entry :
                        peer.get("bytesrecv_per_msg").properties()) {
                    messages.merge(entry.getKey(), entry.getValue().asLong(), Long::sum);
                }
            }
            return new Portrait(
                    home.name(),
                    home.role(),
                    chain.get("blocks").asInt(),
                    chain.get("bestblockhash").asString(),
                    knows.stream().sorted().toList(),
                    node.call("getnodeaddresses", 0).size(),
                    node.call("getmempoolinfo").get("size").asInt(),
                    messages);
        } catch (RpcClient.RpcException e) {
            return new Portrait(home.name(), home.role(), -1, "", List.of(), 0, 0, Map.of());
        }
    }

    /// The name that a node gave itself in its user agent, `/weft:0.1.0(ada)/`.
    static String name(String userAgent) {
        int open = userAgent.indexOf('(');
        int close = userAgent.indexOf(')');
        return open >= 0 && close > open ? userAgent.substring(open + 1, close) : "?";
    }

    /// Stops every process, all at once.
    @Override
    public void close() {
        List<Thread> stopping =
                nodes.stream().map(node -> Thread.ofVirtual().start(node::close)).toList();
        for (Thread each : stopping) {
            try {
                each.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new UncheckedIOException(new IOException("interrupted while stopping"));
            }
        }
    }
}
