package weft.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import weft.p2p.addr.AddrMan;
import weft.sim.BotnetAttack.Rules;

/// How often a botnet surrounds a node that starts again, by the number of its addresses: many a
/// [BotnetAttack], with intervals, beside what a model without this program says.
public final class BotnetReport {
    /// How far a share may be from the model's.
    private static final double TOLERANCE = 0.05;

    private static final int PERCENT = 100;
    private static final int PLACES = AddrMan.TRIED_BUCKETS * AddrMan.BUCKET_SIZE;

    /// Numbers of bots.
    private static final int[] BOTS = {400, 1_000, 4_600, 9_000, 20_000, 60_000};

    private static final String LEGEND =
            """

            model: how often in a model that has none of this program's code; the last one is "less than"
            formula: what such a model comes to with ever more attacks
            within 5 %: success is no further from the model, or its interval comes so near
            """;

    private BotnetReport() {}

    /// How attacks of one kind went.
    ///
    /// @param rules the countermeasures
    /// @param bots addresses of the attacker
    /// @param won how often all outbound connections were the attacker's
    /// @param share of the attacker in the outbound connections
    /// @param model how often the model's were, 0 to 1
    /// @param formula what [BotnetReport] works out for the model, 0 to 1
    public record Row(
            String rules, int bots, Proportion won, Mean share, double model, double formula) {
        /// Whether what was seen is no further than 0.05 from the model, or what it is a sample of need not
        /// be: that holds if the interval of 95 % comes so near.
        public boolean agrees() {
            return model >= won.low() - TOLERANCE && model <= won.high() + TOLERANCE;
        }

        private boolean isNear() {
            return Math.abs(won.share() - model) <= TOLERANCE;
        }

        private String verdict() {
            return isNear() ? "yes" : agrees() ? "by its interval" : "NO";
        }
    }

    /// Plays all.
    ///
    /// @param seed of all chance; the same for each kind
    /// @param runs attacks of each kind
    public static List<Row> rows(long seed, int runs) {
        var rows = new ArrayList<Row>();
        for (Rules rules : Rules.values()) {
            for (int bots : BOTS) {
                rows.add(row(rules, bots, seed, runs));
            }
        }
        return rows;
    }

    /// Plays attacks of one kind.
    ///
    /// @param bots one of the numbers that the table has
    static Row row(Rules rules, int bots, long seed, int runs) {
        BotnetAttack.Cast cast = BotnetAttack.Cast.of(bots);
        var random = new SplittableRandom(seed);
        int won = 0;
        var shares = new double[runs];
        for (int i = 0; i < runs; i++) {
            int evil = BotnetAttack.play(cast, rules, random.split());
            won += evil == rules.outbound ? 1 : 0;
            shares[i] = (double) evil / rules.outbound;
        }
        return new Row(
                rules.label,
                bots,
                new Proportion(won, runs),
                Mean.of(shares),
                model(rules, bots),
                formula(rules, bots, held(BotnetAttack.HONEST)));
    }

    /// The model's table, made before this program was, by chance as well.
    private static double model(Rules rules, int bots) {
        double[] figures =
                switch (rules) {
                    case FEELERS -> new double[] {0, 0, 0.13, 0.31, 0.74, 0.99};
                    case TEST_FIRST -> new double[] {0, 0, 0.06, 0.16, 0.28, 0.38};
                    case TODAY -> new double[] {0, 0, 0, 0, 0, 0.01};
                };
        int column = 0;
        while (BOTS[column] != bots) {
            column++;
        }
        return figures[column];
    }

    /// How many of the places of *tried* are taken on average by addresses that fall on them by chance.
    private static double held(int addresses) {
        return PLACES * (1 - Math.exp(-(double) addresses / PLACES));
    }

    /// What the table of the model tends to with many attacks: in *new* nobody answers, and of those in
    /// *tried* who answer all are equally likely.
    ///
    /// @param honest how many of the places of *tried* are held by honest addresses
    static double formula(Rules rules, int bots, double honest) {
        double online = honest * BotnetAttack.ONLINE_PERCENT / PERCENT;
        double covered = held(bots) / PLACES;
        double ours = rules.testFirst ? (PLACES - online) * covered : PLACES * covered;
        double theirs = rules.testFirst ? online : online * (1 - covered);
        double anchorsGone =
                Math.pow(1 - (double) BotnetAttack.ANCHORS_UP_PERCENT / PERCENT, rules.anchors);
        return anchorsGone * Math.pow(ours / (ours + theirs), rules.outbound);
    }

    /// The report as text.
    public static String text(long seed, int runs) {
        return text(rows(seed, runs), seed);
    }

    static String text(List<Row> rows, long seed) {
        var text = new StringBuilder();
        text.append(
                String.format(
                        Locale.ROOT,
                        "A botnet, each bot in a group of its own, and a restart: %d attacks each,"
                                + " seed %d%n(success: all outbound connections are bots)%n%n"
                                + "%-24s %6s %9s %15s %12s %9s %9s  %s%n",
                        rows.getFirst().won().of(),
                        seed,
                        "countermeasures",
                        "bots",
                        "success",
                        "95 % of samples",
                        "bots' share",
                        "model",
                        "formula",
                        "within 5 %"));
        for (Row row : rows) {
            text.append(
                    String.format(
                            Locale.ROOT,
                            "%-24s %6d %7.1f %% %15s %10.1f %% %7.0f %% %7.1f %%  %s%n",
                            row.rules(),
                            row.bots(),
                            PERCENT * row.won().share(),
                            row.won().percents(),
                            PERCENT * row.share().value(),
                            PERCENT * row.model(),
                            PERCENT * row.formula(),
                            row.verdict()));
        }
        text.append(LEGEND);
        return text.toString();
    }
}
