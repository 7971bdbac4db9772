package weft.consensus;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;
import weft.primitives.Bytes;
import weft.primitives.Check;
import weft.primitives.Digest256;
import weft.primitives.codec.ByteReader;
import weft.testkit.Vectors;

/// Real headers: links, work, difficulty, times and versions.
class HeaderRunsTest {
    private static final Instant LATE = Instant.parse("2040-01-01T00:00:00Z");
    private static final int MEDIAN_SPAN = 11;

    @ParameterizedTest
    @CsvSource({
        "MAIN,mainnet_0000000_0032260", "MAIN,mainnet_0040000_0049999",
                "MAIN,mainnet_0080001_0100000",
        "MAIN,mainnet_0150001_0250000", "MAIN,mainnet_0586657_0589289",
                "MAIN,mainnet_0822528_0830592",
        "MAIN,mainnet_0832001_0833097", "SIGNET,signet_0000000_0002015",
                "TESTNET4,testnet4_0000000_0000100",
        "TESTNET4,testnet4_0141120_0143136", "REGTEST,regtest_0000000_0000100"
    })
    void shouldAcceptEveryHeader(Network network, String file) {
        ChainParams params = ChainParams.of(network);
        int first = Integer.parseInt(file.split("_")[1]);
        HeaderRun run = HeaderRun.read(first, Vectors.bytes("chain/headers/" + file + ".bin"));
        int interval = params.pow().interval();
        int checked = 0;
        for (HeaderRun.Node node : run.nodes()) {
            assertThat(HeaderCheck.checkWork(node.header(), node.hash(), params)).isNull();
            HeaderRun.Node parent = node.parent();
            if (parent == null) {
                continue;
            }
            assertThat(node.header().parent()).isEqualTo(parent.hash());
            // A run that begins in the middle does not tell medians and retargets at its beginning.
            int known = node.height() - first;
            boolean retargets = node.height() % interval == 0;
            if (first == 0 || (known >= MEDIAN_SPAN && (known >= interval || !retargets))) {
                assertThat(HeaderCheck.checkInContext(node.header(), parent, LATE, params))
                        .as("height %d", node.height())
                        .isNull();
                checked++;
            }
        }
        assertThat(checked).isGreaterThan(run.size() * 9 / 10 - MEDIAN_SPAN);
    }

    @Test
    void shouldFollowTestnet3WithItsEasyBlocks() {
        ChainParams params = ChainParams.of(Network.TESTNET3);
        var run = new HeaderRun(0);
        run.add(params.genesis().header());
        for (String line : Vectors.lines("chain/headers/testnet3_first_with_forks.hex")) {
            if (!line.startsWith("fork:")) {
                BlockHeader header = parse(line.strip());
                assertThat(HeaderCheck.checkWork(header, header.hash(), params)).isNull();
                assertThat(HeaderCheck.checkInContext(header, run.last(), LATE, params)).isNull();
                run.add(header);
            }
        }
        assertThat(run.size()).isEqualTo(547);
        assertThat(run.last().hash()).isEqualTo(params.trust().checkpoints().get(546));
    }

    @Test
    void shouldRetargetTestnet4FromTheFirstBlock() {
        HeaderRun run =
                HeaderRun.read(
                        141_120, Vectors.bytes("chain/headers/testnet4_0141120_0143136.bin"));
        ChainParams.Pow pow = ChainParams.of(Network.TESTNET4).pow();
        assertThat(PowRules.nextBits(run.at(143_135), run.last().header().time(), pow))
                .isEqualTo(0x190228f4L);
        ChainParams.Pow old = ChainParams.of(Network.TESTNET3).pow();
        assertThat(PowRules.nextBits(run.at(143_135), run.last().header().time(), old))
                .isEqualTo(0x1d00fa54L);
    }

    @Test
    void shouldAcceptStaleHeaders() {
        ChainParams params = ChainParams.of(Network.MAIN);
        HeaderRun run =
                HeaderRun.read(150_001, Vectors.bytes("chain/headers/mainnet_0150001_0250000.bin"));
        Map<BlockHash, HeaderRun.Node> byHash = new HashMap<>();
        run.nodes().forEach(node -> byHash.put(node.hash(), node));
        int checked = 0;
        List<String> lines = Vectors.lines("chain/stale_headers_mainnet.csv");
        for (String line : lines.subList(1, lines.size())) {
            String[] row = line.split(",");
            BlockHeader header = parse(row[2]);
            HeaderRun.Node parent = byHash.get(header.parent());
            if (parent == null || parent.height() < 150_001 + 2016) {
                continue;
            }
            assertThat(header.hash().toHex()).isEqualTo(row[1]);
            assertThat(HeaderCheck.checkWork(header, header.hash(), params)).isNull();
            assertThat(HeaderCheck.checkInContext(header, parent, LATE, params)).as(line).isNull();
            checked++;
        }
        assertThat(checked).isGreaterThan(100);
    }

