package weft.sim;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import weft.node.Node;
import weft.p2p.PeerEvent;
import weft.p2p.PeerId;
import weft.p2p.PeerInput;
import weft.p2p.PeerMachine;
import weft.p2p.PeerOutput;
import weft.p2p.TransportVersion;
import weft.primitives.Block;
import weft.primitives.BlockHash;
import weft.primitives.Bytes;
import weft.primitives.Check;
import weft.primitives.Now;
import weft.wire.BlockMessage;
import weft.wire.Message;
import weft.wire.MessageCodec;
import weft.wire.Negotiated;
import weft.wire.NetAddress;

/// One node in a simulated world: the real engines, and what the sockets of the program would do for them.
public final class SimNode {
    /// Length of a plain frame's header.
    private static final int HEADER_BYTES = 24;

    private final World world;
    private final int index;
    private final NetAddress address;
    private final Factory factory;
    private final SplittableRandom random;
    private final Map<PeerId, Link> links = new TreeMap<>();
    private final List<PeerEvent> events = new ArrayList<>();
    private final ArrayDeque<PeerInput.Sent> sent = new ArrayDeque<>();
    private final Consumer<PeerOutput> out = this::apply;
    private @Nullable PeerMachine node;
    private Predicate<Message> unwanted = message -> false;
    private Predicate<Message> unsaid = message -> false;
    private long lineBusyUntilNanos;
    private Duration skew = Duration.ZERO;
    private long pausedUntilNanos;
    private long slownessNanos;
    private long nextPeer;
    private int life;
    private boolean reachable = true;
    private long tickAtNanos = Long.MAX_VALUE;

    /// Makes the engines of a node; called at each start, so whatever is to survive a restart lives in the
    /// factory.
    @FunctionalInterface
    public interface Factory {
        /// @param random the node's own chance
        PeerMachine make(SimNode self, SplittableRandom random);
    }

    SimNode(World world, int index, Factory factory, SplittableRandom random) {
        this.world = world;
        this.index = index;
        this.address = World.address(index);
        this.factory = factory;
        this.random = random;
    }

    /// The world that it lives in.
    World world() {
        return world;
    }

    /// Where the node listens.
    public NetAddress address() {
        return address;
    }

    /// The node's place in the world's list.
    public int index() {
        return index;
    }

    /// Whether the node runs.
    public boolean isOn() {
        return node != null;
    }

    /// Whether others can connect to it.
    public boolean isReachable() {
        return reachable;
    }

    /// Lets others connect to it, or not (a node behind a firewall).
    public void setReachable(boolean reachable) {
        this.reachable = reachable;
    }

    /// The time as the node has it.
    private Now now() {
        Now now = world.scheduler().now();
        return skew.isZero() ? now : new Now(now.monotonicNanos(), now.wall().plus(skew));
    }

    /// Lets the node's clock on the wall be wrong.
    ///
    /// @param ahead how much it is fast; negative if it is slow
    public void setSkew(Duration ahead) {
        skew = ahead;
    }

    /// Holds the node up, as a machine without memory would: it does nothing for a while, and then what it
    /// has missed.
    public void pause(Duration span) {
        pausedUntilNanos =
                Math.max(pausedUntilNanos, world.scheduler().nowNanos() + span.toNanos());
    }

    /// Whether it was held up at a time or later.
    boolean wasHeldUp(long sinceNanos) {
        return pausedUntilNanos >= sinceNanos;
    }

    /// Makes everything that it says take longer, as a bad line would.
    public void setSlowness(Duration more) {
        slownessNanos = more.toNanos();
    }

    /// Makes the node deaf to some messages from now on, over all its lives: it has them, and ignores them.
    public void refuse(Predicate<Message> unwanted) {
        this.unwanted = unwanted;
    }

    /// Keeps the node from saying some things from now on, over all its lives.
    public void silence(Predicate<Message> unsaid) {
        this.unsaid = unsaid;
    }

    /// The engines of a full node.
    public Node node() {
        return machine(Node.class);
    }

    /// The engines, of whatever kind.
    public <T extends PeerMachine> T machine(Class<T> kind) {
        return kind.cast(Check.present(node, "the node is on"));
    }

    /// What its peer engine told, over all its lives.
    public List<PeerEvent> events() {
        return List.copyOf(events);
    }

