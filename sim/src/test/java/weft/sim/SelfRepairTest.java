package weft.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.p2p.P2pOptions;

/// Networks of real nodes that lose nodes and connections, in virtual time. `-Dweft.times=20` plays the long
/// stories with 20 seeds; the build plays one or two.
class SelfRepairTest {
    private static final int TIMES = Integer.getInteger("weft.times", 1);
    private static final int HUBS = 3;
    private static final Duration JOIN_GAP = Duration.ofSeconds(15);

    /// Everybody asks the first three for addresses, as a newcomer asks seeds; they know each other.
    private static P2pOptions askTheHubs(SimNode self, P2pOptions options) {
        List<String> seeds =
                IntStream.range(0, HUBS)
                        .filter(hub -> hub != self.index())
                        .mapToObj(hub -> World.address(hub).toString())
                        .toList();
        return options.with(options.sources().withSeedNodes(seeds));
    }

    /// Everybody was told one who came before.
    private static P2pOptions knowOne(SimNode self, P2pOptions options) {
        if (self.index() == 0) {
            return options;
        }
        int friend = new SplittableRandom(self.index()).nextInt(self.index());
        return options.with(
                options.sources().withAddNodes(List.of(World.address(friend).toString())));
    }

    /// One after the other joins; the whole takes 25 minutes.
    private static World grow(long seed, int size, FullNodes factory) {
        World world = Towns.of(seed, size, factory);
        for (SimNode each : world.nodes()) {
            each.start();
            world.run(JOIN_GAP);
        }
        return world;
    }

    /// @param percent of all edges that lead to the first three, at most
    private static void assertMesh(World world, long seed, int percent) {
        List<SimNode> all = world.alive();
        long edges = Towns.edges(all);
        long ofHubs = all.stream().limit(HUBS).mapToLong(each -> each.neighbours().size()).sum();
        assertThat(Towns.survivesAnyTwo(all)).as("seed %d: any two may leave", seed).isTrue();
        assertThat(ofHubs * 100)
                .as("seed %d: %d of %d edges", seed, ofHubs, edges)
                .isLessThan(edges * percent);
    }

    @Test
    @DisplayName(
            "S-01 100 nodes that came by three: after 30 minutes those own less than 10 % of the edges")
    void shouldBecomeAMesh() {
        for (long seed = 1; seed <= TIMES; seed++) {
            World world =
                    grow(
                            seed,
                            100,
                            new FullNodes(SelfRepairTest::askTheHubs).bornWith(new Treasury()));
            world.run(Duration.ofMinutes(5));
            assertMesh(world, seed, 10);
        }
    }

    @Test
    @DisplayName(
            "S-04 no DNS, no fixed list, one friend a newcomer: any two may leave, and the first"
                    + " three own less than 10 % of the edges")
    void shouldBecomeAMeshByFriends() {
        for (long seed = 1; seed <= TIMES; seed++) {
            World world =
                    grow(
                            seed,
                            100,
                            new FullNodes(SelfRepairTest::knowOne).bornWith(new Treasury()));
            world.run(Duration.ofMinutes(5));
            assertThat(world.lookups()).isEmpty();
            assertMesh(world, seed, 10);
        }
    }
}
