package weft.app.vectors;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import weft.chain.ChainState;
import weft.chain.api.ChainCommand;
import weft.chain.api.HeaderNode;
import weft.chain.api.Origin;
import weft.consensus.BlockCheck;
import weft.consensus.ChainParams;
import weft.consensus.HeaderCheck;
import weft.consensus.Network;
import weft.consensus.RuleFailure;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;
import weft.primitives.Now;

/// Headers: runs of them, stale ones, invalid ones.
final class HeaderVectors {
    /// Later than any header.
    static final Now LATE = new Now(0, Instant.parse("2100-01-01T00:00:00Z"));

    /// Where the header is that begins the fork of July 2015.
    private static final int FORK_2015_HEIGHT = 363_731;

    private static final ChainParams MAIN = ChainParams.of(Network.MAIN);

    private HeaderVectors() {}

    static int firstHeight(VectorFile file) {
        return Integer.parseInt(file.stem().split("_", -1)[1]);
    }

    /// `NETWORK_FIRST_LAST.bin`: links, work, difficulty, times, versions.
    static void run(VectorFile file, Cases cases) {
        ChainParams params = Vector.knownParams(file.stem());
        int first = firstHeight(file);
        HeaderRun run = HeaderRun.read(first, file.bytes());
        for (HeaderRun.Node node : run.nodes()) {
            cases.run("height " + node.height(), () -> check(node, params));
        }
        String[] parts = file.stem().split("_", -1);
        int last = Integer.parseInt(parts[parts.length - 1]);
        int found = first + run.nodes().size() - 1;
        cases.run("end", () -> Expect.same("the last height", last, found));
    }

    private static void check(HeaderRun.Node node, ChainParams params) {
        checkWork(node.header(), params);
        HeaderRun.Node parent = node.parent();
        if (parent == null) {
            if (node.height() == 0) {
                Expect.same("genesis", params.genesis().header(), node.header());
            }
            return;
        }
        Expect.same("the parent", parent.hash(), node.header().parent());
        if (parent.knowsContext(params.pow())) {
            RuleFailure failure =
                    HeaderCheck.checkInContext(node.header(), parent, LATE.wall(), params);
            Expect.same("the check on its branch", null, failure);
        }
    }

    private static void checkWork(BlockHeader header, ChainParams params) {
        RuleFailure failure = HeaderCheck.checkWork(header, header.hash(), params);
        Expect.same("the check of work", null, failure);
    }

    /// A line a header from height 1 on; those that begin with `fork:` are on a branch.
    static void lines(VectorFile file, Cases cases) {
        ChainState chain = Replay.start(Vector.knownParams(file.stem()));
        int line = 0;
        for (String text : file.lines()) {
            line++;
            boolean fork = text.startsWith("fork:");
            String hex = (fork ? text.substring("fork:".length()) : text).strip();
            cases.run(
                    "line " + line,
                    () -> {
                        BlockHeader header = Vector.header(hex);
                        var command =
                                new ChainCommand.SubmitHeaders(Origin.SELF, List.of(header), true);
                        chain.submitHeaders(command, LATE);
                        boolean taken = chain.headers().find(header.hash()) != null;
                        Expect.holds("the header is taken", taken);
                        HeaderNode best = chain.headers().best();
                        if (!fork && best.height() > 2) {
                            Expect.same("the best header", header.hash(), best.hash());
                        }
                    });
        }
    }

    /// Stale headers: valid, and with no more work than the header of the best chain.
    static void stale(VectorFile file, Cases cases) {
        ChainParams params = params(file);
        Map<BlockHash, HeaderRun.Node> known = runsBeside(file, params);
        for (CsvTable.Row row : file.table().rows()) {
            cases.run(row.index(), () -> stale(row, known, params));
        }
    }

    private static void stale(
            CsvTable.Row row, Map<BlockHash, HeaderRun.Node> known, ChainParams params) {
        BlockHeader header = Vector.header(row.get("header_hex"));
        Expect.same("the hash", row.get("hash"), header.hash().toHex());
        checkWork(header, params);
        HeaderRun.Node parent = known.get(header.parent());
        if (parent == null) {
            return;
        }
        Expect.same("the height", row.number("height"), parent.height() + 1);
        if (parent.knowsContext(params.pow())) {
            RuleFailure failure = HeaderCheck.checkInContext(header, parent, LATE.wall(), params);
            Expect.same("the check on its branch", null, failure);
            Expect.holds("the header is stale", !known.containsKey(header.hash()));
        }
    }

