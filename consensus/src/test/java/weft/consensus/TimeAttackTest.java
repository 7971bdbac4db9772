package weft.consensus;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.primitives.Block;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;
import weft.primitives.Bytes;
import weft.primitives.Digest256;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.Txid;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;

/// Attacks on lock times, on the times of headers, and on the targets that they claim.
class TimeAttackTest implements SeenRed {
    private static final long EASY = 0x207fffffL;
    private static final long FINAL = TxIn.SEQUENCE_FINAL;

    private static Transaction tx(long version, long lockTime, long... sequences) {
        return Transaction.of(
                version,
                Arrays.stream(sequences)
                        .mapToObj(
                                sequence ->
                                        new TxIn(
                                                new OutPoint(new Txid(1, 2, 3, 4), 0),
                                                Bytes.EMPTY,
                                                sequence))
                        .toList(),
                List.of(new TxOut(1, Bytes.EMPTY)),
                List.of(),
                lockTime);
    }

    private static String reason(@Nullable RuleFailure failure) {
        return failure == null ? "" : failure.reason();
    }

    /// Headers up to a height, some seconds apart.
    private static HeaderRun run(int height, int seconds) {
        var run = new HeaderRun(0);
        run.add(ChainParams.of(Network.REGTEST).genesis().header());
        for (int i = 1; i <= height; i++) {
            run.add(next(run.last(), run.last().header().time() + seconds, EASY));
        }
        return run;
    }

    private static BlockHeader next(HeaderView last, long time, long bits) {
        return new BlockHeader(4, last.hash(), Digest256.ZERO, time, bits, 0);
    }

    @Test
    @DisplayName("A13 versions with the highest bit set are large, so relative lock times hold")
    @Sabotage(
            type = "weft.consensus.LockTimes",
            method = "sequenceLocks",
            call = "version",
            returns = "-1")
    @Sabotage(type = "weft.consensus.LockTimes", method = "areMet", returns = "true")
    void shouldTakeTheVersionAsUnsigned() {
        HeaderView tip = run(30, 512).last();
        for (long version : new long[] {2, 0x7fffffffL, 0x80000000L, 0x80000002L, 0xffffffffL}) {
            assertThat(isMet(tx(version, 0, 11), tip)).isTrue();
            assertThat(isMet(tx(version, 0, 12), tip)).as("version %s", version).isFalse();
            assertThat(isMet(tx(version, 0, 11 | 1L << 22), tip)).isTrue();
            assertThat(isMet(tx(version, 0, 12 | 1L << 22), tip)).isFalse();
        }
        assertThat(isMet(tx(0, 0, 12), tip)).isTrue();
        assertThat(isMet(tx(1, 0, 12), tip)).isTrue();
    }

    private static boolean isMet(Transaction tx, HeaderView tip) {
        return LockTimes.areMet(LockTimes.sequenceLocks(tx, List.of(20), tip, true), tip);
    }

    @Test
    @DisplayName("A18 lock times end after their height or time, not at it")
    @Sabotage(
            type = "weft.consensus.BlockCheck",
            method = "checkInContext",
            call = "isFinal",
            returns = "true")
    @Sabotage(type = "weft.consensus.LockTimes", method = "isFinal", flips = 3)
    @Sabotage(
            type = "weft.consensus.LockTimes",
            method = "isFinal",
            call = "allMatch",
            returns = "true")
    @Sabotage(
            type = "weft.consensus.LockTimes",
            method = "isFinal",
            constant = "500000000>500000001")
    @Sabotage(
            type = "weft.consensus.BlockCheck",
            method = "checkInContext",
            call = "medianTimePast",
            returns = "2000000000")
    void shouldRefuseBlocksWithTransactionsThatAreNotFinal() {
        HeaderView parent = run(20, 600).last();
        int height = parent.height() + 1;
        long median = parent.medianTimePast();
        assertThat(inBlock(tx(1, height - 1L, 0), parent)).isEmpty();
        assertThat(inBlock(tx(1, height, 0), parent)).isEqualTo("bad-txns-nonfinal");
        assertThat(inBlock(tx(1, height + 1L, 0), parent)).isEqualTo("bad-txns-nonfinal");
        assertThat(inBlock(tx(1, median - 1, 0), parent)).isEmpty();
        assertThat(inBlock(tx(1, median, 0), parent)).isEqualTo("bad-txns-nonfinal");
        assertThat(inBlock(tx(1, median + 1, 0), parent)).isEqualTo("bad-txns-nonfinal");
        assertThat(inBlock(tx(1, height, FINAL), parent)).isEmpty();
        assertThat(inBlock(tx(1, height, FINAL, FINAL), parent)).isEmpty();
        assertThat(inBlock(tx(1, height, FINAL, FINAL - 1), parent)).isEqualTo("bad-txns-nonfinal");
        assertThat(inBlock(tx(1, 0xffffffffL, FINAL, 0), parent)).isEqualTo("bad-txns-nonfinal");
        assertThat(inBlock(tx(1, 499_999_999, 0), parent)).isEqualTo("bad-txns-nonfinal");
        assertThat(LockTimes.isFinal(tx(1, 500_000_000, 0), 3, 500_000_001)).isTrue();
        assertThat(LockTimes.isFinal(tx(1, 500_000_000, 0), 500_000_001, 500_000_000)).isFalse();
    }