    /// Numbers of its open connections.
    public Collection<PeerId> connections() {
        return List.copyOf(links.keySet());
    }

    /// The nodes at the other ends of its open connections.
    public List<SimNode> neighbours() {
        return links.values().stream().map(link -> link.other.owner).toList();
    }

    /// The node at the other end of a connection.
    SimNode neighbour(PeerId peer) {
        return Check.present(links.get(peer), "the connection is open").other.owner;
    }

    /// The hash of its tip.
    public BlockHash tipHash() {
        return node().chain().tip().hash();
    }

    /// The height of its tip.
    public int height() {
        return node().chain().tip().height();
    }

    int life() {
        return life;
    }

    boolean isLiving(int since) {
        return node != null && life == since;
    }

    /// Switches the node on.
    public void start() {
        Check.state(node == null, "a node is started once");
        life++;
        sent.clear();
        PeerMachine fresh = factory.make(this, random.split());
        node = fresh;
        fresh.start(now(), out);
        input(new PeerInput.Tick());
    }

    /// Switches the node off as a power cut would; the others see their connections break.
    public void kill() {
        node = null;
        for (Link link : List.copyOf(links.values())) {
            breakLink(link, "peer died");
        }
        links.clear();
        tickAtNanos = Long.MAX_VALUE;
    }

    /// Makes the node deaf and dumb without closing a connection, as a pulled cable would.
    public void freeze() {
        node = null;
        tickAtNanos = Long.MAX_VALUE;
    }

    /// Something happens to the node; nothing if it is off.
    public void input(PeerInput input) {
        PeerMachine running = node;
        boolean refused = input instanceof PeerInput.Received each && unwanted.test(each.message());
        if (running != null && !refused) {
            world.trace(this, input);
            if (input instanceof PeerInput.Received each) {
                world.watcher().before(this, each);
            }
            running.handle(input, now(), out);
            settle();
            world.watcher().after(this, input);
        }
    }

    /// Does something with the node's engines now, such as mining a block.
    public void act(Node.ChainAction action) {
        node().onChain(now(), action, out);
        settle();
    }

    /// Tells the node that what it wanted sent has left, and when it wants to be called next.
    private void settle() {
        PeerMachine running = node;
        while (running != null && !sent.isEmpty()) {
            PeerInput.Sent each = sent.remove();
            world.trace(this, each);
            running.handle(each, now(), out);
            world.watcher().after(this, each);
        }
        scheduleTick();
    }

    private void scheduleTick() {
        PeerMachine running = node;
        if (running == null) {
            return;
        }
        long deadline = running.nextDeadlineNanos().orElse(Long.MAX_VALUE);
        if (deadline == Long.MAX_VALUE || deadline >= tickAtNanos) {
            return;
        }
        tickAtNanos = Math.max(Math.max(deadline, pausedUntilNanos), world.scheduler().nowNanos());
        long at = tickAtNanos;
        int since = life;
        world.scheduler()
                .at(
                        at,
                        () -> {
                            if (isLiving(since) && tickAtNanos == at) {
                                tickAtNanos = Long.MAX_VALUE;
                                input(new PeerInput.Tick());
                            }
                        });
    }

    Link newLink(long latencyNanos) {
        var link = new Link(new PeerId(nextPeer++), this, latencyNanos);
        link.heardNanos = world.scheduler().nowNanos();
        return link;
    }

    /// Its end of an open connection; null if it is not open.
    @Nullable Link link(PeerId peer) {
        return links.get(peer);
    }

    /// Its ends of open connections.
    Collection<Link> openLinks() {
        return links.values();
    }

    void opened(Link link, PeerInput first) {
        if (node == null) {
            breakLink(link, "peer died");
            return;
        }
        links.put(link.peer, link);
        input(first);
        input(new PeerInput.TransportReady(link.peer, TransportVersion.V1, Bytes.EMPTY));
    }

    private void apply(PeerOutput output) {
        switch (output) {
            case PeerOutput.Send(PeerId peer, Message message) -> send(peer, message);
            case PeerOutput.Connect connect -> world.dial(this, connect);
            case PeerOutput.Disconnect(PeerId peer, String why) -> disconnect(peer, why);
            case PeerOutput.PauseReading _ -> {}
            case PeerOutput.Resolve(String name, int port) -> world.resolve(this, name, port);
            case PeerOutput.Emit(PeerEvent event) -> events.add(event);
            case PeerOutput.Chain _ ->
                    throw new weft.primitives.Bug("the node keeps chain commands to itself");
        }
    }

