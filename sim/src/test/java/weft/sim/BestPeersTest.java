package weft.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.p2p.ConnectionType;
import weft.p2p.PeerSnapshot;

/// What it saves to keep the best three of eight outbound peers, in networks of real nodes with payments.
class BestPeersTest {
    private static final int SIZE = 30;
    private static final int SEEDS = 20;
    private static final int PAYMENTS = 18;
    private static final int BEST = 3;

    /// @param all that nodes sent
    /// @param announcements of transactions
    private record Bytes(long all, long announcements) {}

    /// What all nodes send in three minutes with a payment every ten seconds.
    private static Bytes spent(World world, Treasury treasury, long outbound) {
        assertHave(world, outbound);
        world.traffic().reset();
        for (int i = 0; i < PAYMENTS; i++) {
            treasury.pay(world.nodes().get(i % SIZE));
            world.run(Duration.ofSeconds(10));
        }
        assertHave(world, outbound);
        return new Bytes(world.traffic().bytes(), world.traffic().bytes("inv"));
    }

    private static void assertHave(World world, long outbound) {
        assertThat(world.nodes())
                .extracting(each -> Towns.outbound(world, each))
                .containsOnly(outbound);
    }

    /// Of all full-relay connections, seen from who opened them.
    private static double latency(World world) {
        return world.nodes().stream()
                .flatMap(each -> Towns.peers(world, each).stream())
                .filter(each -> each.type() == ConnectionType.OUTBOUND_FULL_RELAY)
                .map(PeerSnapshot::ping)
                .mapToLong(each -> each.minNanos())
                .average()
                .orElse(0);
    }

    @Test
    @DisplayName(
            "S-63 who keeps the best three of eight has shorter ways and sends 3/8 of the announcements")
    void shouldSaveBandwidth() {
        // Its coins are enough for all.
        var treasury = new Treasury();
        var ratios = new ArrayList<Double>();
        for (long seed = 1; seed <= SEEDS; seed++) {
            String name = "seed " + seed;
            var factory =
                    new FullNodes((_, options) -> options.with(options.limits().withBest(BEST)))
                            .bornWith(treasury);
            World world = Towns.citizens(seed, SIZE, factory);
            world.run(Duration.ofMinutes(2));
            // In the first ten minutes there are eight.
            Bytes eight = spent(world, treasury, 8);
            double way = latency(world);
            world.run(Duration.ofMinutes(5));
            Bytes three = spent(world, treasury, BEST);
            double ratio = latency(world) / way;
            ratios.add(ratio);
            assertThat(ratio).as(name).isLessThan(0.9);
            assertThat(Towns.isConnected(world.nodes())).as(name).isTrue();
            assertThat(100 * three.announcements / eight.announcements)
                    .as(name)
                    .isBetween(33L, 42L);
            // Payments themselves come once to everybody, from however many.
            assertThat(100 * three.all / eight.all).as(name).isLessThan(75);
        }
        assertThat(ratios.stream().mapToDouble(each -> each).average().orElseThrow())
                .as("way to a peer, of eight peers")
                .isLessThan(0.75);
    }
}
