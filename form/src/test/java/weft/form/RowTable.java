package weft.form;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// The table of `docs/rows.md`: which tests prove which promise, by the promise's row.
///
/// Run from the project's root to write it anew: `java form/src/test/java/weft/form/RowTable.java`.
final class RowTable {
    private static final Pattern NAME =
            Pattern.compile("@DisplayName\\(\\s*((?:\"(?:[^\"\\\\]|\\\\.)*\"[\\s+]*)+)\\)");

    private static final Pattern PIECE = Pattern.compile("\"((?:[^\"\\\\]|\\\\.)*)\"");

    /// What a benchmark measures for a row, a line of its comment.
    private static final Pattern MEASURED = Pattern.compile("/// (S-[0-9]{2,3} .*)");

    private static final Pattern ROW = Pattern.compile("\\bS-([0-9]{2,3})[a-z]?\\b");

    /// What each row promises, in a few words.
    private static final Map<Integer, String> PROMISES =
            Map.ofEntries(
                    Map.entry(1, "Mesh, not star"),
                    Map.entry(2, "The network repairs itself"),
                    Map.entry(3, "Another path when one fails"),
                    Map.entry(4, "Random connection and shared information are enough"),
                    Map.entry(5, "Each node is free: whom, how many, on or off"),
                    Map.entry(6, "A node is a server and a client"),
                    Map.entry(7, "Two nodes, then three"),
                    Map.entry(8, "No single point of failure"),
                    Map.entry(10, "A light client with its own small storage"),
                    Map.entry(11, "A light client that starts from fixed addresses"),
                    Map.entry(14, "Ledgers agree"),
                    Map.entry(15, "Censors do not stop a payment"),
                    Map.entry(16, "Alive though most nodes are gone"),
                    Map.entry(17, "Roles: full node, pruned node, miner, light node"),
                    Map.entry(18, "Central, miner and wallet: a payment"),
                    Map.entry(19, "Agreement while nodes come and go"),
                    Map.entry(20, "Random probing of addresses"),
                    Map.entry(21, "A way in is needed: probing, DNS and a list compared"),
                    Map.entry(22, "Nine DNS seeds of independent owners"),
                    Map.entry(23, "Each seed returns 5 to 25 addresses"),
                    Map.entry(24, "One seed of nine is enough"),
                    Map.entry(25, "DNS is for the first start only"),
                    Map.entry(26, "Seeds are asked by the services that we need"),
                    Map.entry(27, "A seed can be asked by hand"),
                    Map.entry(28, "IRC: one server, and what becomes without it"),
                    Map.entry(29, "Hard-coded nodes as a fallback"),
                    Map.entry(30, "A central node as the only source"),
                    Map.entry(31, "getaddr: who else is there?"),
                    Map.entry(32, "A newcomer's address goes round"),
                    Map.entry(33, "Friends introduce friends"),
                    Map.entry(34, "Addresses are kept for later"),
                    Map.entry(35, "One seed that lies is not believed alone"),
                    Map.entry(40, "Two lists: trusted and potential"),
                    Map.entry(41, "The book is on disk; old friends first"),
                    Map.entry(42, "Trusted first; else look for new ones"),
                    Map.entry(43, "A lost neighbour is replaced from the book"),
                    Map.entry(44, "The book is enough by itself"),
                    Map.entry(50, "version carries five fields"),
                    Map.entry(51, "version and verack, both ways"),
                    Map.entry(52, "The handshake tells the other's height"),
                    Map.entry(53, "The classroom's version message"),
                    Map.entry(54, "Protocol 70016, 70017 offered, and the user agent"),
                    Map.entry(55, "A missing version is one point"),
                    Map.entry(60, "Eight outbound connections"),
                    Map.entry(61, "125 inbound connections"),
                    Map.entry(62, "Default ports 8333 and 18333"),
                    Map.entry(63, "Only the best three"),
                    Map.entry(64, "Few peers of one operator"),
                    Map.entry(65, "Peers of old and new programs"),
                    Map.entry(66, "Peers that are there at different times"),
                    Map.entry(67, "Keepalive every 30 minutes"),
                    Map.entry(68, "Silent for 90 minutes is lost"),
                    Map.entry(69, "Ping every 90 s, pong within 30 s"),
                    Map.entry(71, "Eight connections between too few and too many"),
                    Map.entry(70, "The status of each friend"),
                    Map.entry(72, "Guard against harassment"),
                    Map.entry(80, "The frame of a message"),
                    Map.entry(81, "A tool that makes frames"),
                    Map.entry(82, "Magic of the test network"),
                    Map.entry(83, "A tool that listens to a node"),
                    Map.entry(90, "Summary first: inv, getdata, then the thing"),
                    Map.entry(91, "Summaries save bandwidth"),
                    Map.entry(92, "Nothing is sent twice"),
                    Map.entry(93, "95 % of the network in 12 s"),
                    Map.entry(94, "Blocks: half a minute then, seconds now"),
                    Map.entry(95, "Flood: the old gossip"),
                    Map.entry(96, "Diffusion: exponential delays"),
                    Map.entry(97, "Dandelion: stem, then fluff"),
                    Map.entry(98, "Dandelion costs latency"),
                    Map.entry(99, "Spies who listen"),
                    Map.entry(100, "Eventual consistency; miners hear of blocks first"),
                    Map.entry(101, "Scores begin at 0; trifles are one point"),
                    Map.entry(102, "Too long an inv is 20 points"),
                    Map.entry(103, "At 100 banned for 24 hours"),
                    Map.entry(104, "A shadow ban: silently not served"),
                    Map.entry(105, "Scores are not told"),
                    Map.entry(106, "A warning of an eclipse"),
                    Map.entry(107, "A warning of a flood"),
                    Map.entry(108, "A warning of one version"),
                    Map.entry(
                            109,
                            "Sybils are held to their groups; defence by itself; the literature's"
                                    + " attack"),
                    Map.entry(110, "Keys are agreed on, the channel is encrypted"),
                    Map.entry(111, "Outsiders cannot read"),
                    Map.entry(112, "Changes on the way are noticed"),
                    Map.entry(113, "Forward secrecy"),
                    Map.entry(114, "Plain peers are understood"),
                    Map.entry(115, "Garbage and decoys"),
                    Map.entry(116, "A gigabyte a second is encrypted by one core"),
                    Map.entry(117, "Encryption of a megabyte a second is hardly felt"),
                    Map.entry(118, "Who is in between can be detected"),
                    Map.entry(120, "Synchronisation from a height"),
                    Map.entry(121, "getblocks asks for hashes"),
                    Map.entry(122, "The shorter chain asks"),
                    Map.entry(123, "Most work wins"),
                    Map.entry(124, "Double spends are refused"),
                    Map.entry(125, "Enough transactions make a block"),
                    Map.entry(126, "A block spreads, wallets see the payment"),
                    Map.entry(127, "Coins are the same after a reindex"),
                    Map.entry(128, "The five steps of a transaction's life"),
                    Map.entry(129, "Several nodes on one machine by port"),
                    Map.entry(130, "Files of each node, named as in lessons"),
                    Map.entry(132, "The reward: halvings, 21 million"));

