package weft.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.p2p.P2pOptions;
import weft.p2p.PeerId;
import weft.p2p.PeerInput;
import weft.p2p.peers.Keepalive;
import weft.primitives.Bytes;
import weft.primitives.Digest256;
import weft.primitives.Hash256;
import weft.primitives.Transaction;
import weft.wire.Inv;
import weft.wire.InvItem;
import weft.wire.Message;
import weft.wire.NetAddress;
import weft.wire.NetworkId;
import weft.wire.ServiceFlags;
import weft.wire.TxMessage;
import weft.wire.VersionMessage;

/// Private broadcast in a network of real nodes, in virtual time, with Tor as far as addresses go.
class PrivatePaymentsTest {
    private static final int NODES = 40;
    private static final int PAYERS = 12;
    private static final String AGENT = "/pynode:0.0.1/";
    private static final List<String> TALK = List.of("version", "verack", "inv", "tx", "ping");
    private static final Treasury TREASURY = new Treasury();

    /// A connection as its receiver sees it.
    private record Line(int node, PeerId peer) {}

    /// What was heard, over the life of one world.
    private static final class Ear {
        final Set<Line> secret = new HashSet<>();
        final Map<Line, List<Message>> said = new LinkedHashMap<>();

        /// Who announced or sent what over ordinary connections, first of all.
        final Map<Digest256, Integer> first = new HashMap<>();

        /// Who announced what before it came to him so.
        final Set<String> tooEarly = new LinkedHashSet<>();

        private final Set<String> has = new HashSet<>();

        void hear(SimNode node, PeerInput input) {
            if (!(input instanceof PeerInput.Received each)) {
                return;
            }
            var line = new Line(node.index(), each.peer());
            if (each.message() instanceof VersionMessage version
                    && version.userAgent().equals(AGENT)) {
                secret.add(line);
            }
            if (secret.contains(line)) {
                said.computeIfAbsent(line, _ -> new ArrayList<>()).add(each.message());
                return;
            }
            switch (each.message()) {
                case Inv(List<InvItem> items) ->
                        items.forEach(item -> told(node, each.peer(), item.hash()));
                case TxMessage(Transaction tx, var _) -> {
                    told(node, each.peer(), plain(tx.wtxid()));
                    has.add(node.index() + " " + plain(tx.wtxid()));
                }
                default -> {}
            }
        }

        private void told(SimNode node, PeerId peer, Digest256 hash) {
            int by = node.neighbour(peer).index();
            first.putIfAbsent(hash, by);
            if (!has.contains(by + " " + hash)) {
                tooEarly.add(by + " " + hash);
            }
        }
    }

    private static Digest256 plain(Hash256 hash) {
        return new Digest256(hash.w0(), hash.w1(), hash.w2(), hash.w3());
    }

    /// Nodes as different from one another as their operators could make them.
    private static P2pOptions options(SimNode self, P2pOptions standard) {
        P2pOptions.Self us = standard.self();
        boolean odd = self.index() % 2 == 1;
        return standard.with(
                        new P2pOptions.Access(
                                List.of(), List.of(NetworkId.IPV4, NetworkId.TORV3), true))
                .with(
                        new P2pOptions.Self(
                                us.port(),
                                us.services() | (odd ? ServiceFlags.BLOOM : 0),
                                "/node:" + self.index() + "/",
                                us.listen(),
                                us.discover(),
                                us.addresses(),
                                odd))
                .with(
                        standard.limits()
                                .withTimes(
                                        standard.limits().peerTimeout(),
                                        odd ? Keepalive.named("classic") : Keepalive.CORE));
    }

    private static World settled(long seed) {
        var factory = new FullNodes(PrivatePaymentsTest::options).bornWith(TREASURY);
        var world = new World(seed, LinkModel.WIDE_AREA);
        Citizens.settle(world, factory, NODES);
        Citizens.tellOnions(world, factory);
        return world;
    }

    private static long knowing(World world, Transaction tx) {
        return world.alive().stream()
                .filter(each -> each.node().chain().mempool().contains(tx.wtxid()))
                .count();
    }