    private static String inBlock(Transaction tx, HeaderView parent) {
        Transaction coinbase =
                Transaction.of(
                        1,
                        List.of(
                                new TxIn(
                                        OutPoint.NULL,
                                        BlockCheck.heightPush(parent.height() + 1),
                                        0)),
                        List.of(new TxOut(1, Bytes.EMPTY)),
                        List.of(),
                        0);
        // The block's own time is a day later: since BIP-0113 it does not count.
        BlockHeader header = next(parent, parent.header().time() + 86_400, EASY);
        Block block = Block.of(header, List.of(coinbase, tx));
        return reason(BlockCheck.checkInContext(block, parent, ChainParams.of(Network.REGTEST)));
    }

    @Test
    @DisplayName("A18 before BIP-0113 the block's own time counts, after it the median")
    @Sabotage(
            type = "weft.consensus.BlockCheck",
            method = "checkInContext",
            call = "csv",
            returns = "0")
    void shouldChangeTheClockAtTheHeightOfCsv() {
        ChainParams main = ChainParams.of(Network.MAIN);
        Transaction locked = tx(1, 1_500_000_000, 0);
        for (int height : new int[] {419_326, 419_327}) {
            var run = new HeaderRun(height);
            run.add(
                    new BlockHeader(
                            4, BlockHash.ZERO, Digest256.ZERO, 1_499_990_000, 0x1d00ffffL, 0));
            HeaderView parent = run.last();
            Transaction coinbase =
                    Transaction.of(
                            1,
                            List.of(new TxIn(OutPoint.NULL, BlockCheck.heightPush(height + 1), 0)),
                            List.of(new TxOut(1, Bytes.EMPTY)),
                            List.of(),
                            0);
            Block block =
                    Block.of(next(parent, 1_500_000_001, 0x1d00ffffL), List.of(coinbase, locked));
            assertThat(reason(BlockCheck.checkInContext(block, parent, main)))
                    .isEqualTo(height + 1 < 419_328 ? "" : "bad-txns-nonfinal");
        }
    }

    @Test
    @DisplayName("A23 the first header of a period may go back 600 seconds on testnet4 only")
    @Sabotage(type = "weft.consensus.HeaderCheck", method = "checkInContext", constant = "600>601")
    @Sabotage(type = "weft.consensus.HeaderCheck", method = "checkInContext", constant = "600>599")
    @Sabotage(
            type = "weft.consensus.HeaderCheck",
            method = "checkInContext",
            call = "enforceBip94",
            returns = "true")
    void shouldStopTheTimeWarpWhereTheNetworkSaysSo() {
        for (Network network : new Network[] {Network.TESTNET4, Network.MAIN}) {
            ChainParams params = ChainParams.of(network);
            String refused = network == Network.MAIN ? "" : "time-timewarp-attack";
            var run = new HeaderRun(0);
            run.add(params.genesis().header());
            long bits = params.genesis().header().bits();
            for (int i = 1; i < 2016; i++) {
                run.add(
                        next(
                                run.last(),
                                run.last().header().time() + (i < 2015 ? 600 : 9000),
                                bits));
            }
            HeaderView last = run.last();
            long time = last.header().time();
            assertThat(warped(last, time - 601, params)).isEqualTo(refused);
            assertThat(warped(last, time - 600, params)).isEmpty();
            run.add(next(last, time, bits));
            // Inside the period time may go back as far as the median.
            assertThat(warped(run.last(), time - 601, params)).isEmpty();
        }
    }

    private static String warped(HeaderView parent, long time, ChainParams params) {
        long bits = PowRules.nextBits(parent, time, params.pow());
        return reason(
                HeaderCheck.checkInContext(
                        next(parent, time, bits), parent, Instant.ofEpochSecond(time), params));
    }

