package weft.p2p.defence;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.p2p.PeerId;
import weft.testkit.Property;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;

class WorkQuotaTest implements SeenRed {
    private static final long MILLI = 1_000_000;
    private static final long STEP = 10 * MILLI;
    private static final long SECOND_STEPS = 100;
    private static final long TOGETHER = STEP * WorkQuota.DEFAULT_PERCENT / 100;

    private static PeerId peer(long number) {
        return new PeerId(number);
    }

    /// The same a nanosecond at a time: each goes to the next account that is not full, else into the pot.
    private static final class Naive {
        final Map<Long, Long> accounts = new TreeMap<>();
        long pot = WorkQuota.POT_MAX_NANOS;

        void charge(long peer, long nanos) {
            for (long i = 0; i < nanos; i++) {
                long own = accounts.getOrDefault(peer, 0L);
                if (own <= 0 && pot > 0) {
                    pot--;
                } else {
                    accounts.put(peer, own - 1);
                }
            }
        }

        void pass(long given) {
            long left = given;
            while (left > 0) {
                long before = left;
                long open =
                        accounts.values().stream()
                                .filter(each -> each < WorkQuota.OWN_MAX_NANOS)
                                .count();
                for (Map.Entry<Long, Long> each : accounts.entrySet()) {
                    if (left >= open && each.getValue() < WorkQuota.OWN_MAX_NANOS && left > 0) {
                        each.setValue(each.getValue() + 1);
                        left--;
                    }
                }
                if (left == before) {
                    break;
                }
            }
            pot = Math.min(WorkQuota.POT_MAX_NANOS, pot + left);
        }
    }

    @Test
    @DisplayName("S-109b quotas are what giving out single nanoseconds comes to, to a few of them")
    void shouldShareAsTheNaiveModelDoes() {
        Property.holds(20, WorkQuotaTest::share);
    }

    private static void share(RandomGenerator random) {
        var quota = new WorkQuota();
        var naive = new Naive();
        // What the naive one does one by one must be little: the pot is emptied first.
        quota.join(peer(99));
        quota.charge(peer(99), WorkQuota.POT_MAX_NANOS - 50);
        quota.onGone(peer(99));
        naive.pot = 50;
        for (int i = 0; i < 40; i++) {
            long who = random.nextInt(5);
            quota.join(peer(who));
            naive.accounts.putIfAbsent(who, 0L);
            if (random.nextBoolean()) {
                long nanos = random.nextInt(400);
                quota.charge(peer(who), nanos);
                naive.charge(who, nanos);
            } else {
                long passed = random.nextInt(900);
                quota.pass(passed);
                naive.pass(passed * WorkQuota.DEFAULT_PERCENT / 100);
            }
            long all = quota.pot();
            for (var each : naive.accounts.entrySet()) {
                long balance = quota.balance(peer(each.getKey()));
                assertThat(balance).isBetween(each.getValue() - 40 * 5, each.getValue() + 40 * 5);
                all += balance;
            }
            long allNaive = naive.pot + naive.accounts.values().stream().mapToLong(n -> n).sum();
            assertThat(all).as("nothing is lost").isEqualTo(allNaive);
        }
    }

    @Test
    @DisplayName("S-109b a hundred peers without measure take what the quota gives, in equal parts")
    @Sabotage(type = "weft.p2p.defence.WorkQuota", method = "isOver", returns = "false")
    void shouldHoldPeersToTheirShares() {
        var quota = new WorkQuota();
        var taken = new TreeMap<Long, Long>();
        for (long i = 0; i < 100; i++) {
            quota.join(peer(i));
        }
        for (int step = 0; step < 20 * SECOND_STEPS; step++) {
            for (long i = 0; i < 100; i++) {
                // Some send large messages, some small ones, all as many as they are let.
                long cost = i % 2 == 0 ? 10_000 : 10 * MILLI;
                for (int k = 0; k < 50 && !quota.isOver(peer(i)); k++) {
                    quota.charge(peer(i), cost);
                    taken.merge(i, cost, Long::sum);
                }
            }
            quota.pass(STEP);
        }
        long given = 20 * SECOND_STEPS * TOGETHER + WorkQuota.POT_MAX_NANOS;
        long sum = taken.values().stream().mapToLong(each -> each).sum();
        assertThat(sum).isBetween(given * 9 / 10, given + 100 * 10 * MILLI);
        long part = 20 * SECOND_STEPS * TOGETHER / 100;
        // Whoever came first had the pot; a message may be larger than what is left.
        assertThat(taken.values().stream().filter(each -> each > part + 15 * MILLI).count())
                .isLessThanOrEqualTo(55);
        assertThat(taken.values()).allMatch(each -> each >= part - 15 * MILLI);
    }

