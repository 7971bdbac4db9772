package weft.sim;

import java.util.Arrays;
import java.util.Locale;

/// A mean of independent samples, and what it says of the mean that infinitely many would have.
///
/// @param value the mean that was seen
/// @param reach how far the other one lies from it at most, in 95 of 100 samples of that size
public record Mean(double value, double reach) {
    /// Of a normal distribution, 95 % lie within so many deviations of the mean.
    private static final double DEVIATIONS = 1.96;

    /// Of samples, some dozens or more.
    static Mean of(double[] samples) {
        double mean = Arrays.stream(samples).average().orElse(0);
        double squares = Arrays.stream(samples).map(each -> (each - mean) * (each - mean)).sum();
        double variance = squares / Math.max(1, samples.length - 1);
        return new Mean(mean, DEVIATIONS * Math.sqrt(variance / samples.length));
    }

    /// The lower end of the interval.
    public double low() {
        return value - reach;
    }

    /// The upper end of the interval.
    public double high() {
        return value + reach;
    }

    /// Whether it is smaller than another beyond what samples vary by: their intervals do not touch.
    public boolean isClearlyLess(Mean other) {
        return high() < other.low();
    }

    /// The interval in percent, as `12.0 - 19.0`.
    String percents() {
        return String.format(Locale.ROOT, "%.1f - %.1f", 100 * low(), 100 * high());
    }
}
