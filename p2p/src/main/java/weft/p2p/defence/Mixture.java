package weft.p2p.defence;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
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
    private static final int PROGRAMS_MAX = 1;
    private static final int POINTS_MAX = OTHER_TIMES_MAX + PROGRAMS_MAX;

    private Mixture() {}

    /// 0 to 3; see above.
    public static int points(List<Traits> peers) {
        return points(peers, null);
    }

    /// Whether one more would make them more mixed.
    public static boolean gains(List<Traits> peers, Traits more) {
        int now = points(peers, null);
        return now < POINTS_MAX && points(peers, more) > now;
    }

    /// Whether they are less mixed without one of them.
    ///
    /// @param index of that one
    public static boolean needs(List<Traits> peers, int index) {
        var without = new ArrayList<>(peers);
        without.remove(index);
        return points(without, null) < points(peers, null);
    }

    /// Points of peers, with one more if there is any. *Rationale:* asked for each node that we know, so
    /// nothing is made for it.
    private static int points(List<Traits> peers, @Nullable Traits more) {
        int size = peers.size() + (more == null ? 0 : 1);
        String first = "";
        boolean mixed = false;
        int others = 0;
        int usual = usual(peers, more, size);
        for (int i = 0; i < size; i++) {
            Traits each = i < peers.size() || more == null ? peers.get(i) : more;
            String program = each.program();
            mixed |= !first.isEmpty() && !program.isEmpty() && !program.equals(first);
            first = first.isEmpty() ? program : first;
            others += (each.windows() & ~usual) != 0 ? 1 : 0;
        }
        return (mixed ? PROGRAMS_MAX : 0) + Math.min(others, OTHER_TIMES_MAX);
    }

    /// Parts of the day in which most are there.
    private static int usual(List<Traits> peers, @Nullable Traits more, int size) {
        int usual = 0;
        for (int bit = 1; bit < 1 << Acquaintance.WINDOWS; bit <<= 1) {
            int there = more != null && (more.windows() & bit) != 0 ? 1 : 0;
            for (int i = 0; i < peers.size(); i++) {
                there += (peers.get(i).windows() & bit) != 0 ? 1 : 0;
            }
            usual |= 2 * there > size ? bit : 0;
        }
        return usual;
    }
}
