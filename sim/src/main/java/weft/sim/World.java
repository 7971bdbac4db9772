package weft.sim;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.ToLongBiFunction;
import org.jspecify.annotations.Nullable;
import weft.p2p.ConnectionType;
import weft.p2p.PeerInput;
import weft.p2p.PeerOutput;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;
import weft.wire.Message;
import weft.wire.NetAddress;
import weft.wire.NetworkId;

/// The world in one thread: nodes, the links between them, names, and time. It replaces exactly the sockets,
/// threads and clocks of the program; the nodes are the program's own.
public final class World {
    /// The wall clock when a world begins.
    public static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");

    private static final long CONNECT_TIMEOUT_NANOS = Duration.ofSeconds(5).toNanos();
    private static final long LOOKUP_NANOS = Duration.ofMillis(50).toNanos();
    private static final int PORT = 18_444;
    private static final int SAMPLED_EACH = 1_000;
    private static final NetAddress TOR_DAEMON = NetAddress.parse("127.0.0.1", 0);
    private static final NetAddress TOR_EXIT = NetAddress.parse("185.220.1.1", 0);

    private final Scheduler scheduler = new Scheduler(BEGIN);
    private final SplittableRandom random;
    private final Geography links;
    private final List<SimNode> nodes = new ArrayList<>();
    private final Map<NetAddress, SimNode> byAddress = new TreeMap<>();
    private final Map<String, List<NetAddress>> names = new TreeMap<>();
    private final List<String> lookups = new ArrayList<>();
    private final List<NetAddress> dials = new ArrayList<>();
    private final Traffic traffic = new Traffic();
    private final TraceHash hash = new TraceHash();
    private @Nullable Consumer<String> trace;
    private Watcher watcher = (node, input) -> {};
    private boolean sharesBlocks;
    private long messages;
    private Predicate<SimNode> island = node -> false;
    private ToLongBiFunction<SimNode, SimNode> detour = (from, to) -> 0;

    /// An empty world.
    ///
    /// @param seed all chance comes from it
    public World(long seed, LinkModel links) {
        this(seed, (Geography) links);
    }

    /// An empty world in which nodes live in regions.
    ///
    /// @param seed all chance comes from it, but for who lives where
    public World(long seed, Regions regions) {
        this(seed, (Geography) regions);
    }

    private World(long seed, Geography links) {
        this.random = new SplittableRandom(seed);
        this.links = links;
    }

    /// The address of the nth node: each in a /16 of its own, all routable.
    public static NetAddress address(int index) {
        int group = 0x0500 + index % 0x5000;
        byte[] ip = {(byte) (group >>> 8), (byte) group, (byte) (index / 0x5000 + 1), 1};
        return NetAddress.ofIp(ip, PORT);
    }

    /// Where the nth node can be reached through Tor.
    public static NetAddress onion(int index) {
        byte[] key = new byte[NetworkId.TORV3.addressBytes()];
        key[0] = (byte) index;
        key[1] = (byte) (index >>> 8);
        var bytes = new ByteWriter().u8(NetworkId.TORV3.bip155Id()).u8(key.length).bytes(key);
        bytes.u8(PORT >>> 8).u8(PORT & 0xff);
        return NetAddress.readV2(ByteReader.of(bytes.toBytes().toByteArray()));
    }

    /// Adds a node, which is off until it is started.
    public SimNode add(SimNode.Factory factory) {
        var node = new SimNode(this, nodes.size(), factory, random.split());
        nodes.add(node);
        byAddress.put(node.address(), node);
        byAddress.put(onion(node.index()), node);
        return node;
    }

    /// All nodes, on or off.
    public List<SimNode> nodes() {
        return Collections.unmodifiableList(nodes);
    }

    /// All nodes that are on.
    public List<SimNode> alive() {
        return nodes.stream().filter(SimNode::isOn).toList();
    }

    /// Makes a name resolve; names without an entry fail.
    public void name(String name, List<NetAddress> addresses) {
        names.put(name, List.copyOf(addresses));
    }

    /// Lets whole blocks go from node to node as they are, not through bytes and back: less like the program,
    /// but a thousand nodes share one block in memory.
    public void shareBlocks() {
        sharesBlocks = true;
    }

    boolean sharesBlocks() {
        return sharesBlocks;
    }

    /// Names that were looked up so far, in order.
    public List<String> lookups() {
        return Collections.unmodifiableList(lookups);
    }

    /// Addresses that were dialled so far, in order.
    public List<NetAddress> dials() {
        return Collections.unmodifiableList(dials);
    }

    /// Counts messages.
    public Traffic traffic() {
        return traffic;
    }

    /// Tells every input of every node from now on, a line each: virtual nanoseconds, node, input. One seed
    /// gives one text, byte for byte.
    public void traceTo(Consumer<String> lines) {
        this.trace = lines;
    }

    /// Sees every input of every node.
    @FunctionalInterface
    interface Watcher {
        /// A node has dealt with an input.
        void after(SimNode node, PeerInput input);

        /// A node is about to deal with a message.
        default void before(SimNode node, PeerInput.Received input) {}

        /// A message leaves a node by its end of a link.
        default void said(Link link, Message message) {}

