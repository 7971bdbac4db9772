package weft.mining.stratum;

import java.time.Duration;
import weft.primitives.Now;

/// How difficult one miner's shares should be, so that one comes every 8 to 17 seconds: often enough to see
/// that the machine works, seldom enough for a thousand of them.
///
/// What a miner's shares cost is added up over a while; the difficulty that its speed asks for is a power of
/// two near it. A step is at most [#STEP_UP_MAX] up or [#STEP_DOWN_MAX] down, since few shares tell little.
final class ShareRate {
    /// One share in so many seconds is aimed at.
    static final double SECONDS_A_SHARE = 12;

    /// A miner is looked at so often: some 25 shares, whose number chance changes by a fifth.
    static final Duration WINDOW = Duration.ofMinutes(5);

    /// One that seems to be much too fast is looked at as soon as it handed in so many shares,
    static final int SHARES_ENOUGH = 10;

    /// but not before this, as shares also come in bursts from a network that was stuck;
    static final Duration WINDOW_MIN = Duration.ofSeconds(1);

    /// one that seems to be much too slow after this.
    static final Duration SILENCE = Duration.ofMinutes(2);

    /// Much too fast or too slow is so many times.
    private static final double MUCH = 4;

    /// Longest step to harder shares: a machine of 100 TH/s begins with thousands of shares a second.
    static final double STEP_UP_MAX = 16;

    /// Longest step to easier ones: a cable that was out is no slow machine.
    static final double STEP_DOWN_MAX = 4;

    /// Easier than this no share gets: a device of 400 hashes a second hands in one in 12 seconds.
    static final double DIFFICULTY_MIN = 0x1p-20;

    /// Harder than this no share gets: more than ten times what all miners of today together would need.
    static final double DIFFICULTY_MAX = 0x1p50;

    /// The difficulty stays while it is within this factor of what the speed asks for.
    private static final double TOLERANCE = 1.7;

    private static final double NANOS_A_SECOND = 1e9;

    private final boolean adapts;
    private double wanted;
    private double work;
    private int shares;
    private long sinceNanos = Long.MIN_VALUE;

    /// @param first difficulty to begin with, above 0
    /// @param adapts false if it shall stay what it is
    ShareRate(double first, boolean adapts) {
        this.wanted = first;
        this.adapts = adapts;
    }

    /// The difficulty that shares should have now.
    double wanted() {
        return wanted;
    }

    /// The miner says what it would like to begin with.
    void suggest(double difficulty) {
        if (adapts && difficulty > 0) {
            wanted = Math.clamp(difficulty, DIFFICULTY_MIN, DIFFICULTY_MAX);
        }
    }

    /// A share came.
    ///
    /// @param difficulty that it had to have
    void onShare(double difficulty) {
        shares++;
        work += difficulty;
    }

    /// Looks whether the difficulty fits the miner; to be called after shares and once a minute or so.
    ///
    /// @param given what the miner really has, which is less than what is wanted where blocks are easier
    /// @return whether it is another now
    boolean adjust(double given, Now now) {
        if (sinceNanos == Long.MIN_VALUE) {
            begin(now);
        }
        long nanos = now.monotonicNanos() - sinceNanos;
        if (!adapts || nanos < WINDOW_MIN.toNanos()) {
            return false;
        }
        double asked = work * NANOS_A_SECOND / nanos * SECONDS_A_SHARE;
        boolean isTooFast = shares >= SHARES_ENOUGH && asked > given * MUCH;
        boolean isTooSlow = nanos >= SILENCE.toNanos() && asked < given / MUCH;
        if (!isTooFast && !isTooSlow && nanos < WINDOW.toNanos()) {
            return false;
        }
        begin(now);
        if (asked > given / TOLERANCE && asked < given * TOLERANCE) {
            return false;
        }
        double bounded = Math.clamp(asked, given / STEP_DOWN_MAX, given * STEP_UP_MAX);
        double next = Math.clamp(powerOfTwo(bounded), DIFFICULTY_MIN, DIFFICULTY_MAX);
        // Where blocks are easier than shares would be, nothing is left to choose.
        if (next == wanted || (given < wanted && next >= given)) {
            return false;
        }
        wanted = next;
        return true;
    }

    private void begin(Now now) {
        sinceNanos = now.monotonicNanos();
        shares = 0;
        work = 0;
    }

    private static double powerOfTwo(double value) {
        return Math.scalb(1.0, (int) Math.rint(Math.log(value) / Math.log(2)));
    }
}
