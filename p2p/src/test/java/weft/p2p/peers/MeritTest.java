package weft.p2p.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.testkit.Property;

class MeritTest {
    private static final long MILLI = 1_000_000;

    /// What a step brought, and how long ago it was.
    private static double naive(List<Integer> brought, long pingNanos) {
        double useful = 0;
        double steps = 0;
        for (int i = 0; i < brought.size(); i++) {
            double kept = Math.pow(2, -(brought.size() - 1 - i) / 360.0);
            useful += kept * brought.get(i);
            steps += kept;
        }
        return (1 / 360.0 + useful / Math.max(30, steps)) / (0.01 + pingNanos / 1e9);
    }

    @Test
    @DisplayName("S-63 the score is as a plain list of all steps tells")
    void shouldScoreAsAPlainListDoes() {
        Property.holds(
                50,
                random -> {
                    var merit = new Merit();
                    var brought = new ArrayList<Integer>();
                    long now = 1_700_000_000;
                    long tx = 0;
                    long block = 0;
                    for (int i = 0; i < 1_500; i++) {
                        now += 10;
                        boolean givesTx = random.nextInt(5) == 0;
                        boolean givesBlock = random.nextInt(60) == 0;
                        tx = givesTx ? now : tx;
                        block = givesBlock ? now : block;
                        merit.step(tx, block);
                        brought.add((givesTx ? 1 : 0) + (givesBlock ? 6 : 0));
                        long ping = random.nextLong(400 * MILLI);
                        double expected = naive(brought, ping);
                        assertThat(merit.score(ping)).isCloseTo(expected, within(expected * 1e-9));
                    }
                });
    }

    @Test
    @DisplayName("S-63 who gives more, or answers sooner, is better; who gives all at once is not")
    void shouldRankPeers() {
        var idle = new Merit();
        var steady = new Merit();
        var burst = new Merit();
        for (int i = 1; i <= 60; i++) {
            idle.step(0, 0);
            steady.step(i * 10L, 0);
            burst.step(i >= 30 ? 300 : 0, 0);
        }
        assertThat(steady.score(50 * MILLI)).isGreaterThan(burst.score(50 * MILLI));
        assertThat(burst.score(50 * MILLI)).isGreaterThan(idle.score(50 * MILLI));
        assertThat(idle.score(20 * MILLI)).isGreaterThan(idle.score(50 * MILLI));
        assertThat(idle.score(Long.MAX_VALUE)).isPositive().isLessThan(idle.score(60_000 * MILLI));
    }
}
