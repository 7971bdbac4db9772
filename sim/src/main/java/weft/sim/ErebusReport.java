package weft.sim;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.function.Consumer;
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
    /// @param kinds what is played, in this order; the same internets and nodes for each
    public record Settings(int victims, int days, double share, List<Kind> kinds) {
        /// Copies the list.
        public Settings {
            kinds = List.copyOf(kinds);
        }

        /// As it was published: six weeks, and a tenth of the ways.
        public static final Settings STANDARD = new Settings(10, 42, 0.1, List.of(Kind.values()));
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

    /// Who attacks whom.
    public enum Kind {
        /// The nine largest operators; all rules, and a map of operators.
        FEW_MAP("few", "all rules, and a map", Measures.ALL, true),
        /// The nine largest operators; all rules.
        FEW_RANGES("few", "all rules", Measures.ALL, false),
        /// Operators of a share of all ways; all rules, and a map of operators.
        MAP("spread", "all rules, and a map", Measures.ALL, true),
        /// Operators of a share of all ways; all rules.
        RANGES("spread", "all rules", Measures.ALL, false),
        /// Operators of a share of all ways; rules of Bitcoin Core 28.1, and a map of operators.
        CORE_MAP("spread", "rules of 28.1, and a map", Measures.CORE, true),
        /// Operators of a share of all ways; rules of Bitcoin Core 28.1.
        CORE_RANGES("spread", "rules of 28.1", Measures.CORE, false),
        /// Operators of a share of all ways; no rules against it.
        NONE("spread", "without the rules", Measures.NONE, false);

        private final String attacker;
        private final String setting;
        private final Measures measures;
        private final boolean mapped;

        Kind(String attacker, String setting, Measures measures, boolean mapped) {
            this.attacker = attacker;
            this.setting = setting;
            this.measures = measures;
            this.mapped = mapped;
        }

        /// Its name where one is chosen.
        public String label() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
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

    private static Row row(Kind kind, long seed, Settings settings) {
        List<ErebusAttack.Outcome> all =
                IntStream.range(0, settings.victims)
                        .parallel()
                        .mapToObj(i -> kind.play(settings, new SplittableRandom(seed * 1_000 + i)))
                        .toList();
        int won = 0;
        int held = 0;
        for (ErebusAttack.Outcome each : all) {
            won += each.won() >= 0 ? 1 : 0;
            held += each.held() ? 1 : 0;
        }
        return new Row(
                kind.attacker,
                kind.setting,
                new Proportion(won, all.size()),
                new Proportion(held, all.size()),
                Mean.of(
                        all.stream()
                                .mapToDouble(each -> each.evil() / (double) ErebusAttack.OUTBOUND)
                                .toArray()),
                Mean.of(all.stream().mapToDouble(ErebusAttack.Outcome::share).toArray()));
    }

    /// The report as text, each line as soon as it is known.
    public static void tell(long seed, Settings settings, Consumer<String> lines) {
        lines.accept(
                String.format(
                        Locale.ROOT,
                        "An operator in the middle for %d days: %d nodes each, seed %d",
                        settings.days,
                        settings.victims,
                        seed));
        lines.accept(
                String.format(
                        Locale.ROOT,
                        "(spread: on %.0f %% of the ways; few: the nine largest operators are behind"
                                + " it, a tenth of all ranges;",
                        PERCENT * settings.share));
        lines.accept(
                "won: all outbound connections were the attacker's at some time; held: in the end)");
        lines.accept("");
        lines.accept(
                String.format(
                        Locale.ROOT,
                        "%-8s %-24s %7s %15s %9s %15s %11s",
                        "attacker",
                        "nodes with",
                        "won",
                        "95 % of samples",
                        "held",
                        "of connections",
                        "of addresses"));
        for (Kind kind : settings.kinds) {
            lines.accept(line(row(kind, seed, settings)));
        }
    }

    private static String line(Row row) {
        return String.format(
                Locale.ROOT,
                "%-8s %-24s %5.0f %% %15s %5.0f %% %13.1f %% %13.1f %%",
                row.attacker(),
                row.setting(),
                PERCENT * row.won().share(),
                row.won().percents(),
                PERCENT * row.held().share(),
                PERCENT * row.share().value(),
                PERCENT * row.book().value());
    }
}