    @Test
    @DisplayName("A24 negative, overflowing and zero targets are none, and too easy ones neither")
    @Sabotage(
            type = "weft.consensus.PowRules",
            method = "hasValidWork",
            call = "negative",
            returns = "false")
    @Sabotage(
            type = "weft.consensus.PowRules",
            method = "hasValidWork",
            call = "overflow",
            returns = "false")
    @Sabotage(type = "weft.consensus.CompactBits", method = "decode", constant = "34>35")
    @Sabotage(type = "weft.consensus.CompactBits", method = "decode", constant = "33>34")
    @Sabotage(type = "weft.consensus.CompactBits", method = "decode", constant = "32>33")
    void shouldTakeNoWorkForATargetThatIsNone() {
        ChainParams regtest = ChainParams.of(Network.REGTEST);
        // With the easiest limit there is, only the form of the target can be what is wrong.
        ChainParams.Pow pow = regtest.pow();
        for (long bits :
                new long[] {
                    0,
                    0x01fedcbaL,
                    0x04923456L,
                    0xff123456L,
                    0x00123456L,
                    0x01003456L,
                    0x02000056L,
                    0x03000000L,
                    0x04000000L,
                    0x00923456L,
                    0x01803456L,
                    0x02800056L,
                    0x03800000L,
                    0x04800000L,
                    0x20800001L,
                    0x21010000L,
                    0x22000100L,
                    0x23000001L,
                    0x21010001L,
                    0x22000101L
                }) {
            assertThat(PowRules.hasValidWork(BlockHash.ZERO, bits, pow))
                    .as("bits %08x", bits)
                    .isFalse();
        }
        assertThat(PowRules.hasValidWork(BlockHash.ZERO, 0x01123456L, pow)).isTrue();
        assertThat(PowRules.hasValidWork(BlockHash.ZERO, 0x20123456L, pow)).isTrue();
        assertThat(PowRules.hasValidWork(BlockHash.ZERO, EASY, pow)).isTrue();
        assertDecoded(0x01123456L, "12", false, false);
        assertDecoded(0x01fedcbaL, "7e", true, false);
        assertDecoded(0x02123456L, "1234", false, false);
        assertDecoded(0x03123456L, "123456", false, false);
        assertDecoded(0x04123456L, "12345600", false, false);
        assertDecoded(0x04923456L, "12345600", true, false);
        assertDecoded(0x05009234L, "92340000", false, false);
        assertDecoded(0x20123456L, "123456" + "00".repeat(29), false, false);
        assertThat(CompactBits.decode(0x21008000L).overflow()).isFalse();
        assertThat(CompactBits.decode(0x21010000L).overflow()).isTrue();
        assertThat(CompactBits.decode(0x220000ffL).overflow()).isFalse();
        assertThat(CompactBits.decode(0x22000100L).overflow()).isTrue();
        assertThat(CompactBits.decode(0x23000001L).overflow()).isTrue();
        assertThat(CompactBits.decode(0xff123456L).overflow()).isTrue();
    }

    private static void assertDecoded(long bits, String hex, boolean negative, boolean overflow) {
        assertThat(CompactBits.decode(bits))
                .isEqualTo(new CompactBits.Target(new BigInteger(hex, 16), negative, overflow));
    }

    @Test
    @DisplayName("A24 headers with such targets, or with another target than the branch's")
    @Sabotage(type = "weft.consensus.HeaderCheck", method = "checkInContext", flips = 1)
    @Sabotage(type = "weft.consensus.PowRules", method = "hasValidWork", returns = "true")
    void shouldRefuseHeadersWithWrongTargets() {
        ChainParams main = ChainParams.of(Network.MAIN);
        var run = new HeaderRun(0);
        run.add(main.genesis().header());
        HeaderView genesis = run.last();
        for (long bits : new long[] {0x01fedcbaL, 0x04923456L, 0xff123456L, 0, EASY, 0x1d00fffeL}) {
            BlockHeader header = next(genesis, genesis.header().time() + 600, bits);
            assertThat(reason(HeaderCheck.checkWork(header, header.hash(), main)))
                    .isEqualTo("high-hash");
            assertThat(
                            reason(
                                    HeaderCheck.checkInContext(
                                            header,
                                            genesis,
                                            Instant.ofEpochSecond(header.time()),
                                            main)))
                    .isEqualTo("bad-diffbits");
        }
    }
}
