package weft.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import weft.primitives.Check;

/// What each countermeasure is worth against the attack of Heilman and others (2015) on a node's address
/// book: hundreds of attacks of each kind on the book alone, with intervals. [EclipseReport] plays fewer and
/// shorter ones on the whole peer engine.
public final class BookAttackReport {
    /// Numbers of groups that attackers have.
    private static final int[] GROUPS = {4, 400};

    private BookAttackReport() {}

    /// Plays all settings, at each pace, by attackers of few and of many groups.
    ///
    /// @param seed of all chance; the same for each setting
    /// @param runs attacks of each kind
    public static List<EclipseReport.Row> rows(long seed, int runs) {
        var rows = new ArrayList<EclipseReport.Row>();
        for (BookAttack.Pace pace : BookAttack.Pace.values()) {
            for (int groups : GROUPS) {
                for (String name : EclipseReport.settings().keySet()) {
                    rows.add(row(name, pace, groups, seed, runs));
                }
            }
        }
        return rows;
    }

    /// Plays one setting.
    static EclipseReport.Row row(
            String name, BookAttack.Pace pace, int groups, long seed, int runs) {
        EclipseReport.Setting setting =
                Check.present(EclipseReport.settings().get(name), "it is a setting");
        BookAttack.Cast cast = BookAttack.Cast.of(groups);
        var random = new SplittableRandom(seed);
        return EclipseReport.row(
                name,
                pace.label() + ", " + groups + " groups",
                runs,
                () ->
                        BookAttack.play(
                                cast, pace, setting.measures(), setting.anchors(), random.split()));
    }

    /// The report as text.
    public static String text(long seed, int runs) {
        return EclipseReport.text("Attacks on the address book alone", rows(seed, runs), seed);
    }
}
