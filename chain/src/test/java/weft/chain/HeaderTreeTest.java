package weft.chain;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import weft.crypto.SipHash;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;
import weft.primitives.Digest256;
import weft.primitives.Now;
import weft.primitives.log.Log;

class HeaderTreeTest {
    private static final Now NOW = new Now(0, Instant.ofEpochSecond(1_000));
    private static final long TOO_NEW = 1_000 + 7_201;

    private final ToyRules rules = new ToyRules();
    private final HeaderTree tree = new HeaderTree(rules, new SipHash(1, 2), Log.NONE);

    private static BlockHeader header(int version, BlockHash parent, long time, long bits) {
        return new BlockHeader(version, parent, Digest256.ZERO, time, bits, 1);
    }

    private @Nullable String reason(BlockHeader header) {
        var failure = tree.accept(header, true, NOW).failure();
        return failure == null ? null : failure.reason();
    }

    @Test
    void shouldNameTheDifficultyThenTheCheckpointThenAllElse() {
        BlockHash genesis = tree.genesis().node().hash();
        assertThat(reason(header(4, genesis, TOO_NEW, 0))).isEqualTo("time-too-new");
        BlockHeader first = header(4, genesis, 1, 0);
        BlockHeader second = header(ToyRules.CHECKPOINT_VERSION, first.hash(), 2, 0);
        assertThat(reason(first)).isNull();
        assertThat(reason(header(5, genesis, 3, 0))).as("no checkpoint yet").isNull();
        assertThat(reason(second)).isNull();

        assertThat(reason(header(6, genesis, 4, 0))).isEqualTo("bad-fork-prior-to-checkpoint");
        assertThat(reason(header(6, genesis, TOO_NEW, 0)))
                .isEqualTo("bad-fork-prior-to-checkpoint");
        assertThat(reason(header(6, genesis, 4, 1))).isEqualTo("bad-diffbits");
        assertThat(reason(header(6, first.hash(), 4, 0))).as("beside the checkpoint").isNull();
        assertThat(reason(header(6, second.hash(), TOO_NEW, 0))).isEqualTo("time-too-new");
    }
}
