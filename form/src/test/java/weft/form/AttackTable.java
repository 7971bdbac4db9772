package weft.form;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/// The table of `docs/attacks.md`: which test tries which attack of the past, and what is broken to see it
/// fail.
///
/// Run from the project's root to write it anew: `java form/src/test/java/weft/form/AttackTable.java`.
final class AttackTable {
    private static final Pattern TEST =
            Pattern.compile(
                    "@DisplayName\\(\\s*\"(?:S-\\d+ )*((?:[A-G]\\d\\d )+)[^\"]*\".*?\\bvoid"
                            + " (\\w+)\\(",
                    Pattern.DOTALL);
    private static final Pattern ROW = Pattern.compile("[A-G]\\d\\d");
    private static final Pattern SABOTAGE =
            Pattern.compile("@Sabotage\\((.*?)\\)\\s*(?=@|void)", Pattern.DOTALL);
    private static final Pattern SETTING = Pattern.compile("(\\w+) = \"?([^\",)]+)\"?");

    private static final List<MatchResult> NO_TESTS = List.of();

    private static final String HEAD =
            """
            # Attacks of the past

            What once split, robbed, stopped or exhausted a Bitcoin network, as tests. Made by
            `java form/src/test/java/weft/form/AttackTable.java`; a test checks that it is current.

            Levels: U runs the rules alone, P one half of a node against peers, N sends bytes to a node, S
            runs several nodes in one world, F fails a port of the node or reads its class files, T sends
            bytes over TCP to a whole node, which must hold what its seal asks: honest peers served and not
            punished, memory, log and disk within bounds, the same chain again after a restart. A test
            that cannot fail proves nothing: the build runs each test again with a method of the product
            broken as the last column says, and wants it to fail. Rows without such a test say so; some of
            them are not applicable, others have tests of another kind.
            """;

    private static final String COLUMNS =
            """

            | Row | Attack | Level | Test | Seen red with |
            |---|---|---|---|---|
            """;

    private AttackTable() {}

    /// Writes `docs/attacks.md`.
    public static void main(String[] args) throws IOException {
        Path root = Path.of("").toAbsolutePath();
        Files.writeString(root.resolve("docs/attacks.md"), text(SourceTree.read(root)));
    }

    /// The page as it must be for these sources.
    static String text(List<SourceFile> files) {
        NavigableMap<String, List<String>> rows = new TreeMap<>();
        for (SourceFile file : files) {
            tests(file).forEach(test -> add(rows, file, test));
        }
        var out = new StringBuilder(HEAD);
        for (AttackGroup group : AttackGroup.all()) {
            out.append("\n## ").append(group.letter()).append(". ").append(group.name());
            out.append('\n').append(COLUMNS);
            for (int i = 0; i < group.titles().size(); i++) {
                String row = "%c%02d".formatted(group.letter(), i + 1);
                for (String cells : rows.getOrDefault(row, List.of(" |  | none yet |  |\n"))) {
                    out.append("| ").append(row).append(" | ");
                    out.append(group.titles().get(i)).append(cells);
                }
            }
        }
        return out.toString();
    }

    /// Attack tests that no sabotage turns red, or whose class does not run their sabotages; but not those
    /// that read class files, whose rules are tried on bad examples.
    static List<String> neverSeenRed(List<SourceFile> files) {
        var out = new ArrayList<String>();
        for (SourceFile file : files) {
            for (MatchResult test : file.path().startsWith("form/") ? NO_TESTS : tests(file)) {
                boolean red = SABOTAGE.matcher(test.group()).find();
                if (!red || !file.text().contains(" implements SeenRed")) {
                    out.add(file.simpleName() + "." + test.group(2));
                }
            }
        }
        return out;
    }

    private static List<MatchResult> tests(SourceFile file) {
        // PapersTest holds examples of attack tests, in text.
        boolean isTest =
                file.isJava()
                        && file.path().contains("/src/test/")
                        && !file.simpleName().equals("PapersTest");
        return isTest ? TEST.matcher(file.text()).results().toList() : List.of();
    }

    private static void add(
            NavigableMap<String, List<String>> rows, SourceFile file, MatchResult test) {
        var broken = new ArrayList<String>();
        SABOTAGE.matcher(test.group())
                .results()
                .forEach(sabotage -> broken.add(words(sabotage.group(1))));
        String cells =
                " | %s | `%s.%s` | %s |%n"
                        .formatted(
                                level(file),
                                file.simpleName(),
                                test.group(2),
                                String.join("<br>", broken))
                        .replace(System.lineSeparator(), "\n");
        ROW.matcher(test.group(1))
                .results()
                .map(MatchResult::group)
                .forEach(row -> rows.computeIfAbsent(row, any -> new ArrayList<>()).add(cells));
    }

    private static String level(SourceFile file) {
        if (file.path().startsWith("form/") || file.simpleName().contains("Fault")) {
            return "F";
        }
        if (file.path().startsWith("app/") && file.simpleName().contains("Tcp")) {
            return "T";
        }
        if (file.path().startsWith("sim/")) {
            return "S";
        }
        if (file.path().startsWith("p2p/") || file.path().startsWith("net/")) {
            return "P";
        }
        return file.path().startsWith("node/") ? "N" : "U";
    }

    /// One sabotage: `TxCheck.checkAmounts` returns null.
    private static String words(String settings) {
        var all = new TreeMap<String, String>();
        SETTING.matcher(settings)
                .results()
                .forEach(setting -> all.put(setting.group(1), setting.group(2)));
        String type = all.getOrDefault("type", "");
        String name =
                "`" + type.substring(type.lastIndexOf('.') + 1) + "." + all.get("method") + "` ";
        String value = all.getOrDefault("returns", "nothing");
        if (all.containsKey("call")) {
            return name + "takes `" + all.get("call") + "` for " + value;
        }
        if (all.containsKey("constant")) {
            return name + "with " + all.get("constant").replace(">", " → ");
        }
        if (all.containsKey("flips")) {
            return name + "with jump " + all.get("flips") + " turned round";
        }
        if (all.containsKey("catches")) {
            return name + "answers " + all.get("catches") + " to any exception";
        }
        return name + "returns " + value;
    }
}
