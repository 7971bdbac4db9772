package weft.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ProportionTest {
    @Test
    void shouldHaveWilsonsInterval() {
        var fifteen = new Proportion(15, 50);
        assertThat(fifteen.low()).isCloseTo(0.191, within(0.0005));
        assertThat(fifteen.high()).isCloseTo(0.4375, within(0.0005));
        assertThat(new Proportion(0, 10).low()).isZero();
        assertThat(new Proportion(0, 10).high()).isCloseTo(0.2775, within(0.0005));
        assertThat(new Proportion(10, 10).high()).isOne();
        assertThat(new Proportion(20, 100).isClearlyLess(new Proportion(50, 100))).isTrue();
        assertThat(new Proportion(20, 100).isClearlyLess(new Proportion(25, 100))).isFalse();
    }

    @Test
    void shouldCoverTheTruthInNinetyFiveOfAHundredSamples() {
        var random = new SplittableRandom(1);
        int proportions = 0;
        int means = 0;
        for (int i = 0; i < 2_000; i++) {
            var samples = new double[100];
            int hits = 0;
            for (int k = 0; k < samples.length; k++) {
                samples[k] = random.nextInt(10) < 3 ? 1 : 0;
                hits += (int) samples[k];
            }
            var share = new Proportion(hits, samples.length);
            proportions += share.low() <= 0.3 && 0.3 <= share.high() ? 1 : 0;
            var mean = Mean.of(samples);
            means += mean.low() <= 0.3 && 0.3 <= mean.high() ? 1 : 0;
        }
        assertThat(proportions).isBetween(1_860, 1_960);
        assertThat(means).isBetween(1_840, 1_960);
    }
}