    /// The bytes of a message, without what is chance.
    private static Bytes trace(Message message) {
        byte[] bytes = message.payload().toByteArray();
        if (message instanceof VersionMessage) {
            Arrays.fill(bytes, 72, 80, (byte) 0);
        }
        return Bytes.wrap(bytes);
    }

    @Test
    @DisplayName(
            "private broadcast: payments arrive everywhere, and the payer never announces one before it"
                    + " came to him as it did to others")
    void shouldNotBeTheFirstToTell() {
        for (long seed = 1; seed <= 4; seed++) {
            World world = settled(seed);
            var ear = new Ear();
            world.watch(ear::hear);
            Map<Transaction, SimNode> payments = new LinkedHashMap<>();
            for (SimNode payer : world.nodes().subList(0, PAYERS)) {
                Transaction tx = TREASURY.payPrivately(payer);
                payments.put(tx, payer);
                assertThat(knowing(world, tx)).as("not even the payer's mempool").isZero();
                world.run(Duration.ofSeconds(20));
            }
            world.run(Duration.ofMinutes(3));
            for (Map.Entry<Transaction, SimNode> each : payments.entrySet()) {
                Digest256 hash = plain(each.getKey().wtxid());
                assertThat(knowing(world, each.getKey())).as("seed %d", seed).isEqualTo(NODES);
                int payer = each.getValue().index();
                assertThat(ear.first.get(hash)).isNotEqualTo(payer);
                assertThat(ear.tooEarly).doesNotContain(payer + " " + hash);
                assertThat(each.getValue().node().peers().transactions().privateQueue().isEmpty())
                        .as("it came back")
                        .isTrue();
            }
            assertTalks(ear, payments.size());
        }
    }

    private static void assertTalks(Ear ear, int payments) {
        assertThat(ear.said).hasSizeGreaterThanOrEqualTo(payments);
        Set<Bytes> versions = new HashSet<>();
        Set<Long> nonces = new HashSet<>();
        for (List<Message> each : ear.said.values()) {
            assertThat(TALK.subList(0, each.size()))
                    .isEqualTo(each.stream().map(Message::command).toList());
            versions.add(trace(each.getFirst()));
            nonces.add(((VersionMessage) each.getFirst()).nonce());
        }
        assertThat(versions).as("all nodes say the same of themselves").hasSize(1);
        assertThat(nonces).hasSameSizeAs(ear.said.entrySet());
    }

    @Test
    @DisplayName("private broadcast: without it the payer is the first to tell (the test can fail)")
    void shouldBeTheFirstToTellOtherwise() {
        World world = settled(1);
        var ear = new Ear();
        world.watch(ear::hear);
        SimNode payer = world.nodes().getFirst();
        Transaction tx = TREASURY.payFrom(payer);
        world.run(Duration.ofMinutes(1));
        assertThat(ear.first).containsEntry(plain(tx.wtxid()), payer.index());
        assertThat(ear.tooEarly).contains(payer.index() + " " + plain(tx.wtxid()));
        assertThat(ear.said).isEmpty();
    }

    @Test
    @DisplayName("private broadcast: receivers that swallow a payment only delay it")
    void shouldOutlastBlackHoles() {
        World world = settled(9);
        SimNode payer = world.nodes().getFirst();
        Set<NetAddress> asked = new HashSet<>();
        // Whoever is asked first never hears of it: all requests for transactions of strangers get
        // lost.
        world.nodes().subList(1, NODES).forEach(each -> each.refuse(Inv.class::isInstance));
        Transaction tx = TREASURY.payPrivately(payer);
        world.run(Duration.ofMinutes(2));
        assertThat(knowing(world, tx)).isZero();
        world.dials().stream()
                .filter(each -> each.network() == NetworkId.TORV3)
                .forEach(asked::add);
        assertThat(asked).hasSizeGreaterThanOrEqualTo(3);
        world.nodes().forEach(each -> each.refuse(_ -> false));
        world.run(Duration.ofMinutes(5));
        assertThat(knowing(world, tx)).isEqualTo(NODES);
    }
}
