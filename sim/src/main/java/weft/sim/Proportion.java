package weft.sim;

import java.util.Locale;

/// How often something happened of how many times it could have, and what that says of its chance.
///
/// @param hits how often it happened, 0 to `of`
/// @param of how often it could have, 1 or more
public record Proportion(int hits, int of) {
    /// Of a normal distribution, 95 % lie within so many deviations of the mean.
    private static final double DEVIATIONS = 1.96;

    /// The share that was seen, 0 to 1.
    public double share() {
        return (double) hits / of;
    }

    /// The lower end of the interval that covers the chance in 95 of 100 samples (Wilson's).
    public double low() {
        return hits == 0 ? 0 : middle() - reach();
    }

    /// The upper end of that interval.
    public double high() {
        return hits == of ? 1 : middle() + reach();
    }

    /// Whether the chance is smaller than another's beyond what samples vary by: their intervals of 95 % do
    /// not touch.
    public boolean isClearlyLess(Proportion other) {
        return high() < other.low();
    }

    private double weight() {
        return DEVIATIONS * DEVIATIONS / of;
    }

    private double middle() {
        return (share() + weight() / 2) / (1 + weight());
    }

    private double reach() {
        double variance = share() * (1 - share()) / of + weight() / (4 * of);
        return DEVIATIONS * Math.sqrt(variance) / (1 + weight());
    }

    /// The interval in percent, as `12 - 19`.
    String percents() {
        return String.format(Locale.ROOT, "%.1f - %.1f", 100 * low(), 100 * high());
    }
}
