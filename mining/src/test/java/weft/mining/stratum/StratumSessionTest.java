package weft.mining.stratum;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import weft.consensus.ChainParams;
import weft.consensus.MerkleRoot;
import weft.consensus.Network;
import weft.consensus.WitnessCommitment;
import weft.mining.WorkTemplate;
import weft.mining.stratum.ShareVerdict.Fault;
import weft.primitives.Bytes;
import weft.primitives.Digest256;
import weft.primitives.Now;

/// Shares, good and bad.
class StratumSessionTest {
    private static final long TIME = 1_700_000_000L;
    private static final Now NOW = new Now(0, Instant.ofEpochSecond(TIME));

    /// One hash of 256 is a share, one of 65,536 a block.
    private static final double EASY = 1.0 / (1 << 24);

    private static final Digest256 BLOCK = Digest256.parse("0000ffff" + "f".repeat(56));

    private static WorkTemplate template(Digest256 target) {
        var place =
                new WorkTemplate.Place(
                        7,
                        0x2000_0000,
                        ChainParams.of(Network.REGTEST).genesis().hash(),
                        0x1f00_ffffL,
                        target,
                        TIME,
                        TIME - 100);
        Bytes commitment = WitnessCommitment.script(new Digest256(1, 2, 3, 4));
        return new WorkTemplate(place, 50, Optional.of(commitment), List.of());
    }

    private static StratumSession session() {
        var session = new StratumSession(9, new StratumSession.Shares(EASY, false, false));
        session.subscribe();
        session.authorize(Bytes.parse("51"));
        return session;
    }

    private static StratumSession.Share share(String job, long nonce) {
        return new StratumSession.Share(job, Bytes.parse("00000001"), TIME, nonce, 0);
    }

    private static Fault fault(ShareVerdict verdict) {
        return verdict instanceof ShareVerdict.Refused(Fault why) ? why : Fault.OTHER;
    }

    /// The first nonce whose share has a verdict of a kind.
    private static long find(StratumSession session, String job, Class<?> kind) {
        for (long nonce = 0; nonce < 5_000_000; nonce++) {
            if (kind.isInstance(session.submit(share(job, nonce), NOW))) {
                return nonce;
            }
        }
        throw new AssertionError("nothing found");
    }

    @Test
    void shouldTakeAShareOnceAndRefuseItsDouble() {
        StratumSession session = session();
        String job = session.give(template(BLOCK), Bytes.EMPTY, true).id();
        long nonce = find(session, job, ShareVerdict.Accepted.class);

        assertThat(nonce).isLessThan(10_000);
        assertThat(fault(session.submit(share(job, nonce), NOW))).isEqualTo(Fault.DUPLICATE);
        assertThat(fault(session.submit(share(job, nonce + 1), NOW))).isIn(Fault.LOW, Fault.OTHER);
    }

    @Test
    void shouldPutAFoundBlockTogether() {
        StratumSession session = session();
        StratumSession.Notice notice = session.give(template(BLOCK), Bytes.EMPTY, true);
        session.allowVersions(-1);
        for (long nonce = 0; ; nonce++) {
            ShareVerdict verdict = session.submit(share(notice.id(), nonce), NOW);
            if (verdict instanceof ShareVerdict.Found(var block)) {
                assertThat(Digest256.of(block.hash().toByteArray())).isLessThan(BLOCK);
                assertThat(MerkleRoot.of(block).root()).isEqualTo(block.header().merkleRoot());
                assertThat(block.header().nonce()).isEqualTo(nonce);
                Bytes script = block.transactions().getFirst().inputs().getFirst().scriptSig();
                assertThat(script.toHex()).endsWith("08" + "09000000" + "00000001");
                return;
            }
            assertThat(nonce).isLessThan(5_000_000);
        }
    }

    @Test
    void shouldForgetJobsOfAnOldTipAndKeepThoseOfThisOne() {
        StratumSession session = session();
        String first = session.give(template(BLOCK), Bytes.EMPTY, true).id();
        String second = session.give(template(BLOCK), Bytes.EMPTY, false).id();
        assertThat(fault(session.submit(share(first, 1), NOW))).isNotEqualTo(Fault.STALE);
        assertThat(fault(session.submit(share(second, 1), NOW))).isNotEqualTo(Fault.STALE);

        String third = session.give(template(BLOCK), Bytes.EMPTY, true).id();
        assertThat(fault(session.submit(share(first, 1), NOW))).isEqualTo(Fault.STALE);
        assertThat(fault(session.submit(share(second, 1), NOW))).isEqualTo(Fault.STALE);
        for (int i = 0; i < StratumSession.JOBS_MAX - 1; i++) {
            session.give(template(BLOCK), Bytes.EMPTY, false);
        }
        assertThat(fault(session.submit(share(third, 1), NOW))).isNotEqualTo(Fault.STALE);
        session.give(template(BLOCK), Bytes.EMPTY, false);
        assertThat(fault(session.submit(share(third, 1), NOW))).isEqualTo(Fault.STALE);
    }

