package weft.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.p2p.PeerInput;
import weft.p2p.tx.Spreading;
import weft.primitives.Transaction;
import weft.primitives.Wtxid;
import weft.wire.DandelionTx;

/// Dandelion in networks of real nodes, in virtual time.
class DandelionTest {
    private static final int SEEDS = 20;
    private static final int NODES = 30;

    /// Payments that are swallowed.
    private static final int LOST = 4;

    private static final Treasury TREASURY = new Treasury();
    private static final int FLUFF_PERCENT = 30;

    /// Steps of each stem, over all seeds.
    private final Map<Wtxid, Integer> steps = new HashMap<>();

    private static World settled(long seed) {
        var factory =
                new FullNodes(
                                (_, options) ->
                                        options.with(
                                                options.tx()
                                                        .with(Spreading.DANDELION)
                                                        .withFluffPercent(FLUFF_PERCENT)))
                        .bornWith(TREASURY);
        var world = new World(seed, LinkModel.WIDE_AREA);
        Citizens.settle(world, factory, NODES);
        return world;
    }

    private void count(PeerInput input) {
        if (input instanceof PeerInput.Received each
                && each.message() instanceof DandelionTx(Transaction tx)) {
            steps.merge(tx.wtxid(), 1, Integer::sum);
        }
    }

    private static long knowing(World world, Wtxid wtxid) {
        return world.alive().stream()
                .filter(each -> each.node().chain().mempool().contains(wtxid))
                .count();
    }

    private void pay(World world, int payers, Set<Wtxid> paid) {
        for (SimNode payer : world.nodes().subList(0, payers)) {
            paid.add(TREASURY.payFrom(payer).wtxid());
            world.run(Duration.ofMillis(100));
        }
    }

    private static void assertKnown(World world, Set<Wtxid> paid, long seed) {
        for (Wtxid each : paid) {
            assertThat(knowing(world, each))
                    .as("seed %d", seed)
                    .isGreaterThanOrEqualTo((NODES * 95 + 99) / 100);
        }
    }

    /// The greatest distance between the lengths found and those of stems that end with a chance at each
    /// step.
    private double distance(double chance) {
        int longest = steps.values().stream().max(Integer::compare).orElseThrow();
        double worst = 0;
        for (int length = 1; length <= longest; length++) {
            int most = length;
            long found = steps.values().stream().filter(each -> each <= most).count();
            double expected = 1 - Math.pow(1 - chance, length);
            worst = Math.max(worst, Math.abs((double) found / steps.size() - expected));
        }
        return worst;
    }

    @Test
    @DisplayName(
            "S-97 over 20 seeds stems are geometric in length, embargoes end what black holes"
                    + " swallow, and every transaction reaches 95 %")
    void shouldWalkAndFluff() {
        for (long seed = 1; seed <= SEEDS; seed++) {
            World world = settled(seed);
            world.watch((_, input) -> count(input));
            var paid = new LinkedHashSet<Wtxid>();
            pay(world, NODES, paid);
            world.run(Duration.ofSeconds(90));
            assertThat(steps).as("each took a step").hasSize(NODES * (int) seed);
            assertKnown(world, paid, seed);

            world.watch((_, _) -> {});
            world.nodes().forEach(each -> each.refuse(message -> message instanceof DandelionTx));
            var swallowed = new LinkedHashSet<Wtxid>();
            pay(world, LOST, swallowed);
            world.run(Duration.ofSeconds(9));
            for (Wtxid each : swallowed) {
                assertThat(knowing(world, each)).as("only the payer").isOne();
            }
            world.run(Duration.ofMinutes(3));
            assertKnown(world, swallowed, seed);
        }
        // What a right sample exceeds once in a hundred tests (Kolmogorov and Smirnov).
        double critical = 1.63 / Math.sqrt(steps.size());
        assertThat(distance(FLUFF_PERCENT / 100.0)).isLessThan(critical);
        assertThat(distance(0.4)).as("the test can fail").isGreaterThan(critical);
        assertThat(distance(0.2)).as("the test can fail").isGreaterThan(critical);
    }
}
