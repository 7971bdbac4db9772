package weft.p2p.defence;

import java.util.Arrays;

/// Watches how many messages a peer of one network sends on average, and compares the last minute with what
/// is usual.
///
/// - Usual is an average that forgets: each step of ten seconds counts with weight 1 - e^(-10 s / 1 h).
/// - No step moves it by more than twice itself would, so that a flood does not become usual soon.
/// - Below [#FLOOR] messages a second nothing is a flood, whatever was usual before.
/// - In the first ten minutes nothing is known to be usual, and nothing said.
///
/// Not thread-safe; knows time only by [#step].
public final class RateWatch {
    /// Length of a step in seconds.
    public static final int STEP_SECONDS = 10;

    /// Times what is usual: more is a flood.
    public static final double FACTOR = 10;

    /// Messages a second that a peer may always send on average, a tenth of which counts as usual at least.
    public static final double FLOOR = 10;

    private static final int WINDOW_STEPS = 6;
    private static final int WARM_UP_STEPS = 60;
    private static final double HOUR_SECONDS = 3600;
    private static final double WEIGHT = 1 - Math.exp(-STEP_SECONDS / HOUR_SECONDS);
    private static final double GROWTH_MAX = 2;

    private final double[] window = new double[WINDOW_STEPS];
    private long steps;
    private double usual;

    /// Nothing seen yet.
    public RateWatch() {}

    /// About ten seconds passed.
    ///
    /// @param messages that came in them
    /// @param peers that could have sent some; with none the step does not count
    /// @param seconds how long it was, more than 0
    public void step(long messages, int peers, double seconds) {
        if (peers <= 0) {
            return;
        }
        double rate = messages / seconds / peers;
        window[(int) (steps % WINDOW_STEPS)] = rate;
        steps++;
        if (steps <= WARM_UP_STEPS) {
            usual += (rate - usual) / steps;
        } else {
            double capped = Math.min(rate, GROWTH_MAX * usual());
            usual += WEIGHT * (capped - usual);
        }
    }

    /// Messages a second that a peer usually sends, and never less than a tenth of [#FLOOR].
    public double usual() {
        return Math.max(usual, FLOOR / FACTOR);
    }

    /// Messages a second that a peer sent in the last minute on average.
    public double recent() {
        return Arrays.stream(window).sum() / WINDOW_STEPS;
    }

    /// Whether the last minute had more than ten times what is usual.
    public boolean isFlooded() {
        return steps > WARM_UP_STEPS && recent() > FACTOR * usual();
    }
}
