package weft.sim;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiFunction;
import weft.p2p.ConnectionType;
import weft.p2p.P2pOptions;
import weft.p2p.PeerCommand;
import weft.p2p.PeerInput;
import weft.p2p.PeerSnapshot;
import weft.primitives.BlockHash;
import weft.primitives.Bytes;
import weft.primitives.Check;
import weft.primitives.Txid;
import weft.wire.AddressEntry;
import weft.wire.Message;
import weft.wire.ServiceFlags;
import weft.wire.Subnet;

/// Worlds of full nodes for tests, and what can be seen in them.
final class Towns {
    private static final byte OP_DROP = 0x75;
    private static final byte OP_TRUE = 0x51;

    /// What a full node offers.
    private static final long SERVICES =
            ServiceFlags.NETWORK | ServiceFlags.WITNESS | ServiceFlags.NETWORK_LIMITED;

    private Towns() {}

    /// A world of nodes that are off; settings by node.
    static World of(long seed, int size, BiFunction<SimNode, P2pOptions, P2pOptions> options) {
        return of(seed, size, new FullNodes(options));
    }

    static World of(long seed, int size, FullNodes factory) {
        var world = new World(seed, LinkModel.WIDE_AREA);
        for (int i = 0; i < size; i++) {
            world.add(factory);
        }
        return world;
    }

    /// Everybody is told to ask the first node for addresses, and nothing else.
    static P2pOptions askTheFirst(SimNode self, P2pOptions options) {
        return self.index() == 0
                ? options
                : options.with(
                        options.sources().withSeedNodes(List.of(World.address(0).toString())));
    }

    /// Everybody keeps a connection to the first node, as operators of a lab would tell them.
    static P2pOptions keepTheFirst(SimNode self, P2pOptions options) {
        return self.index() == 0
                ? options
                : options.with(
                        options.sources().withAddNodes(List.of(World.address(0).toString())));
    }

    /// Writes addresses of the first `count` nodes into a node's book, as an earlier life would have.
    static void fillBook(World world, FullNodes factory, SimNode node, int count) {
        long now = world.scheduler().now().unixSeconds();
        for (int i = 0; i < count; i++) {
            if (i != node.index()) {
                factory.book(node)
                        .add(
                                List.of(new AddressEntry(now, SERVICES, World.address(i))),
                                World.address(i),
                                0,
                                now);
            }
        }
        node.input(new PeerInput.Tick());
    }

    /// A network whose nodes know each other from earlier lives and are connected.
    static World oldFriends(long seed, int size, int newcomers, FullNodes factory) {
        World world = of(seed, size + newcomers, factory);
        for (SimNode node : world.nodes().subList(0, size)) {
            node.start();
            fillBook(world, factory, node, size);
        }
        world.run(Duration.ofSeconds(30));
        mine(world.nodes().getFirst(), 1);
        world.run(Duration.ofSeconds(30));
        Check.state(world.alive().stream().allMatch(each -> each.height() == 1), "a block for all");
        return world;
    }

    /// A network of nodes that were on yesterday: they know each other, have a chain with coins, and are
    /// connected.
    static World citizens(long seed, int size, FullNodes factory) {
        World world = of(seed, size, factory);
        for (SimNode node : world.nodes()) {
            node.start();
            fillBook(world, factory, node, size);
        }
        world.run(Duration.ofSeconds(60));
        return world;
    }

    /// A node finds blocks, one after the other, and the others hear of them. Anyone may spend their coins.
    static List<BlockHash> mine(SimNode node, int blocks) {
        Bytes script = Bytes.wrap(new byte[] {1, (byte) (node.index() + 1), OP_DROP, OP_TRUE});
        var found = new ArrayList<BlockHash>();
        node.act(
                (engine, now, events) -> {
                    engine.during(now, events);
                    found.addAll(engine.mine(blocks, script, 1_000_000));
                });
        return found;
    }

