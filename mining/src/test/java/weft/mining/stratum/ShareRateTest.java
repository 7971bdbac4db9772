package weft.mining.stratum;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import weft.primitives.Now;
import weft.testkit.Property;

/// The difficulty follows the miner.
class ShareRateTest {
    private static final double HASHES_A_SHARE = 0x1p32;
    private static final double NEVER = Double.MAX_VALUE;

    /// A miner of some speed whose shares come by chance.
    private static final class Life {
        final ShareRate rate;
        final SplittableRandom random;
        double blocks = NEVER;
        double hashes;
        double seconds;
        double jobAt;
        int shares;
        int changes;

        Life(double first, double hashes, SplittableRandom random) {
            this.rate = new ShareRate(first, true);
            this.hashes = hashes;
            this.random = random;
            look();
        }

        double given() {
            return Math.min(rate.wanted(), blocks);
        }

        private void look() {
            double before = given();
            if (rate.adjust(before, new Now((long) (seconds * 1e9), Instant.EPOCH))) {
                changes++;
                assertThat(given() / before)
                        .isBetween(1 / ShareRate.STEP_DOWN_MAX / 1.5, ShareRate.STEP_UP_MAX * 1.5);
            }
        }

        /// Mines for a while, with a job a minute.
        void run(double span) {
            double end = seconds + span;
            while (seconds < end) {
                double wait =
                        -Math.log(1 - random.nextDouble()) * given() * HASHES_A_SHARE / hashes;
                double next = Math.min(seconds + wait, Math.min(jobAt, end));
                if (next == seconds + wait) {
                    seconds = next;
                    shares++;
                    rate.onShare(given());
                } else {
                    // Chance has no memory: what was waited for begins anew.
                    seconds = next;
                    if (next == jobAt) {
                        jobAt += 60;
                    }
                }
                look();
            }
        }
    }

    @Test
    void shouldBringAShareEveryTwelveSecondsOrSoAtAnySpeed() {
        Property.holds(
                40,
                random -> {
                    // From a small board to a hall of machines.
                    double hashes = Math.pow(10, random.nextDouble(4, 17));
                    var life = new Life(1, hashes, random);
                    life.run(1_800);
                    life.shares = 0;
                    life.changes = 0;
                    life.run(36_000);
                    assertThat(36_000.0 / life.shares).as(hashes + " H/s").isBetween(7.0, 19.0);
                    // Chance makes it change its mind now and then, but it stays near.
                    assertThat(life.changes).isLessThan(60);
                });
    }

    @Test
    void shouldFollowAMinerThatGetsFasterOrSlower() {
        var life = new Life(1, 1e12, new SplittableRandom(1));
        life.run(3_600);
        double before = life.rate.wanted();
        life.hashes = 3e13;
        life.run(600);
        assertThat(life.rate.wanted() / before).isBetween(8.0, 128.0);
        life.hashes = 1e12;
        life.run(2_400);
        assertThat(life.rate.wanted() / before).isBetween(0.25, 4.0);
    }

    @Test
    void shouldSlowDownAFloodWithinSeconds() {
        var life = new Life(1, 1e14, new SplittableRandom(2));
        life.run(10);
        int flood = life.shares;
        assertThat(flood).isLessThan(60_000);
        life.run(60);
        assertThat(life.shares - flood).isLessThan(60);
    }

    @Test
    void shouldKeepToItsLimits() {
        var idle = new Life(1, 1e-3, new SplittableRandom(3));
        idle.run(36_000);
        assertThat(idle.rate.wanted()).isEqualTo(ShareRate.DIFFICULTY_MIN);

        var rate = new ShareRate(1, true);
        rate.suggest(1e300);
        assertThat(rate.wanted()).isEqualTo(ShareRate.DIFFICULTY_MAX);
        rate.suggest(1e-300);
        assertThat(rate.wanted()).isEqualTo(ShareRate.DIFFICULTY_MIN);

        // Where every share is a block, as on regtest, there is nothing to choose.
        var regtest = new Life(1, 1e6, new SplittableRandom(4));
        regtest.blocks = 4.6e-10;
        regtest.run(5);
        assertThat(regtest.changes).isZero();
        assertThat(regtest.rate.wanted()).isEqualTo(1);
    }

    @Test
    void shouldStayWhereTheOperatorSaysSo() {
        var rate = new ShareRate(5, false);
        rate.suggest(9);
        for (int i = 0; i < 1_000; i++) {
            rate.onShare(5);
            assertThat(rate.adjust(5, new Now(i * 1_000_000_000L, Instant.EPOCH))).isFalse();
        }
        assertThat(rate.wanted()).isEqualTo(5);
    }
}
