package weft.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.sim.BookAttack.Pace;

/// `-Dweft.times=10` plays ten times as many attacks on the address book.
class EclipseReportTest {
    private static final int TIMES = Integer.getInteger("weft.times", 1);
    private static final int MANY = 400;

    private static EclipseReport.Row row(String setting, Pace pace, int runs) {
        return BookAttackReport.row(setting, pace, MANY, 1, runs * TIMES);
    }

    private static Mean share(String setting, Pace pace, int runs) {
        return row(setting, pace, runs).share();
    }

    private static void assertClearlyLess(Mean less, Mean more) {
        assertThat(less.isClearlyLess(more)).as("%s is clearly less than %s", less, more).isTrue();
    }

    @Test
    @DisplayName(
            "S-109c of a fast attack on the address book, anchors and the limit on addresses take"
                    + " something, beyond what samples vary by; all measures a quarter or more")
    void shouldWeakenFastAttacks() {
        int runs = 80;
        Mean allOff = share("all off", Pace.FAST, runs);
        assertClearlyLess(share("anchors only", Pace.FAST, runs), allOff);
        assertClearlyLess(
                share("without anchors", Pace.FAST, runs),
                share("  and addr limit", Pace.FAST, runs));
        assertThat(share("all on", Pace.FAST, runs).high()).isLessThan(allOff.low() * 0.75);
    }

    @Test
    @DisplayName(
            "S-109c a patient attacker of many addresses succeeds less often where there are"
                    + " anchors, and gains a larger share by feelers, beyond what samples vary by")
    void shouldShowWhatPatienceGains() {
        EclipseReport.Row allOn = row("all on", Pace.WEEK, 50);
        EclipseReport.Row unanchored = row("without anchors", Pace.WEEK, 50);
        assertThat(allOn.won().isClearlyLess(unanchored.won()))
                .as("%s is clearly less than %s", allOn.won(), unanchored.won())
                .isTrue();
        assertClearlyLess(share("  and feelers", Pace.WEEK, 12), unanchored.share());
        assertThat(unanchored.won().low()).as("the attack is one").isGreaterThan(0.2);
    }

    @Test
    @DisplayName("S-109c an attack on the whole engine: the bounds that hold for every single one")
    void shouldBoundAttacksOnTheEngine() {
        int runs = 2;
        for (String anchored : List.of("all on", "anchors only")) {
            assertThat(EclipseReport.row(anchored, MANY, 1, runs).most())
                    .as("two connections lead back to honest peers")
                    .isLessThanOrEqualTo(8);
        }
        for (String grouped : List.of("all on", "without anchors", "groups only")) {
            assertThat(EclipseReport.row(grouped, 4, 1, runs).most())
                    .as("an attacker of four groups has four connections at most")
                    .isLessThanOrEqualTo(4);
        }
        assertThat(EclipseReport.row("all off", MANY, 1, runs).share().value())
                .as("the attack is one")
                .isGreaterThan(0.3);
    }
}
