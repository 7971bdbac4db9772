package weft.mempool.fees;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.mempool.FeeRate;
import weft.mempool.fees.NextBlockEstimator.Chunk;
import weft.mempool.fees.NextBlockEstimator.Health;
import weft.mempool.fees.NextBlockEstimator.Rates;

final class NextBlockEstimatorTest {
    private static final FeeRate FLOOR = new FeeRate(1_000);

    private static NextBlockEstimator after(int blocks, long known, long weight) {
        var estimator = new NextBlockEstimator();
        for (int i = 0; i < blocks; i++) {
            estimator.connect(100 + i, known, weight);
        }
        return estimator;
    }

    @Test
    @DisplayName("The mempool counts only where the last six blocks were mostly made of it")
    void shouldTrustAMempoolThatKnewTheLastBlocks() {
        assertThat(after(5, 900_000, 900_000).health()).isEqualTo(Health.TOO_FEW_BLOCKS);
        assertThat(after(6, 900_000, 900_000).health()).isEqualTo(Health.GOOD);
        assertThat(after(6, 750_000, 1_000_000).health()).isEqualTo(Health.GOOD);
        assertThat(after(6, 749_999, 1_000_000).health()).isEqualTo(Health.TOO_LITTLE_KNOWN);
        // Less than one full block in six: too little to say that anything is missing.
        assertThat(after(6, 0, 600_000).health()).isEqualTo(Health.GOOD);
    }

    @Test
    @DisplayName("Only the last six blocks count, in one branch, with none missing")
    void shouldForgetOtherBlocks() {
        NextBlockEstimator estimator = after(6, 0, 1_000_000);
        for (int height = 106; height < 112; height++) {
            assertThat(estimator.health()).isEqualTo(Health.TOO_LITTLE_KNOWN);
            estimator.connect(height, 1_000_000, 1_000_000);
            if (height >= 110) {
                assertThat(estimator.health()).isEqualTo(Health.GOOD);
                break;
            }
        }
        // The same height again: the blocks from there on are another branch.
        estimator.connect(109, 0, 1_000_000);
        assertThat(estimator.health()).isEqualTo(Health.TOO_FEW_BLOCKS);
        NextBlockEstimator gap = after(6, 1, 1);
        gap.connect(107, 1, 1);
        assertThat(gap.health()).isEqualTo(Health.TOO_FEW_BLOCKS);
    }

    @Test
    @DisplayName("Rates are those at half and three quarters of a full block, or the floor")
    void shouldFindRatesAtTwoDepths() {
        var chunks = new ArrayList<Chunk>();
        // Ten chunks of a tenth of a block, which pay 10 down to 1 satoshis a byte.
        for (int rate = 10; rate > 0; rate--) {
            chunks.add(new Chunk(100_000L * rate, 100_000));
        }
        assertThat(NextBlockEstimator.rates(chunks, FLOOR))
                .isEqualTo(new Rates(new FeeRate(6_000), new FeeRate(3_000)));
        assertThat(NextBlockEstimator.rates(chunks.subList(0, 7), FLOOR))
                .isEqualTo(new Rates(new FeeRate(6_000), FLOOR));
        assertThat(NextBlockEstimator.rates(chunks.subList(0, 4), FLOOR))
                .isEqualTo(new Rates(FLOOR, FLOOR));
        assertThat(NextBlockEstimator.rates(List.of(new Chunk(2_000_000, 1_000_000)), FLOOR))
                .isEqualTo(new Rates(new FeeRate(2_000), new FeeRate(2_000)));
    }
}
