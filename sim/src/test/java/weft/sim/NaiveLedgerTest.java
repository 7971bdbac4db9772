package weft.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;

/// Coins are those of the active chain after reorganisations and restarts, and a restart loses nothing.
class NaiveLedgerTest implements SeenRed {
    private final Treasury treasury = new Treasury();
    private final FullNodes factory = new FullNodes(Towns::keepTheFirst).bornWith(treasury);
    private final World world = Towns.of(1, 2, factory);
    private final Invariants invariants = new Invariants(world, factory);
    private final SimNode one = world.nodes().get(0);
    private final SimNode other = world.nodes().get(1);

    @Test
    @DisplayName("A reorganisation leaves the coins that the chain has, no more and no fewer")
    @Sabotage(
            type = "weft.chain.BlockConnector",
            method = "restoreInputs",
            call = "add",
            returns = "void")
    void shouldHaveTheCoinsOfTheChain() {
        one.start();
        other.start();
        world.run(Duration.ofMinutes(1));
        world.split(one::equals);
        treasury.pay(one);
        Towns.mine(invariants, one, 1);
        Towns.mine(invariants, other, 2);
        int height = other.height();
        assertThat(one.height()).isEqualTo(height - 1);
        world.rejoin();
        Towns.watch(world, invariants, 5);
        assertThat(one.tipHash()).isEqualTo(other.tipHash());
        assertThat(one.node().chain().mempool().size()).as("what the block had waits").isOne();
        invariants.checkLedger(one);
    }

    @Test
    @DisplayName("A node that starts again has what it had, and needs nobody for it")
    @Sabotage(type = "weft.chain.ChainStorage", method = "writeTogether", returns = "void")
    void shouldLoseNothing() {
        one.start();
        Towns.mine(invariants, one, 3);
        world.run(Duration.ofMinutes(1));
        int height = one.height();
        long before = invariants.checks();
        one.kill();
        one.start();
        assertThat(one.height()).isEqualTo(height);
        assertThat(invariants.checks()).isGreaterThan(before);
    }
}
