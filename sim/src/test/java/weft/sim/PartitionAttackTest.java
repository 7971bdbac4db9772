package weft.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;

/// Whoever holds the routes cuts the network in two for a while.
class PartitionAttackTest implements SeenRed {
    private static final int SIZE = 20;

    private final World world =
            Towns.oldFriends(9, SIZE, 0, new FullNodes((self, options) -> options));
    private final List<SimNode> miners = half(each -> each.index() % 2 == 0);
    private final List<SimNode> others = half(each -> each.index() % 2 == 1);

    private List<SimNode> half(Predicate<SimNode> part) {
        return world.nodes().stream().filter(part).toList();
    }

    private boolean isStale(SimNode node) {
        return node.node().peers().blocks().isTipStale(world.scheduler().now());
    }

    @Test
    @DisplayName("E09 half of the network loses its routes to the other, where all miners are")
    @Sabotage(type = "weft.p2p.OutboundPlan", method = "hasRoom", constant = "1>0")
    void shouldNoticeAndBecomeOneAgain() {
        world.split(miners::contains);
        for (int i = 0; i < 2; i++) {
            world.run(Duration.ofMinutes(13));
            Towns.mine(miners.get(i), 1);
        }
        world.run(Duration.ofMinutes(1));
        assertThat(miners).allMatch(each -> each.height() == 3);
        assertThat(others).allMatch(each -> each.height() == 1).noneMatch(this::isStale);
        world.run(Duration.ofMinutes(4));
        assertThat(others).as("three intervals without a block").allMatch(this::isStale);
        assertThat(miners).noneMatch(this::isStale);
        world.rejoin();
        boolean healed = world.runUntil(world::allTipsEqual, Duration.ofMinutes(10));
        assertThat(healed).isTrue();
        assertThat(world.nodes()).allMatch(each -> each.height() == 3);
        Towns.mine(others.getFirst(), 1);
        world.run(Duration.ofMinutes(1));
        assertThat(world.nodes()).allMatch(each -> each.height() == 4);
    }
}
