package weft.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.p2p.ConnectionType;
import weft.p2p.P2pOptions;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;
import weft.wire.AddressEntry;
import weft.wire.GetAddr;

/// Each kind of connection is opened when it is its turn, and kept as long as it is for.
class OutboundTest implements SeenRed {
    private static final int SIZE = 8;

    /// So many that nobody comes back to whom he had by chance.
    private static final int LARGE = 24;

    private final List<AddressEntry> anchors = new ArrayList<>();

    /// Three peers, so that a small world has others to try; the first remembers two of its last run.
    private P2pOptions few(SimNode self, P2pOptions options) {
        P2pOptions changed = options.with(options.limits().withCounts(2, 2, 100));
        return self.index() == 0
                ? changed.with(changed.sources().withAnchors(List.copyOf(anchors)))
                : changed;
    }

    private static boolean has(World world, ConnectionType type) {
        return world.nodes().stream()
                .anyMatch(node -> node.openLinks().stream().anyMatch(link -> link.type == type));
    }

    @Test
    @DisplayName("Addresses are tried out when all peers are there, and no longer than needed")
    @Sabotage(type = "weft.p2p.Handshake", method = "onVersion", call = "drop", returns = "void")
    @Sabotage(type = "weft.p2p.OutboundPlan", method = "need", flips = 3)
    void shouldTryOut() {
        FullNodes factory = new FullNodes(this::few);
        World world = Towns.of(1, SIZE, factory);
        var invariants = new Invariants(world, factory);
        Citizens.connect(world, factory, SIZE);
        assertThat(has(world, ConnectionType.OUTBOUND_FULL_RELAY)).isTrue();
        assertThat(world.runUntil(() -> has(world, ConnectionType.FEELER), Duration.ofMinutes(15)))
                .as("an address was tried out")
                .isTrue();
        Towns.watch(world, invariants, 2);
    }

    @Test
    @DisplayName("Peers for blocks only of the last run are dialled first")
    @Sabotage(type = "weft.p2p.OutboundPlan", method = "need", flips = 2)
    void shouldGoBack() {
        FullNodes factory = new FullNodes(this::few);
        World world = Towns.of(1, LARGE, factory);
        var invariants = new Invariants(world, factory);
        Citizens.connect(world, factory, LARGE);
        SimNode node = world.nodes().getFirst();
        anchors.addAll(node.node().peers().anchors(world.scheduler().now()));
        assertThat(anchors).hasSize(2);
        node.kill();
        node.start();
        Towns.watch(world, invariants, 2);
        assertThat(node.node().peers().anchors(world.scheduler().now()))
                .extracting(AddressEntry::address)
                .containsExactlyInAnyOrderElementsOf(
                        anchors.stream().map(AddressEntry::address).toList());
    }

    @Test
    @DisplayName("Who is only asked for addresses is not kept when he gives none")
    @Sabotage(
            type = "weft.p2p.Inactivity",
            method = "dueNanos",
            constant = "300000000000>3000000000000")
    void shouldNotKeepWhoWasToPass() {
        FullNodes factory = new FullNodes(Towns::askTheFirst);
        World world = Towns.of(1, 2, factory);
        var invariants = new Invariants(world, factory);
        world.nodes().getFirst().refuse(GetAddr.class::isInstance);
        world.nodes().forEach(SimNode::start);
        Towns.watch(world, invariants, 1);
        assertThat(has(world, ConnectionType.ADDR_FETCH)).isTrue();
        Towns.watch(world, invariants, 10);
    }
}
