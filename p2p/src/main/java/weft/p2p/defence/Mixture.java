package weft.p2p.defence;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import weft.p2p.addr.Acquaintance;

/// How mixed a node's outbound peers are: whether they run different programs, and are there at different
/// times.
///
/// [#points] is 0 to 3. One point is for a second program. One each is for at most two peers that were there
/// in a part of the day in which no more than half of the peers were. Where most were there in all parts of
/// the day, there is no other time, and nothing to win.
///
/// *Rationale:* a fault of one program should not take all our peers, nor the hour at which most of them are
/// switched off. Points end at three so that nobody can win more places by what he says of himself.
public final class Mixture {
    private static final int OTHER_TIMES_MAX = 2;

    private Mixture() {}

    /// 0 to 3; see above.
    public static int points(Collection<Traits> peers) {
        return programs(peers) + times(peers);
    }

    private static int programs(Collection<Traits> peers) {
        var found = new HashSet<String>();
        for (Traits each : peers) {
            if (!each.program().isEmpty()) {
                found.add(each.program());
            }
        }
        return found.size() > 1 ? 1 : 0;
    }

    private static int times(Collection<Traits> peers) {
        int usual = 0;
        for (int i = 0; i < Acquaintance.WINDOWS; i++) {
            int bit = 1 << i;
            long there = peers.stream().filter(each -> (each.windows() & bit) != 0).count();
            usual |= 2 * there > peers.size() ? bit : 0;
        }
        int others = 0;
        for (Traits each : peers) {
            others += (each.windows() & ~usual) != 0 ? 1 : 0;
        }
        return Math.min(others, OTHER_TIMES_MAX);
    }

    /// Whether one more would make them more mixed.
    public static boolean gains(List<Traits> peers, Traits more) {
        var with = new ArrayList<>(peers);
        with.add(more);
        return points(with) > points(peers);
    }

    /// Whether they are less mixed without one of them.
    ///
    /// @param index of that one
    public static boolean needs(List<Traits> peers, int index) {
        var without = new ArrayList<>(peers);
        without.remove(index);
        return points(without) < points(peers);
    }
}