    /// A node finds blocks in a world that is looked at.
    static void mine(Invariants invariants, SimNode node, int blocks) {
        node.act(
                (engine, now, events) -> {
                    engine.during(now, events);
                    engine.mine(blocks, Treasury.script(), 10_000_000).forEach(invariants::onMined);
                });
    }

    /// Lets time pass and looks every minute at what is looked at then.
    static void watch(World world, Invariants invariants, int minutes) {
        for (int minute = 0; minute < minutes; minute++) {
            world.run(Duration.ofMinutes(1));
            invariants.checkMinute();
        }
    }

    /// A node's operator has it say something to its only peer.
    static void say(SimNode node, Message message) {
        var peer = node.connections().iterator().next();
        node.input(new PeerInput.Command(new PeerCommand.SendMessage(peer, message)));
    }

    /// The peers of a node, as it sees them.
    static List<PeerSnapshot> peers(World world, SimNode node) {
        return node.node().peers().peersSnapshot(world.scheduler().now());
    }

    /// How many full-relay connections a node has that it opened and that are past the handshake.
    static long outbound(World world, SimNode node) {
        return peers(world, node).stream()
                .filter(each -> each.type() == ConnectionType.OUTBOUND_FULL_RELAY)
                .filter(each -> each.handshake().complete())
                .count();
    }

    /// How many lasting connections a node has that it opened: those that relay all, and those for blocks.
    static long lasting(World world, SimNode node) {
        return peers(world, node).stream()
                .filter(
                        each ->
                                each.type() == ConnectionType.OUTBOUND_FULL_RELAY
                                        || each.type() == ConnectionType.BLOCK_RELAY_ONLY)
                .filter(each -> each.handshake().complete())
                .count();
    }

    /// How many of these nodes have a transaction in their mempools.
    static long knowing(Collection<SimNode> nodes, Txid txid) {
        return nodes.stream().filter(each -> each.node().chain().mempool().contains(txid)).count();
    }

    /// The tip with most work; of several, the one that most have.
    static BlockHash best(World world) {
        var counts = new TreeMap<BlockHash, Integer>();
        int height = world.alive().stream().mapToInt(SimNode::height).max().orElseThrow();
        for (SimNode each : world.alive()) {
            if (each.height() == height) {
                counts.merge(each.tipHash(), 1, Integer::sum);
            }
        }
        return Collections.max(counts.entrySet(), Map.Entry.comparingByValue()).getKey();
    }

    /// A node's operator bans the address of another for a day.
    static void ban(World world, SimNode by, SimNode whom) {
        by.input(
                new PeerInput.Command(
                        new PeerCommand.Ban(
                                Subnet.of(whom.address()), Duration.ofDays(1).toSeconds(), false)));
    }

    /// Connections between nodes, whatever their kind.
    static long edges(Collection<SimNode> nodes) {
        return nodes.stream().mapToLong(each -> each.neighbours().size()).sum() / 2;
    }

    /// Whether a network stays whole when any two of its nodes leave.
    static boolean survivesAnyTwo(List<SimNode> nodes) {
        for (int i = 0; i < nodes.size(); i++) {
            for (int j = i + 1; j < nodes.size(); j++) {
                Set<SimNode> left = new LinkedHashSet<>(nodes);
                left.remove(nodes.get(i));
                left.remove(nodes.get(j));
                if (!isConnected(left)) {
                    return false;
                }
            }
        }
        return true;
    }

    /// Whether everybody can be reached from everybody over open connections.
    static boolean isConnected(Collection<SimNode> nodes) {
        Set<SimNode> seen = new HashSet<>();
        var open = new ArrayDeque<SimNode>();
        open.add(nodes.iterator().next());
        while (!open.isEmpty()) {
            SimNode next = open.remove();
            if (nodes.contains(next) && seen.add(next)) {
                open.addAll(next.neighbours());
            }
        }
        return seen.size() == nodes.size();
    }
}