    private void send(PeerId peer, Message message) {
        Link link = links.get(peer);
        if (link == null || !link.open || unsaid.test(message)) {
            return;
        }
        Message received = message;
        int wireBytes;
        if (world.sharesBlocks() && message instanceof BlockMessage(Block block, var _)) {
            wireBytes = HEADER_BYTES + block.totalSize();
        } else {
            // Through bytes and back, so that a simulated message is what a real one would be.
            Bytes payload = MessageCodec.encode(message);
            wireBytes = HEADER_BYTES + payload.length();
            received = MessageCodec.decode(message.command(), payload, Negotiated.CURRENT);
            if (world.isSampled()) {
                Spelling.check(this, message.command(), payload, received);
            }
        }
        Obligations.onSent(link, received, world.scheduler().nowNanos());
        world.watcher().said(link, received);
        link.bytesOnTheWay += wireBytes;
        world.traffic().count(message.command(), wireBytes);
        Message arriving = received;
        Link far = link.other;
        long arrival =
                link.arrival(
                        departure(wireBytes),
                        busy(far.owner, wireBytes),
                        world.detour(this, far.owner));
        world.scheduler().at(arrival, () -> arrive(far, arriving, wireBytes));
        sent.add(new PeerInput.Sent(peer, message.command(), wireBytes, 0));
    }

    private long busy(SimNode to, int bytes) {
        return world.geography().transmission(this, to, bytes) + slownessNanos;
    }

    /// When the line is free for a message.
    private long departure(int bytes) {
        long now = world.scheduler().nowNanos();
        long busy = world.geography().departure(this, bytes);
        if (busy == 0) {
            return now;
        }
        long begins = Math.max(now, lineBusyUntilNanos);
        lineBusyUntilNanos = begins + busy;
        return begins;
    }

    private static void arrive(Link far, Message received, int wireBytes) {
        SimNode owner = far.owner;
        if (!far.open || owner.links.get(far.peer) != far) {
            return;
        }
        Scheduler scheduler = owner.world.scheduler();
        if (scheduler.nowNanos() < owner.pausedUntilNanos) {
            scheduler.at(owner.pausedUntilNanos, () -> arrive(far, received, wireBytes));
            return;
        }
        far.other.bytesOnTheWay -= wireBytes;
        if (!owner.unwanted.test(received)) {
            Obligations.onArrived(far, received, scheduler.nowNanos());
        }
        int payload = wireBytes - HEADER_BYTES;
        owner.input(new PeerInput.Received(far.peer, received, payload, wireBytes));
    }

    private void disconnect(PeerId peer, String why) {
        Link link = links.remove(peer);
        if (link != null) {
            breakLink(link, why);
            int since = life;
            world.scheduler()
                    .after(
                            0,
                            () -> {
                                if (isLiving(since)) {
                                    input(new PeerInput.Disconnected(peer, why, false));
                                }
                            });
        }
    }

    /// Breaks the connections that lead over the cut of a split world; both ends see them end.
    void breakCutLinks() {
        for (Link link : List.copyOf(links.values())) {
            if (world.areApart(this, link.other.owner)) {
                disconnect(link.peer, "connection reset");
            }
        }
    }

    /// Breaks one connection to a neighbour, as a network in between may; both ends see it end.
    ///
    /// @return whether there was one
    public boolean cut(SimNode neighbour) {
        for (Link link : List.copyOf(links.values())) {
            if (link.other.owner == neighbour) {
                disconnect(link.peer, "connection reset");
                return true;
            }
        }
        return false;
    }

    private void breakLink(Link link, String why) {
        link.open = false;
        Link far = link.other;
        if (far == link) {
            return;
        }
        // What was sent before arrives before the end of the connection does.
        world.scheduler()
                .at(
                        link.arrival(world.scheduler().nowNanos(), 0, 0),
                        () -> {
                            if (far.open) {
                                far.open = false;
                                far.owner.links.remove(far.peer);
                                far.owner.input(new PeerInput.Disconnected(far.peer, why, false));
                            }
                        });
    }
}
