package weft.sim;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import weft.p2p.addr.NetGroups;
import weft.p2p.defence.Countermeasures;

/// What an operator of networks gains who stands on a part of all ways and has weeks: [ErebusAttack], with
/// and without a map of operators (`-asmap`), and without the rules against it.
public final class ErebusReport {
    private static final int PERCENT = 100;

    private ErebusReport() {}

    /// How it is played.
    ///
    /// @param victims nodes that are attacked, each by itself in an internet of its own
    /// @param days how long
    /// @param share of all ways that lead through the attacker's network, from 0 to 1
    public record Settings(int victims, int days, double share) {
        /// As it was published: six weeks, and a tenth of the ways.
        public static final Settings STANDARD = new Settings(10, 42, 0.1);
    }

    /// What came of one kind.
    ///
    /// @param attacker who stands behind him: `spread`, operators of a share of all ways; `few`, the nine
    ///     largest operators
    /// @param setting what the nodes do against it
    /// @param won of how many all outbound connections were the attacker's at some time
    /// @param held of how many they were in the end
    /// @param share of the attacker in the outbound connections in the end
    /// @param book share of the attacker in the addresses that would be dialled in the end
    public record Row(
            String attacker,
            String setting,
            Proportion won,
            Proportion held,
            Mean share,
            Mean book) {}

    /// Which rules they have.
    private enum Measures {
        NONE,
        /// As in Bitcoin Core: any mixture of peers will do.
        CORE,
        ALL;

        private Countermeasures rules() {
            return switch (this) {
                case NONE -> Countermeasures.NONE;
                case CORE -> Countermeasures.ALL.varied(false);
                case ALL -> Countermeasures.ALL;
            };
        }
    }

    /// What the nodes do.
    private enum Rules {
        FEW_MAP("few", "all rules, and a map", Measures.ALL, true),
        FEW_RANGES("few", "all rules", Measures.ALL, false),
        MAP("spread", "all rules, and a map", Measures.ALL, true),
        RANGES("spread", "all rules", Measures.ALL, false),
        CORE_MAP("spread", "rules of 28.1, and a map", Measures.CORE, true),
        CORE_RANGES("spread", "rules of 28.1", Measures.CORE, false),
        NONE("spread", "without the rules", Measures.NONE, false);

        private final String attacker;
        private final String label;
        private final Measures measures;
        private final boolean mapped;

        Rules(String attacker, String label, Measures measures, boolean mapped) {
            this.attacker = attacker;
            this.label = label;
            this.measures = measures;
            this.mapped = mapped;
        }

        private ErebusWorld.Position position() {
            return attacker.equals("few")
                    ? ErebusWorld.Position.FEW_AND_LARGE
                    : ErebusWorld.Position.SPREAD;
        }

        private ErebusAttack.Outcome play(Settings settings, SplittableRandom random) {
            var time = Duration.ofDays(settings.days);
            var world =
                    new ErebusWorld(
                            position(),
                            settings.share,
                            time.plusDays(1).toSeconds(),
                            random.split());
            NetGroups groups = mapped ? new NetGroups(false, world.map()) : NetGroups.PUBLIC;
            return new ErebusAttack(world, measures.rules(), groups, random.split()).play(time);
        }
    }

    /// Plays all.
    ///
    /// @param seed of all chance; the same internets and nodes for each kind
    public static List<Row> rows(long seed, Settings settings) {
        var rows = new ArrayList<Row>();
        for (Rules rules : Rules.values()) {
            rows.add(row(rules, seed, settings));
        }
        return rows;
    }

    private static Row row(Rules rules, long seed, Settings settings) {
        List<ErebusAttack.Outcome> all =
                IntStream.range(0, settings.victims)
                        .parallel()
                        .mapToObj(i -> rules.play(settings, new SplittableRandom(seed * 1_000 + i)))
                        .toList();
        int won = 0;
        int held = 0;
        for (ErebusAttack.Outcome each : all) {
            won += each.won() >= 0 ? 1 : 0;
            held += each.held() ? 1 : 0;
        }
        return new Row(
                rules.attacker,
                rules.label,
                new Proportion(won, all.size()),
                new Proportion(held, all.size()),
                Mean.of(
                        all.stream()
                                .mapToDouble(each -> each.evil() / (double) ErebusAttack.OUTBOUND)
                                .toArray()),
                Mean.of(all.stream().mapToDouble(ErebusAttack.Outcome::share).toArray()));
    }

    /// The report as text.
    public static String text(long seed, Settings settings) {
        var text = new StringBuilder();
        text.append(
                String.format(
                        Locale.ROOT,
                        "An operator in the middle for %2$d days: %3$d nodes each, seed %4$d%n"
                                + "(spread: on %1$.0f %% of the ways; few: the nine largest operators"
                                + " are behind it, a tenth of all ranges;%n"
                                + "won: all outbound connections were the attacker's at some"
                                + " time; held: in the end)%n%n%5$-8s %6$-24s %7$7s %8$15s %9$7s"
                                + " %10$15s %11$15s%n",
                        PERCENT * settings.share,
                        settings.days,
                        settings.victims,
                        seed,
                        "attacker",
                        "nodes with",
                        "won",
                        "95 % of samples",
                        "held",
                        "of connections",
                        "of addresses"));
        for (Row row : rows(seed, settings)) {
            text.append(
                    String.format(
                            Locale.ROOT,
                            "%-8s %-24s %5.0f %% %15s %5.0f %% %13.1f %% %13.1f %%%n",
                            row.attacker(),
                            row.setting(),
                            PERCENT * row.won().share(),
                            row.won().percents(),
                            PERCENT * row.held().share(),
                            PERCENT * row.share().value(),
                            PERCENT * row.book().value()));
        }
        return text.toString();
    }
}
