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
    private static final List<String> TITLES =
            List.of(
                    "Sums that overflow (CVE-2010-5139)",
                    "Spending anyone's coins (CVE-2010-5141)",
                    "Disabled operations (CVE-2010-5137)",
                    "Duplicate coinbases (BIP 30, CVE-2012-1909)",
                    "Duplicate coinbases across reorganisations",
                    "BIP 34 does not imply BIP 30",
                    "Repeated transactions under one root (CVE-2012-2459)",
                    "Inner nodes that pose as transactions, in blocks",
                    "Duplicate inputs (CVE-2018-17144)",
                    "Limits of the store as rules (BIP 50, CVE-2013-3220)",
                    "Subsidy that comes back (BIP 42)",
                    "Lax signatures (BIP 66)",
                    "Signed transaction versions (CVE-2024-34478)",
                    "Signatures inside of scripts (CVE-2024-38365)",
                    "Limits on witness items' length (CVE-2022-44797)",
                    "Limits on witness items' number (CVE-2022-39389)",
                    "Double spend in a block that is assumed valid",
                    "Transactions that are not final, in blocks",
                    "Coinbase maturity, and children of invalid blocks",
                    "Signature hash types",
                    "Inner nodes that pose as transactions, in proofs (CVE-2017-12842)",
                    "Light nodes that follow an invalid chain",
                    "Time warp (BIP 54, BIP 94)",
                    "Compact targets",
                    "Limits of blocks",
                    "Limits of scripts",
                    "Failures of ours taken for verdicts (BIP 50)",
                    "Traces of blocks that failed");

    private static final Pattern TEST =
            Pattern.compile(
                    "@DisplayName\\(\\s*\"((?:A\\d\\d )+)[^\"]*\".*?\\bvoid (\\w+)\\(",
                    Pattern.DOTALL);
    private static final Pattern ROW = Pattern.compile("A(\\d\\d)");
    private static final Pattern SABOTAGE =
            Pattern.compile("@Sabotage\\((.*?)\\)\\s*(?=@|void)", Pattern.DOTALL);
    private static final Pattern SETTING = Pattern.compile("(\\w+) = \"?([^\",)]+)\"?");

    private static final String HEAD =
            """
            # Attacks of the past

            What once split, robbed or stopped a Bitcoin network, as tests. Made by
            `java form/src/test/java/weft/form/AttackTable.java`; a test checks that it is current.

            Levels: U runs the rules alone, N sends bytes to a node, S runs several nodes in one world, F
            fails a port of the node or reads its class files. A test that cannot fail proves nothing: the
            build runs each test again with a method of the product broken as the last column says, and wants
            it to fail.

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
        NavigableMap<Integer, List<String>> rows = new TreeMap<>();
        for (SourceFile file : files) {
            if (file.isJava() && file.path().contains("/src/test/")) {
                TEST.matcher(file.text()).results().forEach(test -> add(rows, file, test));
            }
        }
        var out = new StringBuilder(HEAD);
        for (int row = 1; row <= TITLES.size(); row++) {
            for (String cells : rows.getOrDefault(row, List.of(" |  | none yet |  |\n"))) {
                out.append("| A%02d | ".formatted(row)).append(TITLES.get(row - 1)).append(cells);
            }
        }
        return out.toString();
    }

    private static void add(
            NavigableMap<Integer, List<String>> rows, SourceFile file, MatchResult test) {
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
                .forEach(
                        row ->
                                rows.computeIfAbsent(
                                                Integer.valueOf(row.group(1)),
                                                any -> new ArrayList<>())
                                        .add(cells));
    }

    private static String level(SourceFile file) {
        if (file.path().startsWith("form/") || file.simpleName().contains("Fault")) {
            return "F";
        }
        if (file.path().startsWith("sim/")) {
            return "S";
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
