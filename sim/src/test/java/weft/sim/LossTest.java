package weft.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.primitives.Txid;

/// Nodes and connections that fail while networks of real nodes are at work, in virtual time.
/// `-Dweft.times=N` plays each story with N times as many seeds; 20 for the long ones.
class LossTest {
    private static final int TIMES = Integer.getInteger("weft.times", 1);
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private static FullNodes factory(Treasury treasury) {
        return new FullNodes((self, options) -> options).bornWith(treasury);
    }

    private static boolean allHave(World world, int height, Duration patience) {
        return world.runUntil(
                () -> world.alive().stream().allMatch(each -> each.height() >= height), patience);
    }

    @Test
    @DisplayName(
            "S-02 30 % die at once: ten minutes later all others are connected in full, one tip")
    void shouldRepairItself() {
        for (long seed = 1; seed <= 2L * TIMES; seed++) {
            int size = 50;
            World world = Towns.citizens(seed, size, factory(new Treasury()));
            world.run(MINUTE);
            var order = new ArrayList<>(world.nodes());
            Collections.shuffle(order, new Random(seed));
            order.subList(0, size * 3 / 10).forEach(SimNode::kill);
            Towns.mine(world.alive().getFirst(), 1);
            world.run(Duration.ofMinutes(10));
            List<SimNode> left = world.alive();
            assertThat(left).hasSize(size * 7 / 10);
            assertThat(left)
                    .as("seed %d", seed)
                    .allMatch(each -> Towns.outbound(world, each) == 8)
                    .allMatch(each -> Towns.lasting(world, each) >= 10);
            assertThat(Towns.isConnected(left)).isTrue();
            assertThat(world.allTipsEqual()).isTrue();
        }
    }

    @Test
    @DisplayName("S-03 a connection or a node fails while a block spreads: all others get it")
    void shouldTakeAnotherPath() {
        for (long seed = 1; seed <= 20L * TIMES; seed++) {
            World world = Towns.citizens(seed, 14, factory(new Treasury()));
            var random = new Random(seed);
            for (int story = 0; story < 4; story++) {
                List<SimNode> alive = world.alive();
                SimNode miner = alive.getFirst();
                int height = miner.height() + 1;
                Towns.mine(miner, 1);
                // While the block is on its way: a hop takes some 10 to 450 ms.
                world.run(Duration.ofMillis(random.nextInt(400)));
                SimNode victim = alive.get(1 + random.nextInt(alive.size() - 1));
                if (story == 3) {
                    victim.kill();
                } else {
                    List<SimNode> near = victim.neighbours();
                    assertThat(victim.cut(near.get(random.nextInt(near.size())))).isTrue();
                }
                assertThat(allHave(world, height, MINUTE))
                        .as("seed %d, story %d", seed, story)
                        .isTrue();
            }
        }
    }

    @Test
    @DisplayName("S-08 of ten nodes any one may die: a payment and a block reach all others")
    void shouldHaveNoSinglePointOfFailure() {
        for (long seed = 1; seed <= TIMES; seed++) {
            var treasury = new Treasury();
            World world = Towns.citizens(seed, 10, factory(treasury));
            for (SimNode victim : world.nodes()) {
                victim.kill();
                List<SimNode> left = world.alive();
                SimNode payer = left.get((victim.index() + 3) % left.size());
                Txid payment = treasury.pay(payer);
                assertThat(world.runUntil(() -> Towns.knowing(left, payment) == 9, MINUTE))
                        .as("seed %d: payment without node %d", seed, victim.index())
                        .isTrue();
                SimNode miner = left.get((victim.index() + 6) % left.size());
                int height = miner.height() + 1;
                Towns.mine(miner, 1);
                assertThat(allHave(world, height, MINUTE))
                        .as("seed %d: block without node %d", seed, victim.index())
                        .isTrue();
                assertThat(Towns.knowing(left, payment)).as("it is in the block").isZero();
                victim.start();
                assertThat(allHave(world, height, Duration.ofMinutes(10))).isTrue();
                // It has its friends again before the next one dies.
                world.run(MINUTE);
            }
        }
    }

    @Test
    @DisplayName(
            "S-15 40 % refuse one payment, or ban the payer's node: 95 % of the others have it")
    void shouldResistCensors() {
        for (long seed = 1; seed <= 20L * TIMES; seed++) {
            var treasury = new Treasury();
            World world = Towns.citizens(seed, 30, factory(treasury));
            var order = new ArrayList<>(world.nodes());
            Collections.shuffle(order, new Random(seed));
            List<SimNode> censors = order.subList(0, 12);
            List<SimNode> others = order.subList(12, 30);
            SimNode payer = others.getFirst();
            Txid payment = treasury.pay(payer);
            var refused = Refusal.of(payer.node().chain().mempool().find(payment));
            censors.forEach(each -> each.refuse(refused));
            boolean reached =
                    world.runUntil(
                            () -> Towns.knowing(others, payment) * 100 >= 95L * others.size(),
                            MINUTE);
            assertThat(reached).as("seed %d", seed).isTrue();
            assertThat(Towns.knowing(censors, payment)).as("censors do censor").isZero();
        }
    }

    @Test
    @DisplayName("S-15 40 % ban the payer's address: its payment reaches 95 % of all")
    void shouldResistBans() {
        for (long seed = 1; seed <= 5L * TIMES; seed++) {
            var treasury = new Treasury();
            FullNodes factory = factory(treasury);
            World world = Towns.citizens(seed, 30, factory);
            SimNode payer = world.nodes().getLast();
            for (SimNode each : world.nodes().subList(0, 12)) {
                Towns.ban(world, each, payer);
            }
            world.run(Duration.ofSeconds(1));
            assertThat(payer.neighbours()).noneMatch(each -> each.index() < 12);
            Txid payment = treasury.pay(payer);
            boolean reached =
                    world.runUntil(() -> Towns.knowing(world.alive(), payment) >= 29, MINUTE);
            assertThat(reached).as("seed %d", seed).isTrue();
        }
    }

    @Test
    @DisplayName("S-16 90 % vanish: the rest are one network in 30 minutes and extend one chain")
    void shouldOutliveMost() {
        // In the build 200 nodes; all 1,000 of the promise with -Dweft.size=1000, or `weft sim
        // vanish`.
        int size = Integer.getInteger("weft.size", 200);
        for (long seed = 1; seed <= TIMES; seed++) {
            LossReport.Vanished found = LossReport.vanish(seed, size);
            assertThat(found.left()).isEqualTo(size / 10);
            assertThat(found.holds()).as(found.toString()).isTrue();
        }
    }

    @Test
    @DisplayName("S-19 for an hour one joins or leaves each second: no tip differs for a minute")
    void shouldAgreeInAllTheComingAndGoing() {
        // In the build ten minutes of it; the promised hour with -Dweft.times=6 or more, or `weft
        // sim
        // churn`.
        int seconds = 600 * Math.min(TIMES, 6);
        for (long seed = 1; seed <= Math.max(1, TIMES / 6); seed++) {
            LossReport.Churned found = LossReport.churn(seed, 150, seconds);
            assertThat(found.behindMax()).as(found.toString()).isLessThanOrEqualTo(60);
            assertThat(found.joined() + found.left()).isGreaterThan(seconds * 9 / 10);
            assertThat(found.blocks()).isGreaterThanOrEqualTo(seconds / 100);
        }
    }
}
