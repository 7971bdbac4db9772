package weft.consensus;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import weft.primitives.BlockHeader;
import weft.primitives.Digest256;

class UnknownRulesTest {
    private static final ChainParams REGTEST = ChainParams.of(Network.REGTEST);
    private static final int PLAIN = VersionBits.TOP_BITS;
    private static final int STRANGE = VersionBits.TOP_BITS | 1 << 27;
    private static final int PERIOD = 144;
    private static final int THRESHOLD = 108;

    private final HeaderRun run = new HeaderRun(0);
    private final UnknownRules rules = new UnknownRules(REGTEST);

    UnknownRulesTest() {
        run.add(REGTEST.genesis().header());
        extend(PERIOD - 1, PLAIN);
    }

    private void extend(int blocks, int version) {
        for (int i = 0; i < blocks; i++) {
            BlockHeader last = run.last().header();
            run.add(
                    new BlockHeader(
                            version,
                            run.last().hash(),
                            Digest256.ZERO,
                            last.time() + 600,
                            last.bits(),
                            run.size()));
        }
    }

    @Test
    void shouldStaySilentWhereTooFewVote() {
        extend(THRESHOLD - 1, STRANGE);
        extend(2 * PERIOD - THRESHOLD + 1, PLAIN);
        assertThat(rules.active(run.last())).isEmpty();
    }

    @Test
    void shouldWarnOnePeriodAfterTheVote() {
        extend(PERIOD - THRESHOLD, PLAIN);
        extend(THRESHOLD, STRANGE);
        assertThat(rules.active(run.last())).isEmpty();
        extend(PERIOD - 1, PLAIN);
        assertThat(rules.active(run.last())).isEmpty();
        extend(1, PLAIN);
        assertThat(rules.active(run.last())).containsExactly(27);
        extend(3 * PERIOD, PLAIN);
        assertThat(rules.active(run.last())).containsExactly(27);
        assertThat(new UnknownRules(REGTEST).active(run.last())).containsExactly(27);
    }

    @Test
    void shouldNotCountVotesForRulesThatAreKnown() {
        int known = REGTEST.deployments().all().getFirst().bit();
        extend(3 * PERIOD, PLAIN | 1 << known);
        // The known rule was locked in after the first of them; to go on voting for it is no news.
        assertThat(rules.active(run.last())).isEmpty();
    }

    @Test
    void shouldNotCountTheFirstPeriod() {
        var early = new HeaderRun(0);
        early.add(REGTEST.genesis().header());
        for (int i = 0; i < 2 * PERIOD; i++) {
            BlockHeader last = early.last().header();
            int version = i < PERIOD - 1 ? STRANGE : PLAIN;
            early.add(
                    new BlockHeader(
                            version,
                            early.last().hash(),
                            Digest256.ZERO,
                            last.time() + 600,
                            last.bits(),
                            early.size()));
        }
        assertThat(rules.active(early.last())).isEmpty();
    }
}
