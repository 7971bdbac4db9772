package weft.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/// What becomes of networks of real nodes in virtual time.
class MeshTest {
    private static final int SIZE = 60;

    /// One after the other asks the first node for addresses, five seconds apart.
    private static World star(long seed, int size) {
        World world = Towns.of(seed, size, Towns::askTheFirst);
        world.nodes().getFirst().start();
        Towns.mine(world.nodes().getFirst(), 1);
        for (SimNode newcomer : world.nodes().subList(1, size)) {
            newcomer.start();
            world.run(Duration.ofSeconds(5));
        }
        return world;
    }

    /// All but the first: that one dials nobody as long as everybody is connected to it anyway.
    private static List<SimNode> newcomers(World world) {
        return world.nodes().stream().skip(1).toList();
    }

    @Test
    @DisplayName("A star of 60 nodes becomes a mesh that the node in its middle may leave")
    void shouldBecomeAMesh() {
        World world = star(1, SIZE);
        world.run(Duration.ofMinutes(15));
        SimNode hub = world.nodes().getFirst();
        assertThat(world.allTipsEqual()).isTrue();
        long edges = world.nodes().stream().mapToLong(each -> each.connections().size()).sum() / 2;
        // All edges were the first node's; most will always keep one to it, it was their first
        // friend.
        assertThat(hub.connections().size() * 8L)
                .as("edges of the first node, of %d", edges)
                .isLessThan(edges);
        assertThat(newcomers(world))
                .extracting(each -> Towns.outbound(world, each))
                .containsOnly(8L);

        hub.kill();
        world.run(Duration.ofSeconds(2));
        assertThat(Towns.isConnected(world.alive())).isTrue();
        Towns.mine(world.nodes().get(1), 1);
        boolean heard =
                world.runUntil(
                        () -> world.alive().stream().allMatch(each -> each.height() == 2),
                        Duration.ofMinutes(1));
        assertThat(heard).as("a block reaches all who are left").isTrue();
    }

    @Test
    @DisplayName("A third of the nodes die at once; the rest close ranks within ten minutes")
    void shouldHealItself() {
        World world = Towns.oldFriends(2, 45, 0, new FullNodes((self, options) -> options));
        world.run(Duration.ofMinutes(5));
        world.nodes().stream().filter(each -> each.index() % 3 == 0).forEach(SimNode::kill);
        world.run(Duration.ofMinutes(10));
        List<SimNode> left = world.alive();
        assertThat(left).hasSize(30);
        assertThat(Towns.isConnected(left)).isTrue();
        assertThat(left).allMatch(each -> Towns.outbound(world, each) == 8);
        Towns.mine(left.getLast(), 1);
        world.run(Duration.ofMinutes(1));
        assertThat(world.allTipsEqual()).isTrue();
    }

    @Test
    @DisplayName(
            "A network cut in two grows two chains, and agrees on the longer one when it is whole again")
    void shouldHealAPartition() {
        World world = star(3, 24);
        world.run(Duration.ofMinutes(10));
        world.split(each -> each.index() % 2 == 0);
        world.run(Duration.ofMinutes(5));
        assertThat(world.nodes())
                .allMatch(
                        each ->
                                each.neighbours().stream()
                                        .allMatch(other -> other.index() % 2 == each.index() % 2));
        var shorter = Towns.mine(world.nodes().get(0), 3);
        var longer = Towns.mine(world.nodes().get(1), 5);
        world.run(Duration.ofMinutes(5));
        for (SimNode each : world.nodes()) {
            assertThat(each.tipHash())
                    .isEqualTo(each.index() % 2 == 0 ? shorter.getLast() : longer.getLast());
        }
        world.rejoin();
        boolean agreed =
                world.runUntil(
                        () ->
                                world.nodes().stream()
                                        .allMatch(each -> each.tipHash().equals(longer.getLast())),
                        Duration.ofHours(2));
        assertThat(agreed).isTrue();
    }

    @Test
    @DisplayName("S-60 in networks of real nodes each keeps exactly eight full-relay connections")
    void shouldKeepEight() {
        for (long seed = 1; seed <= 20; seed++) {
            World world = Towns.oldFriends(seed, 30, 0, new FullNodes((self, options) -> options));
            world.run(Duration.ofMinutes(5));
            var seen = new ArrayList<Long>();
            for (int minute = 0; minute < 5; minute++) {
                world.run(Duration.ofMinutes(1));
                world.nodes().forEach(each -> seen.add(Towns.outbound(world, each)));
            }
            assertThat(seen).as("seed %d", seed).hasSize(5 * 30).containsOnly(8L);
        }
    }
}
