package weft.mempool;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// What fee a set of transactions pays within each size, if they are mined in chunks, the best rate first.
/// One diagram is better than another where it is nowhere below and somewhere above.
final class FeeDiagram {
    private FeeDiagram() {}

    /// Transactions that are mined together.
    ///
    /// @param vsize more than 0
    record Chunk(long fee, long vsize) {
        Chunk plus(Chunk other) {
            return new Chunk(fee + other.fee, vsize + other.vsize);
        }

        Chunk minus(Chunk other) {
            return new Chunk(fee - other.fee, vsize - other.vsize);
        }
    }

    /// Positive if `a` pays a higher rate.
    static int compareRates(Chunk a, Chunk b) {
        long high = Math.multiplyHigh(a.fee, b.vsize);
        long otherHigh = Math.multiplyHigh(b.fee, a.vsize);
        return high == otherHigh
                ? Long.compareUnsigned(a.fee * b.vsize, b.fee * a.vsize)
                : Long.compare(high, otherHigh);
    }

    /// The best rate first; of two with the same rate the smaller.
    static List<Chunk> sorted(List<Chunk> chunks) {
        var all = new ArrayList<>(chunks);
        all.sort(
                ((Comparator<Chunk>) FeeDiagram::compareRates)
                        .reversed()
                        .thenComparingLong(Chunk::vsize));
        return all;
    }

    /// Whether sorted chunks are nowhere worse than others, and somewhere better.
    static boolean isBetter(List<Chunk> chunks, List<Chunk> others) {
        return isNowhereBelow(chunks, others) && !isNowhereBelow(others, chunks);
    }

    /// Whether one diagram is at or above another at each of both their corners; between them both are
    /// straight.
    private static boolean isNowhereBelow(List<Chunk> chunks, List<Chunk> others) {
        return corners(chunks).stream().allMatch(corner -> compareAt(others, corner) >= 0)
                && corners(others).stream().allMatch(corner -> compareAt(chunks, corner) <= 0);
    }

    private static List<Chunk> corners(List<Chunk> chunks) {
        var corners = new ArrayList<Chunk>();
        Chunk sum = new Chunk(0, 0);
        for (Chunk chunk : chunks) {
            sum = sum.plus(chunk);
            corners.add(sum);
        }
        return corners;
    }

    /// Positive if a point is above a diagram, which is level beyond its end.
    private static int compareAt(List<Chunk> chunks, Chunk point) {
        Chunk before = new Chunk(0, 0);
        for (Chunk chunk : chunks) {
            Chunk after = before.plus(chunk);
            if (after.vsize >= point.vsize) {
                return compareRates(point.minus(before), chunk);
            }
            before = after;
        }
        return Long.compare(point.fee, before.fee);
    }
}