    private static ChainParams params(VectorFile file) {
        String stem = file.stem();
        return Vector.params(stem.substring(stem.lastIndexOf('_') + 1)).orElse(MAIN);
    }

    private static Map<BlockHash, HeaderRun.Node> runsBeside(VectorFile file, ChainParams params) {
        var known = new HashMap<BlockHash, HeaderRun.Node>();
        Path folder = file.path().resolveSibling("headers");
        if (!Files.isDirectory(folder)) {
            return known;
        }
        try (Stream<Path> paths = Files.list(folder)) {
            for (Path path : paths.sorted().toList()) {
                var run = new VectorFile(path);
                boolean same =
                        Vector.params(run.stem())
                                .filter(each -> each.network() == params.network())
                                .isPresent();
                if (same && run.name().endsWith(".bin")) {
                    HeaderRun.read(firstHeight(run), run.bytes())
                            .nodes()
                            .forEach(node -> known.put(node.hash(), node));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return known;
    }

    /// Headers with valid work that break a rule.
    static void invalid(VectorFile file, Cases cases) {
        ChainParams params = params(file);
        for (CsvTable.Row row : file.table().rows()) {
            cases.run(row.index(), () -> invalid(row, params));
        }
    }

    private static void invalid(CsvTable.Row row, ChainParams params) {
        int height = row.number("height");
        BlockHeader header = Vector.header(row.get("header_hex"));
        Expect.same("the hash", row.get("hash"), header.hash().toHex());
        checkWork(header, params);
        String reason = row.get("core_reject_reason");
        switch (reason) {
            case "bad-version", "bad-diffbits", "time-too-old" -> {
                String median = row.get("parent_median_time_past");
                String bits = row.get("expected_bits");
                var parent =
                        new UnknownParent(
                                height - 1,
                                median.isEmpty() ? header.time() - 1 : Long.parseLong(median),
                                bits.isEmpty() ? header.bits() : Vector.bits(bits),
                                params.pow().targetTimespanSeconds());
                Expect.same("the reason", reason, reason(header, parent, params));
            }
            case "bad-cb-height" -> {
                byte[] script = row.bytes("coinbase_scriptsig_hex");
                byte[] push = BlockCheck.heightPush(height).toByteArray();
                int mismatch = java.util.Arrays.mismatch(push, script);
                boolean begins = mismatch < 0 || mismatch >= push.length;
                Expect.holds("the coinbase says another height", !begins);
            }
            case "bad-cb-length" -> {
                int length = row.bytes("coinbase_scriptsig_hex").length;
                Expect.holds("the script is too short or too long", length < 2 || length > 100);
            }
            default -> {
                // The rule is one of the body, which the file does not have.
            }
        }
    }

    private static String reason(BlockHeader header, UnknownParent parent, ChainParams params) {
        RuleFailure failure = HeaderCheck.checkInContext(header, parent, LATE.wall(), params);
        if (failure == null) {
            return "none";
        }
        int details = failure.reason().indexOf('(');
        return details < 0 ? failure.reason() : failure.reason().substring(0, details);
    }

    /// The fork of July 2015: an outdated version first, and what was built on it.
    static void fork2015(VectorFile file, Cases cases) {
        HeaderRun run = HeaderRun.read(FORK_2015_HEIGHT, file.bytes());
        for (HeaderRun.Node node : run.nodes()) {
            cases.run(
                    "height " + node.height(),
                    () -> {
                        BlockHeader header = node.header();
                        checkWork(header, MAIN);
                        HeaderRun.Node before = node.parent();
                        if (before != null) {
                            Expect.same("the parent", before.hash(), header.parent());
                        }
                        long timespan = MAIN.pow().targetTimespanSeconds();
                        var parent = UnknownParent.of(header, node.height(), timespan);
                        String wanted = before == null ? "bad-version" : "none";
                        Expect.same("the reason", wanted, reason(header, parent, MAIN));
                    });
        }
    }
}
