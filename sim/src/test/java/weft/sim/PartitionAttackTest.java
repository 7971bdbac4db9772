package weft.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.p2p.ConnectionType;
import weft.p2p.PeerId;
import weft.p2p.PeerSnapshot;
import weft.p2p.defence.Warning;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;

/// Whoever holds the routes cuts the network in two for a while, or holds back what goes one way.
/// `-Dweft.times=N` plays each story with N seeds.
class PartitionAttackTest implements SeenRed {
    private static final int SIZE = 20;
    private static final int TIMES = Integer.getInteger("weft.times", 1);

    /// A network of which one half has all miners.
    private static final class Halves {
        private final World world;
        private final List<SimNode> miners;
        private final List<SimNode> others;

        private Halves(long seed) {
            this.world = Towns.oldFriends(seed, SIZE, 0, new FullNodes((self, options) -> options));
            this.miners = half(each -> each.index() % 2 == 0);
            this.others = half(each -> each.index() % 2 == 1);
        }

        private List<SimNode> half(Predicate<SimNode> part) {
            return world.nodes().stream().filter(part).toList();
        }

        private boolean isStale(SimNode node) {
            return node.node().peers().blocks().isTipStale(world.scheduler().now());
        }

        /// Whom each node dialled for good and relays everything with.
        private Map<SimNode, Set<PeerId>> friends() {
            var all = new LinkedHashMap<SimNode, Set<PeerId>>();
            for (SimNode each : world.nodes()) {
                var ids = new TreeSet<PeerId>();
                for (PeerSnapshot peer :
                        each.node().peers().peersSnapshot(world.scheduler().now())) {
                    if (peer.type() == ConnectionType.OUTBOUND_FULL_RELAY) {
                        ids.add(peer.id());
                    }
                }
                all.put(each, ids);
            }
            return all;
        }

        private boolean isWarned(SimNode node) {
            return node.node().peers().warnings().stream()
                    .anyMatch(each -> each.kind() == Warning.Kind.STALE_TIP);
        }
    }

    private static void play(Consumer<Halves> story) {
        for (int i = 0; i < TIMES; i++) {
            story.accept(new Halves(9 + i));
        }
    }

    @Test
    @DisplayName("E09 half of the network loses its routes to the other, where all miners are")
    @Sabotage(type = "weft.p2p.OutboundPlan", method = "hasRoom", constant = "1>0")
    @Sabotage(type = "weft.p2p.TipWatch", method = "warning", constant = "3>7")
    void shouldNoticeAndBecomeOneAgain() {
        play(
                halves -> {
                    World world = halves.world;
                    world.split(halves.miners::contains);
                    for (int i = 0; i < 2; i++) {
                        world.run(Duration.ofMinutes(13));
                        Towns.mine(halves.miners.get(i), 1);
                    }
                    world.run(Duration.ofMinutes(1));
                    assertThat(halves.miners).allMatch(each -> each.height() == 3);
                    assertThat(halves.others)
                            .allMatch(each -> each.height() == 1)
                            .noneMatch(halves::isStale)
                            .noneMatch(halves::isWarned);
                    world.run(Duration.ofMinutes(4));
                    assertThat(halves.others)
                            .as("three intervals without a block")
                            .allMatch(halves::isStale)
                            .allMatch(halves::isWarned);
                    assertThat(halves.miners)
                            .noneMatch(halves::isStale)
                            .noneMatch(halves::isWarned);
                    world.rejoin();
                    boolean healed = world.runUntil(world::allTipsEqual, Duration.ofMinutes(10));
                    assertThat(healed).isTrue();
                    assertThat(world.nodes()).allMatch(each -> each.height() == 3);
                    Towns.mine(halves.others.getFirst(), 1);
                    world.run(Duration.ofMinutes(2));
                    assertThat(world.nodes())
                            .allMatch(each -> each.height() == 4)
                            .noneMatch(halves::isWarned);
                });
    }

    @Test
    @DisplayName("E09 what the half with the miners says is held back for five minutes on its way")
    @Sabotage(
            type = "weft.p2p.sync.StalledPeers",
            method = "check",
            constant = "1200000000000>60000000000")
    void shouldLiveWithALongWayInOneDirection() {
        play(
                halves -> {
                    World world = halves.world;
                    Duration late = Duration.ofMinutes(5);
                    Map<SimNode, Set<PeerId>> before = halves.friends();
                    world.delay(halves.miners::contains, halves.others::contains, late);
                    for (int i = 0; i < 3; i++) {
                        Towns.mine(halves.miners.get(i), 1);
                        world.run(late);
                    }
                    // A block is told, asked for and sent: one way back at least, sometimes two.
                    world.run(late);
                    assertThat(halves.miners).allMatch(each -> each.height() == 4);
                    assertThat(halves.others).allMatch(each -> each.height() >= 2);
                    assertThat(world.nodes())
                            .as("nobody is punished for the way")
                            .allMatch(each -> each.node().peers().bans().isSpotless());
                    halves.friends()
                            .forEach((node, now) -> assertThat(now).containsAll(before.get(node)));
                    world.rejoin();
                    boolean healed = world.runUntil(world::allTipsEqual, Duration.ofMinutes(10));
                    assertThat(healed).isTrue();
                    Towns.mine(halves.others.getFirst(), 1);
                    world.run(Duration.ofMinutes(2));
                    assertThat(world.nodes()).allMatch(each -> each.height() == 5);
                });
    }
}