    @Test
    @DisplayName("S-109b a modest peer never waits, whatever a hundred others send")
    void shouldNotLetTheModestWait() {
        var quota = new WorkQuota();
        for (long i = 0; i <= 100; i++) {
            quota.join(peer(i));
        }
        for (int step = 0; step < 30 * SECOND_STEPS; step++) {
            for (long i = 1; i <= 100; i++) {
                for (int k = 0; k < 50 && !quota.isOver(peer(i)); k++) {
                    quota.charge(peer(i), 100_000);
                }
            }
            for (long i = 0; i <= 100; i++) {
                if (quota.isOver(peer(i))) {
                    quota.onWaited(peer(i), STEP);
                }
            }
            quota.pass(STEP);
            if (step > SECOND_STEPS) {
                assertThat(quota.isOver(peer(0))).isFalse();
            }
            // Fourteen transactions and a ping a second, 100 microseconds each.
            if (step % 7 == 0) {
                quota.charge(peer(0), 100_000);
            }
        }
        // It came with the others, when the pot was empty and nobody had a share yet.
        assertThat(quota.waitedNanos(peer(0))).isLessThan(100 * MILLI);
        assertThat(quota.waitedNanos(peer(1))).isGreaterThan(10_000 * MILLI);
    }

    @Test
    @DisplayName("S-109b one peer alone has all there is, and the pot for a burst")
    void shouldLeaveAllToOneAlone() {
        var quota = new WorkQuota();
        for (long i = 0; i <= 100; i++) {
            quota.join(peer(i));
        }
        quota.pass(100_000 * MILLI);
        quota.charge(peer(0), WorkQuota.POT_MAX_NANOS + WorkQuota.OWN_MAX_NANOS);
        assertThat(quota.balance(peer(0))).isZero();
        quota.pass(STEP);
        assertThat(quota.balance(peer(0))).isEqualTo(TOGETHER);
        assertThat(quota.isOver(peer(0))).isFalse();
        quota.charge(peer(0), TOGETHER + 1);
        assertThat(quota.isOver(peer(0))).isTrue();
        quota.refund(peer(0), TOGETHER + 1);
        assertThat(quota.isOver(peer(0))).isFalse();
    }

    @Test
    void shouldNotLimitStrangersNorAnybodyWhereThereIsNoLimit() {
        var quota = new WorkQuota();
        quota.charge(peer(1), Long.MAX_VALUE / 2);
        assertThat(quota.isOver(peer(1))).isFalse();
        quota.join(peer(1));
        quota.charge(peer(1), WorkQuota.POT_MAX_NANOS + 1);
        assertThat(quota.isOver(peer(1))).isTrue();
        quota.limitTo(0);
        assertThat(quota.isOver(peer(1))).isFalse();
        long balance = quota.balance(peer(1));
        quota.charge(peer(1), STEP);
        quota.pass(STEP);
        assertThat(quota.balance(peer(1))).as("nothing is counted").isEqualTo(balance);
        assertThat(quota.waitedNanos(peer(1))).as("it was never held").isZero();
        quota.limitTo(1);
        assertThat(quota.isOver(peer(1))).isTrue();
        quota.onGone(peer(1));
        assertThat(quota.isOver(peer(1))).isFalse();
    }
}