    private static final String MEASURED_IN = " (measured: [performance.md](performance.md))";

    private static final String HEAD =
            """
            # Rows

            Which tests prove which promise. Made by `java form/src/test/java/weft/form/RowTable.java`
            from the names that the tests show, and what benchmarks say they measure; a test checks
            that it is current.

            | Row | Promise | Tests |
            |---|---|---|
            """;

    private RowTable() {}

    /// Writes `docs/rows.md`.
    public static void main(String[] args) throws IOException {
        Path root = Path.of("").toAbsolutePath();
        Files.writeString(root.resolve("docs/rows.md"), text(SourceTree.read(root)));
    }

    /// The page as it must be for these sources.
    static String text(List<SourceFile> files) {
        NavigableMap<Integer, Set<String>> tests = new TreeMap<>();
        // Every promise has its line, so that one without a test is seen.
        PROMISES.keySet().forEach(row -> tests.put(row, new TreeSet<>()));
        for (SourceFile file : files) {
            if (file.isJava() && file.path().contains("/src/test/") && !isForm(file)) {
                NAME.matcher(file.text())
                        .results()
                        .map(RowTable::name)
                        .forEach(name -> add(tests, file.simpleName(), name));
            }
        }
        files.stream()
                .filter(file -> file.isJava() && file.path().startsWith("bench/src/main/"))
                .forEach(file -> addMeasured(tests, file));
        return tests.entrySet().stream()
                .map(RowTable::line)
                .collect(Collectors.joining("", HEAD, ""));
    }

    private static void addMeasured(NavigableMap<Integer, Set<String>> tests, SourceFile file) {
        MEASURED.matcher(file.text())
                .results()
                .forEach(line -> add(tests, file.simpleName(), line.group(1) + MEASURED_IN));
    }

    private static boolean isForm(SourceFile file) {
        return file.path().startsWith("form/");
    }

    /// A name that is written in pieces, put together.
    private static String name(MatchResult annotation) {
        return PIECE.matcher(annotation.group(1))
                .results()
                .map(piece -> piece.group(1))
                .collect(Collectors.joining());
    }

    private static void add(Map<Integer, Set<String>> tests, String test, String name) {
        String what = ROW.matcher(name).replaceAll("").strip();
        ROW.matcher(name)
                .results()
                .forEach(
                        row ->
                                tests.computeIfAbsent(
                                                Integer.valueOf(row.group(1)),
                                                any -> new TreeSet<>())
                                        .add("`" + test + "` " + what));
    }

    private static String line(Map.Entry<Integer, Set<String>> row) {
        return String.format(
                "| S-%02d | %s | %s |%n",
                row.getKey(),
                PROMISES.getOrDefault(row.getKey(), ""),
                String.join("<br>", row.getValue()));
    }
}