    @Test
    void shouldRefuseTimesVersionsAndLengthsThatMayNotBe() {
        StratumSession session = session();
        String job = session.give(template(BLOCK), Bytes.EMPTY, true).id();
        Bytes extra = Bytes.parse("00000001");
        assertThat(
                        fault(
                                session.submit(
                                        new StratumSession.Share(job, extra, TIME - 101, 1, 0),
                                        NOW)))
                .isEqualTo(Fault.TIME);
        assertThat(
                        fault(
                                session.submit(
                                        new StratumSession.Share(job, extra, TIME + 7_201, 1, 0),
                                        NOW)))
                .isEqualTo(Fault.TIME);
        assertThat(
                        fault(
                                session.submit(
                                        new StratumSession.Share(job, extra, TIME, 1, 1 << 13),
                                        NOW)))
                .isEqualTo(Fault.VERSION);
        assertThat(session.allowVersions(-1)).isEqualTo(0x1fff_e000);
        assertThat(
                        fault(
                                session.submit(
                                        new StratumSession.Share(job, extra, TIME, 1, 1 << 13),
                                        NOW)))
                .isNotEqualTo(Fault.VERSION);
        assertThat(fault(session.submit(new StratumSession.Share(job, extra, TIME, 1, 1), NOW)))
                .isEqualTo(Fault.VERSION);
        assertThat(
                        fault(
                                session.submit(
                                        new StratumSession.Share(
                                                job, Bytes.parse("01"), TIME, 1, 0),
                                        NOW)))
                .isEqualTo(Fault.OTHER);
    }

    @Test
    void shouldAskForSubscriptionAndAuthorizationFirst() {
        var session = new StratumSession(1, new StratumSession.Shares(1, false, false));
        assertThat(fault(session.submit(share("1", 1), NOW))).isEqualTo(Fault.UNSUBSCRIBED);
        session.subscribe();
        assertThat(session.isReady()).isFalse();
        assertThat(fault(session.submit(share("1", 1), NOW))).isEqualTo(Fault.UNAUTHORIZED);
        session.authorize(Bytes.parse("51"));
        assertThat(session.isReady()).isTrue();
        assertThat(fault(session.submit(share("1", 1), NOW))).isEqualTo(Fault.STALE);
    }

    @Test
    void shouldNeverAskForMoreThanABlockNeeds() {
        var session = new StratumSession(1, new StratumSession.Shares(1_000, false, false));
        session.subscribe();
        session.authorize(Bytes.parse("51"));
        Digest256 regtest = Digest256.parse("7fffff" + "0".repeat(58));
        assertThat(session.give(template(regtest), Bytes.EMPTY, true).difficulty())
                .isCloseTo(4.6565423739069247e-10, within(1e-15));
        Digest256 hard = Digest256.parse("0".repeat(20) + "f".repeat(44));
        assertThat(session.give(template(hard), Bytes.EMPTY, true).difficulty()).isEqualTo(1_000);
    }

    @Test
    void shouldAskForMoreThanABlockNeedsWhereBlocksAreWorthNothing() {
        var session = new StratumSession(1, new StratumSession.Shares(1e-6, true, true));
        session.subscribe();
        session.authorize(Bytes.parse("51"));
        Digest256 regtest = Digest256.parse("7fffff" + "0".repeat(58));
        String job = session.give(template(regtest), Bytes.EMPTY, true).id();
        long blocks = 0;
        for (long nonce = 0; nonce < 1_000; nonce++) {
            ShareVerdict verdict = session.submit(share(job, nonce), NOW);
            blocks += verdict instanceof ShareVerdict.Found ? 1 : 0;
        }
        assertThat(session.give(template(regtest), Bytes.EMPTY, false).difficulty())
                .isEqualTo(1e-6);
        // A block is one all the same, for the few machines that hand in what was not asked for.
        assertThat(blocks).isBetween(400L, 600L);
    }

    @Test
    void shouldTurnDifficultiesIntoTargets() {
        assertThat(ShareTarget.of(1).toHex()).isEqualTo("00000000ffff" + "0".repeat(52));
        assertThat(ShareTarget.of(2).toHex()).isEqualTo("000000007fff8" + "0".repeat(51));
        assertThat(ShareTarget.of(1e-30).toHex()).isEqualTo("f".repeat(64));
        assertThat(ShareTarget.difficulty(ShareTarget.of(65_536))).isEqualTo(65_536);
    }
}
