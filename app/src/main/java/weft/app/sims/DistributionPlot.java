package weft.app.sims;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import weft.sim.Arrivals;

/// Draws for a terminal which share of the nodes had something after how many seconds: one curve each, by its
/// letter.
final class DistributionPlot {
    private static final int COLUMNS = 64;

    /// A line for each tenth of the nodes, and one for none.
    private static final int STEPS = 10;

    /// Where the axis ends: what the last nodes lack would else push all curves to its beginning.
    private static final double END = 0.99;

    private DistributionPlot() {}

    /// One curve.
    record Curve(String name, Arrivals arrivals) {}

    /// @param curves at most 26, the first is `a`; where two meet, the later one is seen
    static List<String> lines(List<Curve> curves) {
        double end = curves.stream().mapToDouble(curve -> curve.arrivals().at(END)).max().orElse(0);
        char[][] field = new char[STEPS + 1][COLUMNS];
        Arrays.stream(field).forEach(line -> Arrays.fill(line, ' '));
        for (int i = 0; i < curves.size(); i++) {
            Arrivals arrivals = curves.get(i).arrivals();
            for (int x = 0; x < COLUMNS; x++) {
                double share = arrivals.shareBy(end * x / (COLUMNS - 1));
                field[STEPS - (int) Math.floor(share * STEPS)][x] = (char) ('a' + i);
            }
        }
        var lines = new ArrayList<String>();
        for (int y = 0; y <= STEPS; y++) {
            String line = new String(field[y]).stripTrailing();
            lines.add(String.format(Locale.ROOT, "%5d %% |%s", (STEPS - y) * (100 / STEPS), line));
        }
        lines.add(" ".repeat(8) + "+" + "-".repeat(COLUMNS));
        String last = String.format(Locale.ROOT, "%.2f s", end);
        lines.add(" ".repeat(9) + "0" + " ".repeat(COLUMNS - 1 - last.length()) + last);
        for (int i = 0; i < curves.size(); i++) {
            lines.add("         " + (char) ('a' + i) + " " + curves.get(i).name());
        }
        return lines;
    }
}
