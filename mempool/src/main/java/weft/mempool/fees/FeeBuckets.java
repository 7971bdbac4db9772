package weft.mempool.fees;

import java.util.Arrays;
import weft.primitives.Check;

/// Ranges of fee rates, each five per cent wider than the one below: rates within one are treated alike.
final class FeeBuckets {
    private static final double LOWEST = 1_000;
    private static final double HIGHEST = 1e7;
    private static final double SPACING = 1.05;

    /// Upper end of the last range.
    private static final double UNBOUNDED = 1e99;

    private static final int COUNT_MAX = 1_000;

    private final double[] upper;

    private FeeBuckets(double[] upper) {
        this.upper = upper;
    }

    /// The ranges that Bitcoin Core 28 uses.
    static FeeBuckets standard() {
        var bounds = new double[COUNT_MAX];
        int count = 0;
        for (double bound = LOWEST; bound <= HIGHEST; bound *= SPACING) {
            bounds[count++] = bound;
        }
        bounds[count++] = UNBOUNDED;
        return new FeeBuckets(Arrays.copyOf(bounds, count));
    }

    /// Ranges from a file.
    ///
    /// @throws weft.primitives.codec.MalformedBytes if there are too few or too many, or not in order
    static FeeBuckets of(double[] upper) {
        if (upper.length < 2 || upper.length > COUNT_MAX) {
            throw EstimatesFile.corrupt("Must have between 2 and 1000 feerate buckets");
        }
        for (int i = 1; i < upper.length; i++) {
            // Not "<=": a bound that is no number must be refused as well.
            if (!(upper[i] > upper[i - 1])) {
                throw EstimatesFile.corrupt("Feerate buckets must ascend");
            }
        }
        return new FeeBuckets(upper);
    }

    int count() {
        return upper.length;
    }

    /// The first range whose upper end is no less than a rate; the last for what is beyond all.
    int indexOf(double rate) {
        int found = Arrays.binarySearch(upper, rate);
        return Math.min(found >= 0 ? found : -found - 1, upper.length - 1);
    }

    double upper(int index) {
        return upper[index];
    }

    /// The lower end of a range: 0 for the first.
    double lower(int index) {
        Check.argument(index >= 0, "ranges are counted from 0");
        return index == 0 ? 0 : upper[index - 1];
    }

    double[] bounds() {
        return upper.clone();
    }
}