        /// A node dials.
        default void dials(SimNode node, PeerOutput.Connect wanted) {}
    }

    /// Lets somebody see everything from now on.
    void watch(Watcher with) {
        this.watcher = with;
    }

    /// Who sees everything.
    Watcher watcher() {
        return watcher;
    }

    /// Whether the next message is one of the few that are looked at closely.
    boolean isSampled() {
        return ++messages % SAMPLED_EACH == 0;
    }

    /// The hash of all that happened so far: two worlds with one hash had one history.
    public String traceHash() {
        return hash.toString();
    }

    void trace(SimNode node, PeerInput input) {
        hash.add(scheduler.nowNanos(), node.index(), input);
        Consumer<String> to = trace;
        if (to != null) {
            to.accept(scheduler.nowNanos() + " " + node.index() + " " + input);
        }
    }

    /// Cuts the world in two: connections between the island and the rest break, and none can be made, until
    /// [#rejoin].
    ///
    /// @param onIsland which nodes are on the island
    public void split(Predicate<SimNode> onIsland) {
        this.island = onIsland;
        nodes.forEach(SimNode::breakCutLinks);
    }

    /// Makes the world whole again.
    public void rejoin() {
        this.island = node -> false;
        this.detour = (from, to) -> 0;
    }

    /// Makes what some nodes send to others arrive later, until [#rejoin]: whoever holds a route can hold
    /// back what goes over it. Messages keep their order.
    ///
    /// @param from whose messages
    /// @param to to whom
    public void delay(Predicate<SimNode> from, Predicate<SimNode> to, Duration by) {
        long nanos = by.toNanos();
        this.detour = (one, other) -> from.test(one) && to.test(other) ? nanos : 0;
    }

    long detour(SimNode from, SimNode to) {
        return detour.applyAsLong(from, to);
    }

    boolean areApart(SimNode one, SimNode other) {
        return island.test(one) != island.test(other);
    }

    /// Virtual time.
    public Scheduler scheduler() {
        return scheduler;
    }

    /// Lets time pass.
    public void run(Duration span) {
        scheduler.run(span);
    }

    /// Lets time pass until something holds, looked at after every event.
    ///
    /// @return whether it came to hold within `patience`
    public boolean runUntil(BooleanSupplier holds, Duration patience) {
        long end = scheduler.nowNanos() + patience.toNanos();
        while (!holds.getAsBoolean()) {
            if (!scheduler.step(end)) {
                return holds.getAsBoolean();
            }
        }
        return true;
    }

    /// Whether all living nodes have the same tip.
    public boolean allTipsEqual() {
        return alive().stream().map(SimNode::tipHash).distinct().count() <= 1;
    }

    void dial(SimNode from, PeerOutput.Connect wanted) {
        watcher.dials(from, wanted);
        dials.add(wanted.address());
        SimNode to = byAddress.get(wanted.address());
        long latency = links.latency(from, to == null ? from : to, random);
        if (to == null || !to.isOn() || !to.isReachable() || areApart(from, to)) {
            long delay = to == null || areApart(from, to) ? CONNECT_TIMEOUT_NANOS : latency * 2;
            scheduler.after(
                    delay, () -> from.input(new PeerInput.DialFailed(wanted.dial(), "no answer")));
            return;
        }
        int life = from.life();
        scheduler.after(
                latency,
                () -> {
                    if (to.isOn() && from.isLiving(life) && !areApart(from, to)) {
                        open(from, to, wanted, latency);
                    } else {
                        from.input(new PeerInput.DialFailed(wanted.dial(), "no answer"));
                    }
                });
    }

    private void open(SimNode from, SimNode to, PeerOutput.Connect wanted, long latency) {
        Link near = from.newLink(latency);
        Link far = to.newLink(latency);
        near.other = far;
        far.other = near;
        near.type = wanted.type();
        far.type = wanted.type();
        near.dialled = true;
        NetAddress source = from.address().withPort(49_152 + (int) (near.peer.value() % 16_000));
        boolean onion = wanted.address().network() == NetworkId.TORV3;
        NetAddress seen = source;
        if (onion || wanted.type() == ConnectionType.PRIVATE_BROADCAST) {
            seen = (onion ? TOR_DAEMON : TOR_EXIT).withPort(source.port());
        }
        to.opened(
                far,
                new PeerInput.Accepted(
                        far.peer, seen, to.address(), onion, weft.p2p.PeerPermissions.NONE));
        scheduler.after(
                latency,
                () -> {
                    if (near.open) {
                        from.opened(
                                near,
                                new PeerInput.Connected(
                                        near.peer, wanted.dial(), wanted.address(), source));
                    } else {
                        // The other end was gone before we heard of it.
                        from.input(new PeerInput.DialFailed(wanted.dial(), "connection reset"));
                    }
                });
    }

    Geography geography() {
        return links;
    }

    void resolve(SimNode from, String name, int port) {
        lookups.add(name);
        List<NetAddress> found =
                names.getOrDefault(name, List.of()).stream()
                        .map(address -> address.withPort(port))
                        .toList();
        scheduler.after(LOOKUP_NANOS, () -> from.input(new PeerInput.Resolved(name, found)));
    }
}