    @Test
    void shouldRefuseInvalidHeaders() {
        List<String> lines = Vectors.lines("chain/invalid/invalid_headers_mainnet.csv");
        int checked = 0;
        for (String line : lines.subList(1, lines.size())) {
            String[] row = line.split(",", -1);
            int height = Integer.parseInt(row[0]);
            BlockHeader header = parse(row[4]);
            ChainParams params = ChainParams.of(Network.MAIN);
            assertThat(HeaderCheck.checkWork(header, header.hash(), params)).as(line).isNull();
            String expected =
                    row[3].equals("bad-version")
                            ? String.format("bad-version(0x%08x)", header.version())
                            : row[3];
            switch (row[3]) {
                case "bad-version", "bad-diffbits", "time-too-old" -> {
                    long median = row[6].isEmpty() ? header.time() - 1 : Long.parseLong(row[6]);
                    long bits = row[5].isEmpty() ? header.bits() : Long.parseLong(row[5], 16);
                    RuleFailure failure =
                            failure(
                                    HeaderCheck.checkInContext(
                                            header,
                                            new Parent(height - 1, median, bits),
                                            LATE,
                                            params));
                    assertThat(failure.reason()).isEqualTo(expected);
                    assertThat(failure.kind()).isEqualTo(RuleFailure.Kind.INVALID_HEADER);
                    checked++;
                }
                case "bad-cb-height" -> {
                    assertThat(Bytes.parse(row[8]).startsWith(BlockCheck.heightPush(height)))
                            .isFalse();
                    checked++;
                }
                case "bad-cb-length" -> {
                    assertThat(Bytes.parse(row[8]).length()).isGreaterThan(100);
                    checked++;
                }
                default -> assertThat(row[3]).isEqualTo("bad-txns-vout-toolarge");
            }
        }
        assertThat(checked).isEqualTo(lines.size() - 2);
    }

    /// A header of which only what the rules ask for is known. Its period has no other bits.
    private record Parent(int height, long medianTimePast, long bits) implements HeaderView {
        @Override
        public BlockHeader header() {
            return new BlockHeader(4, BlockHash.ZERO, Digest256.ZERO, medianTimePast, bits, 0);
        }

        @Override
        public BlockHash hash() {
            return BlockHash.ZERO;
        }

        @Override
        public @Nullable HeaderView parent() {
            return null;
        }

        @Override
        public HeaderView ancestor(int wanted) {
            // Two weeks before, so that the next period's difficulty is this one's.
            return new Parent(wanted, medianTimePast - 1_209_600, bits);
        }
    }

    @Test
    void shouldRefuseTheForkOfJuly2015() {
        HeaderRun fork =
                HeaderRun.read(
                        363_731, Vectors.bytes("chain/invalid/bip66_fork_20150704_headers.bin"));
        ChainParams params = ChainParams.of(Network.MAIN);
        BlockHeader first = fork.at(363_731).header();
        RuleFailure failure =
                failure(
                        HeaderCheck.checkInContext(
                                first,
                                new Parent(363_730, first.time() - 1, first.bits()),
                                LATE,
                                params));
        assertThat(failure.reason()).isEqualTo("bad-version(0x00000002)");
        for (int height = 363_732; height <= 363_736; height++) {
            BlockHeader header = fork.at(height).header();
            assertThat(
                            HeaderCheck.checkInContext(
                                    header,
                                    new Parent(height - 1, header.time() - 1, header.bits()),
                                    LATE,
                                    params))
                    .isNull();
        }
    }

    private static BlockHeader parse(String hex) {
        return BlockHeader.read(ByteReader.of(Bytes.parse(hex).toByteArray()));
    }

    @Test
    void shouldWaitForHeadersOfTheFuture() {
        ChainParams params = ChainParams.of(Network.REGTEST);
        var run = new HeaderRun(0);
        run.add(params.genesis().header());
        Instant now = Instant.ofEpochSecond(1_700_000_000L);
        assertThat(HeaderCheck.checkInContext(after(run, 1_700_007_200L), run.last(), now, params))
                .isNull();
        RuleFailure failure =
                failure(
                        HeaderCheck.checkInContext(
                                after(run, 1_700_007_201L), run.last(), now, params));
        assertThat(failure.reason()).isEqualTo("time-too-new");
        assertThat(failure.kind()).isEqualTo(RuleFailure.Kind.TIME_FUTURE);
    }

    @Test
    void shouldAskForTimesAfterTheMedian() {
        ChainParams params = ChainParams.of(Network.REGTEST);
        var run = new HeaderRun(0);
        run.add(params.genesis().header());
        long median = run.last().medianTimePast();
        assertThat(HeaderCheck.checkInContext(after(run, median + 1), run.last(), LATE, params))
                .isNull();
        RuleFailure failure =
                failure(HeaderCheck.checkInContext(after(run, median), run.last(), LATE, params));
        assertThat(failure)
                .isEqualTo(RuleFailure.header("time-too-old", "block's timestamp is too early"));
    }

    @Test
    void shouldBindTheTimeOfTestnet4sFirstBlocks() {
        HeaderRun run =
                HeaderRun.read(
                        141_120, Vectors.bytes("chain/headers/testnet4_0141120_0143136.bin"));
        ChainParams params = ChainParams.of(Network.TESTNET4);
        HeaderRun.Node parent = run.at(143_135);
        long bits = run.last().header().bits();
        long edge = parent.header().time() - 600;
        BlockHeader right =
                new BlockHeader(0x20000000, parent.hash(), Digest256.ZERO, edge, bits, 0);
        BlockHeader wrong =
                new BlockHeader(0x20000000, parent.hash(), Digest256.ZERO, edge - 1, bits, 0);
        assertThat(edge - 1).isGreaterThan(parent.medianTimePast());
        assertThat(HeaderCheck.checkInContext(right, parent, LATE, params)).isNull();
        RuleFailure failure = failure(HeaderCheck.checkInContext(wrong, parent, LATE, params));
        assertThat(failure.reason()).isEqualTo("time-timewarp-attack");
    }

    private static BlockHeader after(HeaderRun run, long time) {
        return new BlockHeader(4, run.last().hash(), Digest256.ZERO, time, 0x207fffffL, 0);
    }

    private static RuleFailure failure(@Nullable RuleFailure failure) {
        return Check.present(failure, "a rule is broken");
    }
}
