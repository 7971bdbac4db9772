package weft.p2p.defence;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// How different peers are.
///
/// [#index] is 1 - Σp², where p is each group's share: the chance that two peers, drawn with putting back,
/// are of different groups. Eight peers of eight groups have 0.875, of two equal groups 0.5, of one 0.
public final class Diversity {
    /// Peers that there must be before anything is said: fewer are few groups by themselves.
    public static final int PEERS_MIN = 4;

    /// Likewise, before anything is said of their programs.
    public static final int VERSIONS_MIN = 8;

    private static final int SHARE_PERCENT = 80;
    private static final int PERCENT = 100;

    private Diversity() {}

    /// How many there are of each.
    public static <T extends Comparable<T>> Map<T, Integer> count(Collection<T> all) {
        var counts = new LinkedHashMap<T, Integer>();
        all.forEach(each -> counts.merge(each, 1, Integer::sum));
        return counts;
    }

    /// 1 - Σp²; 0 for nobody.
    public static double index(Collection<Integer> counts) {
        long sum = 0;
        long squares = 0;
        for (int each : counts) {
            sum += each;
            squares += (long) each * each;
        }
        return sum == 0 ? 0 : 1 - (double) squares / ((double) sum * sum);
    }

    /// Whether peers are of so few groups that it is worth a warning: the index is below one half.
    public static boolean isLow(Collection<Integer> counts) {
        long sum = 0;
        long squares = 0;
        for (int each : counts) {
            sum += each;
            squares += (long) each * each;
        }
        return sum >= PEERS_MIN && 2 * squares > sum * sum;
    }

    /// Whether more than 80 of 100 are alike.
    public static boolean isConcentrated(Collection<Integer> counts) {
        long sum = 0;
        long most = 0;
        for (int each : counts) {
            sum += each;
            most = Math.max(most, each);
        }
        return sum >= VERSIONS_MIN && most * PERCENT > sum * SHARE_PERCENT;
    }

    /// The one that there is most of, of equals the first; empty if there is none.
    public static <T extends Comparable<T>> Optional<T> most(Map<T, Integer> counts) {
        @Nullable T most = null;
        int highest = 0;
        for (Map.Entry<T, Integer> each : counts.entrySet()) {
            boolean first = most == null || each.getKey().compareTo(most) < 0;
            int count = each.getValue();
            if (most == null || count > highest || (count == highest && first)) {
                most = each.getKey();
                highest = count;
            }
        }
        return Optional.ofNullable(most);
    }
}
