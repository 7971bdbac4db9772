package weft.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import weft.p2p.PeerId;

class LinkModelTest {
    private static final long MILLISECOND = 1_000_000;

    private static long[] latencies(long seed, LinkModel model) {
        var random = new SplittableRandom(seed);
        return LongStream.range(0, 1_000).map(each -> model.latency(random)).toArray();
    }

    @Test
    void shouldDrawTheSameLatenciesFromTheSameSeed() {
        assertThat(latencies(1, LinkModel.WIDE_AREA))
                .isEqualTo(latencies(1, LinkModel.WIDE_AREA))
                .isNotEqualTo(latencies(2, LinkModel.WIDE_AREA));
    }

    @Test
    void shouldKeepToItsBounds() {
        long[] all = latencies(3, LinkModel.WIDE_AREA);
        assertThat(LongStream.of(all).min().orElseThrow())
                .isBetween(10 * MILLISECOND, 15 * MILLISECOND);
        assertThat(LongStream.of(all).max().orElseThrow())
                .isBetween(145 * MILLISECOND, 150 * MILLISECOND);
        assertThat(latencies(4, LinkModel.LOCAL)).containsOnly(MILLISECOND / 10);
    }

    @Test
    void shouldTakeTimeForBytes() {
        assertThat(LinkModel.WIDE_AREA.transmission(1_250_000)).isEqualTo(1_000 * MILLISECOND);
        assertThat(LinkModel.WIDE_AREA.transmission(0)).isZero();
    }

    @Test
    void shouldKeepMessagesInOrderAndQueueThem() {
        World world = Towns.of(1, 1, (node, options) -> options);
        var link = new Link(new PeerId(0), world.nodes().getFirst(), 20 * MILLISECOND);
        assertThat(link.arrival(0, 100 * MILLISECOND, 0)).isEqualTo(120 * MILLISECOND);
        assertThat(link.arrival(10 * MILLISECOND, MILLISECOND, 0))
                .as("a short message waits behind a long one")
                .isEqualTo(121 * MILLISECOND);
        assertThat(link.arrival(500 * MILLISECOND, MILLISECOND, 0))
                .as("an idle link carries at once")
                .isEqualTo(521 * MILLISECOND);
        assertThat(link.arrival(600 * MILLISECOND, 0, 50 * MILLISECOND))
                .as("a longer way")
                .isEqualTo(670 * MILLISECOND);
        assertThat(link.arrival(610 * MILLISECOND, 0, 0))
                .as("nothing overtakes what goes a longer way")
                .isEqualTo(670 * MILLISECOND);
    }
}
