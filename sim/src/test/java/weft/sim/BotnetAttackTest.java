package weft.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.sim.BotnetAttack.Rules;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;

/// The short form of `weft sim eclipse --botnet`.
class BotnetAttackTest implements SeenRed {
    private static final int BOTS = 20_000;
    private static final int RUNS = 8;

    private static BotnetReport.Row row(Rules rules) {
        return BotnetReport.row(rules, BOTS, 1, RUNS);
    }

    @Test
    @DisplayName(
            "E07 20,000 bots surround a node half as often if who is trusted is tried out first")
    @Sabotage(type = "weft.p2p.addr.AddrMan", method = "good", flips = 4)
    @Sabotage(type = "weft.p2p.addr.TriedCollision", method = "isResolved", constant = "14400>0")
    void shouldKeepWhoIsThere() {
        BotnetReport.Row evicted = row(Rules.FEELERS);
        BotnetReport.Row kept = row(Rules.TEST_FIRST);
        assertThat(List.of(evicted, kept)).allMatch(BotnetReport.Row::agrees);
        assertThat(evicted.won().hits())
                .as("%s", kept)
                .isGreaterThanOrEqualTo(2 * kept.won().hits());
        assertThat(evicted.won().share()).as("the attack is one").isGreaterThan(0.5);
    }

    @Test
    @DisplayName("E07 20,000 bots never surround a node with anchors and test-before-evict")
    @Sabotage(
            type = "weft.sim.BotnetAttack",
            method = "anchors",
            returns = "java.util.Collections.EMPTY_LIST")
    void shouldComeBackToAnchors() {
        BotnetReport.Row today = row(Rules.TODAY);
        assertThat(today.won().hits()).as("%s", today).isZero();
        assertThat(today.share().value()).as("eight of ten, or few more").isLessThan(0.8);
    }

    /// @param hits of 200 attacks
    private static String verdict(int hits, double model) {
        var row =
                new BotnetReport.Row(
                        "rules", BOTS, new Proportion(hits, 200), new Mean(0, 0), model, 0);
        return BotnetReport.text(List.of(row), 1)
                .lines()
                .filter(line -> line.startsWith("rules"))
                .map(line -> line.substring(line.lastIndexOf("  ")).strip())
                .findFirst()
                .orElseThrow();
    }

    @Test
    @DisplayName("Where the figures for a botnet differ from the model's the report says so")
    void shouldTellWhereTheModelDiffers() {
        assertThat(verdict(64, 0.28)).isEqualTo("yes");
        assertThat(verdict(72, 0.28)).isEqualTo("by its interval");
        assertThat(verdict(90, 0.28)).isEqualTo("NO");
        assertThat(verdict(20, 0.28)).isEqualTo("NO");
    }

    @Test
    @DisplayName("The formula beside the figures for a botnet is the model's, in its limits")
    void shouldWorkOutTheModel() {
        assertThat(BotnetReport.formula(Rules.FEELERS, BOTS, 0)).isEqualTo(1);
        assertThat(BotnetReport.formula(Rules.TODAY, BOTS, 0)).isEqualTo(0.01, within(1e-12));
        assertThat(BotnetReport.formula(Rules.FEELERS, 10_000_000, 5_000)).isEqualTo(1);
        // Of 16,384 places 2,000 are kept by who is online, bots have the others; eight draws.
        assertThat(BotnetReport.formula(Rules.TEST_FIRST, 10_000_000, 5_000))
                .isEqualTo(Math.pow(14_384 / 16_384.0, 8), within(1e-12));
    }
}
