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
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// The table of `docs/bips.md`: which class speaks of which BIP, and which tests do.
///
/// Run from the project's root to write it anew: `java form/src/test/java/weft/form/BipTable.java`.
final class BipTable {
    private static final Pattern MENTION = Pattern.compile("\\bBIP[- ]?0{0,3}([1-9][0-9]{0,3})\\b");

    private static final Map<Integer, String> TITLES =
            Map.ofEntries(
                    Map.entry(9, "Version bits with timeout and delay"),
                    Map.entry(11, "M-of-N standard transactions"),
                    Map.entry(13, "Address format for pay-to-script-hash"),
                    Map.entry(14, "Protocol version and user agent"),
                    Map.entry(16, "Pay to script hash"),
                    Map.entry(22, "getblocktemplate: fundamentals"),
                    Map.entry(23, "getblocktemplate: pooled mining"),
                    Map.entry(30, "Duplicate transactions"),
                    Map.entry(31, "Pong message"),
                    Map.entry(32, "Hierarchical deterministic wallets"),
                    Map.entry(34, "Block v2, height in coinbase"),
                    Map.entry(35, "Mempool message"),
                    Map.entry(37, "Connection Bloom filtering"),
                    Map.entry(39, "Mnemonic code"),
                    Map.entry(42, "A finite monetary supply"),
                    Map.entry(61, "Reject message"),
                    Map.entry(62, "Dealing with malleability"),
                    Map.entry(65, "OP_CHECKLOCKTIMEVERIFY"),
                    Map.entry(66, "Strict DER signatures"),
                    Map.entry(68, "Relative lock time by sequence numbers"),
                    Map.entry(90, "Buried deployments"),
                    Map.entry(91, "Reduced threshold SegWit MASF"),
                    Map.entry(94, "Testnet 4"),
                    Map.entry(111, "NODE_BLOOM service bit"),
                    Map.entry(112, "OP_CHECKSEQUENCEVERIFY"),
                    Map.entry(113, "Median time past for lock times"),
                    Map.entry(125, "Opt-in full replace-by-fee"),
                    Map.entry(130, "sendheaders message"),
                    Map.entry(133, "feefilter message"),
                    Map.entry(141, "Segregated witness (consensus)"),
                    Map.entry(143, "Signature hashes of version 0 witness programs"),
                    Map.entry(144, "Segregated witness (peer services)"),
                    Map.entry(145, "getblocktemplate for segregated witness"),
                    Map.entry(146, "Dealing with signature malleability"),
                    Map.entry(147, "Dealing with dummy stack element malleability"),
                    Map.entry(148, "Mandatory activation of segregated witness"),
                    Map.entry(152, "Compact block relay"),
                    Map.entry(155, "addrv2 message"),
                    Map.entry(156, "Dandelion: privacy enhancing routing"),
                    Map.entry(157, "Client side block filtering"),
                    Map.entry(158, "Compact block filters"),
                    Map.entry(159, "NODE_NETWORK_LIMITED service bit"),
                    Map.entry(173, "Bech32"),
                    Map.entry(174, "Partially signed transactions"),
                    Map.entry(324, "Version 2 peer-to-peer encrypted transport"),
                    Map.entry(325, "Signet"),
                    Map.entry(330, "Transaction announcements reconciliation"),
                    Map.entry(331, "Ancestor package relay"),
                    Map.entry(338, "Disable transaction relay message"),
                    Map.entry(339, "wtxid-based transaction relay"),
                    Map.entry(340, "Schnorr signatures"),
                    Map.entry(341, "Taproot"),
                    Map.entry(342, "Validation of taproot scripts"),
                    Map.entry(350, "Bech32m"),
                    Map.entry(370, "PSBT version 2"),
                    Map.entry(371, "Taproot fields for PSBT"),
                    Map.entry(373, "MuSig2 fields for PSBT"),
                    Map.entry(379, "Miniscript"),
                    Map.entry(380, "Output script descriptors"),
                    Map.entry(381, "Non-segwit output script descriptors"),
                    Map.entry(387, "Tapscript multisig output script descriptors"),
                    Map.entry(389, "Multipath descriptor key expressions"),
                    Map.entry(431, "Topology restrictions for pinning"),
                    Map.entry(433, "Pay to anchor"),
                    Map.entry(434, "Peer feature negotiation"));

    private static final String HEAD =
            """
            # BIPs

            Which class keeps which Bitcoin Improvement Proposal, and which tests name it. Made by
            `java form/src/test/java/weft/form/BipTable.java`; a test checks that it is current.

            | BIP | Title | Classes | Tests |
            |---|---|---|---|
            """;

    private BipTable() {}

    /// Writes `docs/bips.md`.
    public static void main(String[] args) throws IOException {
        Path root = Path.of("").toAbsolutePath();
        Files.writeString(root.resolve("docs/bips.md"), text(SourceTree.read(root)));
    }

    /// The page as it must be for these sources.
    static String text(List<SourceFile> files) {
        NavigableMap<Integer, Set<String>> classes = new TreeMap<>();
        NavigableMap<Integer, Set<String>> tests = new TreeMap<>();
        for (SourceFile file : files) {
            if (file.path().matches("form/.*|.*-info.java") || !file.isJava()) {
                continue;
            }
            boolean test = file.path().contains("/src/test/");
            String name = "`" + file.simpleName() + "`";
            MENTION.matcher(file.text())
                    .results()
                    .forEach(
                            match ->
                                    (test ? tests : classes)
                                            .computeIfAbsent(
                                                    Integer.valueOf(match.group(1)),
                                                    any -> new TreeSet<>())
                                            .add(name));
        }
        Set<Integer> numbers = new TreeSet<>(classes.keySet());
        numbers.addAll(tests.keySet());
        return numbers.stream()
                .map(
                        number ->
                                "| "
                                        + number
                                        + " | "
                                        + TITLES.getOrDefault(number, "")
                                        + " | "
                                        + String.join(" ", classes.getOrDefault(number, Set.of()))
                                        + " | "
                                        + String.join(" ", tests.getOrDefault(number, Set.of()))
                                        + " |\n")
                .collect(Collectors.joining("", HEAD, ""));
    }
}
