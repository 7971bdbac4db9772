package weft.sim;

import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;
import weft.primitives.Check;

/// When something had come to how many, in seconds after it set out: an empirical distribution.
public final class Arrivals {
    private final double[] sorted;

    private Arrivals(double[] sorted) {
        this.sorted = sorted;
    }

    /// @param nanos one time for each node, in any order; not empty
    static Arrivals ofNanos(long[] nanos) {
        Check.argument(nanos.length > 0, "nobody to come to");
        return new Arrivals(
                Arrays.stream(nanos).mapToDouble(each -> each / 1e9).sorted().toArray());
    }

    /// Several of them taken together, each node of each counted.
    ///
    /// @param parts not empty
    public static Arrivals all(List<Arrivals> parts) {
        Check.argument(!parts.isEmpty(), "nothing was sent");
        return new Arrivals(parts.stream().flatMapToDouble(Arrivals::seconds).sorted().toArray());
    }

    /// Seconds until a share of the nodes had it.
    ///
    /// @param share above 0, at most 1
    public double at(double share) {
        int count = (int) Math.ceil(sorted.length * share);
        return sorted[Math.max(0, count - 1)];
    }

    /// Share of the nodes, 0 to 1, that had it after so many seconds.
    public double shareBy(double seconds) {
        int count = 0;
        while (count < sorted.length && sorted[count] <= seconds) {
            count++;
        }
        return (double) count / sorted.length;
    }

    /// All times, the shortest first.
    public DoubleStream seconds() {
        return Arrays.stream(sorted);
    }
}
