package weft.app.bench.load;

import java.util.Arrays;
import java.util.Collection;

/// Times of one kind, in seconds.
///
/// @param count how many
/// @param p50 half of them took no longer; NaN if there are none
/// @param p99 99 of 100 took no longer; NaN if there are none
/// @param max NaN if there are none
record Figures(int count, double p50, double p99, double max) {
    static Figures of(Collection<Double> seconds) {
        double[] sorted = seconds.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        return new Figures(sorted.length, at(sorted, 0.5), at(sorted, 0.99), at(sorted, 1.0));
    }

    private static double at(double[] sorted, double share) {
        if (sorted.length == 0) {
            return Double.NaN;
        }
        int index = (int) Math.ceil(share * sorted.length) - 1;
        return Arrays.stream(sorted).skip(Math.max(0, index)).findFirst().orElseThrow();
    }
}
