package weft.p2p.sync;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import weft.chain.api.ChainCommand;
import weft.chain.api.ChainEvent;
import weft.chain.api.Origin;
import weft.consensus.ChainParams;
import weft.consensus.Network;
import weft.p2p.ConnectionType;
import weft.p2p.Outbox;
import weft.p2p.Peer;
import weft.p2p.PeerFault;
import weft.p2p.PeerId;
import weft.p2p.PeerOutput;
import weft.p2p.TestPeers;
import weft.primitives.Block;
import weft.primitives.BlockHash;
import weft.primitives.Now;
import weft.primitives.log.Log;
import weft.wire.GetData;
import weft.wire.InvItem;
import weft.wire.Message;

/// Some nodes' synchronisation wired back to back, each over a chain in memory; time stands until a test
/// moves it.
final class SyncNet {
    /// A message that left a node.
    record Sent(Node from, Peer to, Message message) {}

    private record Delivery(Node to, Peer from, Message message) {}

    final List<Sent> sent = new ArrayList<>();
    private final List<Node> nodes = new ArrayList<>();
    private final ArrayDeque<Delivery> wire = new ArrayDeque<>();
    private long startSeconds;
    private long nanos;

    /// Of nodes made from now on.
    SyncRules rules = SyncRules.of(ChainParams.of(Network.REGTEST));

    /// Of nodes made from now on.
    SyncOptions options = SyncOptions.of(TestPeers.FULL);

    SyncNet(long startSeconds) {
        this.startSeconds = startSeconds;
    }

    /// One node.
    final class Node {
        final FakeChain chain;
        final TestPeers peers = new TestPeers();
        final BlockSync sync;
        final Outbox out = new Outbox();
        private final Map<PeerId, Node> others = new TreeMap<>();
        private final Map<PeerId, Peer> mirrors = new TreeMap<>();

        Node(FakeChain chain) {
            this.chain = chain;
            int seed = nodes.size() + 1;
            this.sync = new BlockSync(rules, options, peers, new SplittableRandom(seed), Log.NONE);
            sync.onChainEvent(chain.loaded(), now(), out);
            nodes.add(this);
        }

        /// Adds a peer that no node stands behind.
        Peer scripted(long id, TestPeers.Spec spec) {
            Peer peer = peers.add(id, spec);
            sync.onReady(peer, now(), out);
            drain();
            return peer;
        }

        /// A scripted peer sends something, and the chain answers what follows.
        void receive(Peer from, Message message) {
            try {
                sync.onMessage(from, message, now(), out);
            } catch (PeerFault fault) {
                peers.misbehaving(from.id(), requireNonNull(fault.getMessage()), out);
            }
            drain();
        }

        /// The operator of the node has a block.
        void mine(Block block) {
            tell(chain.handle(new ChainCommand.SubmitBlock(Origin.SELF, block, true)));
            drain();
        }

        void tell(List<ChainEvent> events) {
            events.forEach(event -> sync.onChainEvent(event, now(), out));
        }

        void tick() {
            sync.onTick(now(), out);
            drain();
        }

        private void drain() {
            PeerOutput output = out.poll();
            while (output != null) {
                switch (output) {
                    case PeerOutput.Chain(ChainCommand command) -> tell(chain.handle(command));
                    case PeerOutput.Send(PeerId to, Message message) -> send(to, message);
                    default -> throw new AssertionError(output.toString());
                }
                output = out.poll();
            }
        }

        private void send(PeerId to, Message message) {
            Peer peer = requireNonNull(peers.find(to));
            sent.add(new Sent(this, peer, message));
            Node other = others.get(to);
            if (other != null) {
                wire.add(new Delivery(other, requireNonNull(mirrors.get(to)), message));
            }
        }

        /// The messages of a kind that left this node.
        <T extends Message> List<T> sent(Class<T> kind) {
            return sent.stream()
                    .filter(each -> each.from() == this && kind.isInstance(each.message()))
                    .map(each -> kind.cast(each.message()))
                    .toList();
        }

        /// The hashes of all blocks that this node asked for, in that order.
        List<InvItem> asked() {
            return sent(GetData.class).stream().flatMap(each -> each.items().stream()).toList();
        }
    }

    Now now() {
        return new Now(nanos, Instant.ofEpochSecond(startSeconds).plusNanos(nanos));
    }

    /// Sets everybody's clock on the wall, and leaves the monotonic one as it is.
    ///
    /// @param seconds how much it goes forward; negative to set it back
    void setClock(long seconds) {
        startSeconds += seconds;
    }

    Node node(FakeChain chain) {
        return new Node(chain);
    }

    /// One node dials another.
    void connect(Node from, Node to) {
        long id = from.others.size() + to.others.size() * 100L + nodes.indexOf(from) * 10_000L;
        Peer remote =
                from.peers.add(
                        id,
                        TestPeers.Spec.of(ConnectionType.OUTBOUND_FULL_RELAY)
                                .height(to.sync.tipHeight()));
        Peer local =
                to.peers.add(
                        id,
                        TestPeers.Spec.of(ConnectionType.INBOUND).height(from.sync.tipHeight()));
        from.others.put(remote.id(), to);
        from.mirrors.put(remote.id(), local);
        to.others.put(local.id(), from);
        to.mirrors.put(local.id(), remote);
        from.sync.onReady(remote, now(), from.out);
        to.sync.onReady(local, now(), to.out);
        from.drain();
        to.drain();
        run();
    }

    /// Delivers until all is quiet.
    void run() {
        Delivery next = wire.poll();
        while (next != null) {
            next.to().receive(next.from(), next.message());
            next = wire.poll();
        }
    }

    /// Moves time and calls everybody.
    void advance(long seconds) {
        nanos += seconds * 1_000_000_000L;
        nodes.forEach(Node::tick);
        run();
        nodes.forEach(Node::tick);
        nodes.forEach(
                node ->
                        node.sync
                                .nextDeadlineNanos()
                                .ifPresent(
                                        deadline ->
                                                assertThat(deadline)
                                                        .as(
                                                                "a deadline that lies in the past would spin")
                                                        .isGreaterThan(nanos)));
    }

    static TestPeers.Spec outbound() {
        return TestPeers.Spec.of(ConnectionType.OUTBOUND_FULL_RELAY);
    }

    static TestPeers.Spec inbound() {
        return TestPeers.Spec.of(ConnectionType.INBOUND);
    }

    static List<BlockHash> hashes(List<Block> list) {
        return list.stream().map(Block::hash).toList();
    }
}
