package weft.consensus;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import weft.primitives.BlockHeader;
import weft.primitives.Digest256;

class VersionBitsTest {
    private static final ChainParams REGTEST = ChainParams.of(Network.REGTEST);
    private static final int VOTE = VersionBits.TOP_BITS | 1 << 28;

    private static HeaderRun chain(ChainParams params) {
        var run = new HeaderRun(0);
        run.add(params.genesis().header());
        return run;
    }

    private static void extend(HeaderRun run, int blocks, int version) {
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

    private static VersionBits.State state(ChainParams params, HeaderRun run) {
        return new VersionBits(params).state(params.deployments().all().getFirst(), run.last());
    }

    @Test
    void shouldVoteForTestdummyFromTheSecondPeriodOn() {
        HeaderRun run = chain(REGTEST);
        extend(run, 142, VersionBits.TOP_BITS);
        var bits = new VersionBits(REGTEST);
        assertThat(run.last().height()).isEqualTo(142);
        assertThat(bits.blockVersion(run.last())).isEqualTo(0x20000000);
        extend(run, 1, VersionBits.TOP_BITS);
        assertThat(bits.blockVersion(run.last())).isEqualTo(0x30000000);
    }

    @Test
    void shouldLockInAndActivate() {
        HeaderRun run = chain(REGTEST);
        extend(run, 143, VersionBits.TOP_BITS);
        assertThat(state(REGTEST, run)).isEqualTo(VersionBits.State.STARTED);
        extend(run, 144 - 108, VersionBits.TOP_BITS);
        extend(run, 107, VOTE);
        assertThat(state(REGTEST, run)).isEqualTo(VersionBits.State.STARTED);
        extend(run, 1, VOTE);
        assertThat(state(REGTEST, run)).isEqualTo(VersionBits.State.LOCKED_IN);
        extend(run, 144, VersionBits.TOP_BITS);
        assertThat(state(REGTEST, run)).isEqualTo(VersionBits.State.ACTIVE);
        assertThat(new VersionBits(REGTEST).blockVersion(run.last())).isEqualTo(0x20000000);
    }

    @Test
    void shouldWaitForTheMinimumHeight() {
        ChainParams params =
                REGTEST.withDeployment("testdummy", 0, ChainParams.Deployment.NO_TIMEOUT, 576);
        HeaderRun run = chain(params);
        extend(run, 143, VersionBits.TOP_BITS);
        extend(run, 144, VOTE);
        assertThat(state(params, run)).isEqualTo(VersionBits.State.LOCKED_IN);
        extend(run, 144, VOTE);
        assertThat(state(params, run)).isEqualTo(VersionBits.State.LOCKED_IN);
        extend(run, 144, VOTE);
        assertThat(state(params, run)).isEqualTo(VersionBits.State.ACTIVE);
    }

    @Test
    void shouldFailAtTheTimeout() {
        long start = REGTEST.genesis().header().time();
        ChainParams params = REGTEST.withDeployment("testdummy", start, start + 200 * 600, 0);
        HeaderRun run = chain(params);
        extend(run, 143, VersionBits.TOP_BITS);
        assertThat(state(params, run)).isEqualTo(VersionBits.State.STARTED);
        extend(run, 144, VersionBits.TOP_BITS);
        assertThat(state(params, run)).isEqualTo(VersionBits.State.FAILED);
    }

    @Test
    void shouldKnowWhatIsDecided() {
        HeaderRun run = chain(REGTEST);
        var bits = new VersionBits(REGTEST);
        assertThat(bits.state(REGTEST.deployments().all().get(1), run.last()))
                .isEqualTo(VersionBits.State.ACTIVE);
        ChainParams main = ChainParams.of(Network.MAIN);
        assertThat(new VersionBits(main).state(main.deployments().all().getFirst(), null))
                .isEqualTo(VersionBits.State.FAILED);
        assertThat(VersionBits.hasBit(0x70000000, 28)).isFalse();
        assertThat(VersionBits.hasBit(0x30000000, 28)).isTrue();
    }
}
