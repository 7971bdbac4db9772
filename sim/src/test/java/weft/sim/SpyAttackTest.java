package weft.sim;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.p2p.tx.Spreading;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;

/// Spies among the nodes who tell each other from whom they first heard of a payment.
class SpyAttackTest implements SeenRed {
    private static final int NODES = 40;
    private static final double SPIES = 0.1;

    @Test
    @DisplayName("F09 one node in ten is a spy and blames whom it heard of a payment from first")
    @Sabotage(type = "weft.p2p.tx.Stems", method = "begin", returns = "false")
    void shouldHidePayersBehindStems() {
        SpyReport.Row row = SpyReport.row(1, NODES, SPIES, Spreading.DANDELION);
        assertThat(row.recall()).as("payments put down to their payer").isLessThan(0.25);
        assertThat(row.precision()).as("what such a guess is worth").isLessThan(0.2);
        assertThat(row.seconds()).as("and it comes to all").isBetween(0.5, 20.0);
    }
}
