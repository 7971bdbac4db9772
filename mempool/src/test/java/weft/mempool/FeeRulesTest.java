package weft.mempool;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.mempool.FeeDiagram.Chunk;

/// Rates and diagrams, with numbers worked out by hand.
final class FeeRulesTest {
    @Test
    @DisplayName("A rate is rounded towards zero, a fee upwards")
    void shouldRoundAsCoreDoes() {
        assertThat(FeeRate.of(999, 1_001).perKvb()).isEqualTo(998);
        assertThat(FeeRate.of(-999, 1_001).perKvb()).isEqualTo(-998);
        assertThat(FeeRate.of(1, 0)).isEqualTo(FeeRate.ZERO);
        assertThat(new FeeRate(1_000).fee(141)).isEqualTo(141);
        assertThat(new FeeRate(1_001).fee(141)).isEqualTo(142);
        assertThat(new FeeRate(1).fee(1)).isEqualTo(1);
        assertThat(new FeeRate(-1).fee(1)).isEqualTo(-1);
        assertThat(FeeRate.ZERO.fee(1_000)).isZero();
        assertThat(new FeeRate(123_456).toString()).isEqualTo("0.00123456 BTC/kvB");
    }

    @Test
    @DisplayName("A diagram is better where it is nowhere below and somewhere above")
    void shouldCompareDiagrams() {
        var high = List.of(new Chunk(1_000, 100));
        var low = List.of(new Chunk(900, 100));
        assertThat(FeeDiagram.isBetter(high, low)).isTrue();
        assertThat(FeeDiagram.isBetter(low, high)).isFalse();
        assertThat(FeeDiagram.isBetter(high, high)).isFalse();
        // More in the end, less at the beginning.
        var late = List.of(new Chunk(1_500, 300));
        assertThat(FeeDiagram.isBetter(late, low)).isFalse();
        assertThat(FeeDiagram.isBetter(low, late)).isFalse();
        // The same fee in less room, and more on top.
        var tight = FeeDiagram.sorted(List.of(new Chunk(100, 100), new Chunk(1_000, 90)));
        assertThat(tight.getFirst()).isEqualTo(new Chunk(1_000, 90));
        assertThat(FeeDiagram.isBetter(tight, high)).isTrue();
        assertThat(FeeDiagram.isBetter(List.of(), List.of(new Chunk(-5, 10)))).isTrue();
    }

    @Test
    @DisplayName("Rates are compared without rounding, whatever their size")
    void shouldCompareRatesExactly() {
        var large = new Chunk(2_100_000_000_000_000L, 4_000_000_001L);
        var larger = new Chunk(2_100_000_000_000_000L, 4_000_000_000L);
        assertThat(FeeDiagram.compareRates(large, larger)).isNegative();
        assertThat(FeeDiagram.compareRates(larger, large)).isPositive();
        assertThat(FeeDiagram.compareRates(large, large)).isZero();
        assertThat(FeeDiagram.compareRates(new Chunk(-1, 1), new Chunk(0, 1))).isNegative();
    }
}
