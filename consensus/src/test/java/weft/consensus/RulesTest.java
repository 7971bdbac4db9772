package weft.consensus;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.primitives.Amount;
import weft.primitives.BlockHeader;
import weft.primitives.Bytes;
import weft.primitives.Digest256;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.Txid;

/// Subsidy, lock times, amounts and the forms of transactions.
class RulesTest {
    private static final OutPoint COIN = new OutPoint(new Txid(1, 2, 3, 4), 0);

    private static Transaction tx(long version, long sequence, long lockTime, long... values) {
        return Transaction.of(
                version,
                List.of(new TxIn(COIN, Bytes.EMPTY, sequence)),
                Arrays.stream(values).mapToObj(value -> new TxOut(value, Bytes.EMPTY)).toList(),
                List.of(),
                lockTime);
    }

    private static String reason(@Nullable RuleFailure failure) {
        return failure == null ? "" : failure.reason();
    }

    @Test
    @DisplayName("S-132 the subsidy halves on every network as a count by hand has it, and ends")
    void shouldHalveTheSubsidyUntilNothingIsLeft() {
        for (Network network : Network.values()) {
            ChainParams params = ChainParams.of(network);
            int interval = network == Network.REGTEST ? 150 : 210_000;
            long expected = 5_000_000_000L;
            for (int halving = 0; halving < 70; halving++) {
                int first = halving * interval;
                assertThat(Subsidy.at(first, params)).as(network + " " + first).isEqualTo(expected);
                assertThat(Subsidy.at(first + interval - 1, params)).isEqualTo(expected);
                expected /= 2;
            }
        }
    }

    @Test
    @DisplayName("S-132 all subsidies together stay below 21 million")
    void shouldNeverMakeMoreThan21Million() {
        ChainParams main = ChainParams.of(Network.MAIN);
        long sum = 0;
        for (int height = 0; height < 14_000_000; height += 1000) {
            sum += 1000 * Subsidy.at(height, main);
        }
        assertThat(sum).isEqualTo(2_099_999_997_690_000L);
        assertThat(Subsidy.at(209_999, main)).isEqualTo(5_000_000_000L);
        assertThat(Subsidy.at(210_000, main)).isEqualTo(2_500_000_000L);
        assertThat(Subsidy.at(64 * 210_000, main)).isZero();
        assertThat(Subsidy.at(150, ChainParams.of(Network.REGTEST))).isEqualTo(2_500_000_000L);
    }

    @Test
    void shouldNameWhatIsWrongWithATransaction() {
        long max = Amount.MAX_SATOSHIS;
        assertThat(reason(TxCheck.check(tx(1, 0, 0, max)))).isEmpty();
        assertThat(reason(TxCheck.check(tx(1, 0, 0)))).isEqualTo("bad-txns-vout-empty");
        assertThat(reason(TxCheck.check(tx(1, 0, 0, -1)))).isEqualTo("bad-txns-vout-negative");
        assertThat(reason(TxCheck.check(tx(1, 0, 0, max + 1)))).isEqualTo("bad-txns-vout-toolarge");
        assertThat(reason(TxCheck.check(tx(1, 0, 0, max, 1))))
                .isEqualTo("bad-txns-txouttotal-toolarge");
        var out = List.of(new TxOut(1, Bytes.EMPTY));
        var in = new TxIn(COIN, Bytes.EMPTY, 0);
        var none = new TxIn(OutPoint.NULL, Bytes.EMPTY, 0);
        assertThat(reason(TxCheck.check(Transaction.of(1, List.of(), out, List.of(), 0))))
                .isEqualTo("bad-txns-vin-empty");
        assertThat(reason(TxCheck.check(Transaction.of(1, List.of(in, in), out, List.of(), 0))))
                .isEqualTo("bad-txns-inputs-duplicate");
        assertThat(reason(TxCheck.check(Transaction.of(1, List.of(in, none), out, List.of(), 0))))
                .isEqualTo("bad-txns-prevout-null");
        assertThat(reason(TxCheck.check(Transaction.of(1, List.of(none), out, List.of(), 0))))
                .isEqualTo("bad-cb-length");
        var large = new TxOut(1, Bytes.wrap(new byte[1_000_000]));
        assertThat(
                        reason(
                                TxCheck.check(
                                        Transaction.of(
                                                1, List.of(in), List.of(large), List.of(), 0))))
                .isEqualTo("bad-txns-oversize");
    }

    @Test
    void shouldCheckAmountsAndMaturity() {
        Transaction spend = tx(1, 0, 0, 90);
        assertThat(
                        TxInputs.check(
                                        spend,
                                        List.of(new Coin(new TxOut(100, Bytes.EMPTY), 7, false)),
                                        8)
                                .fee())
                .isEqualTo(10);
        var young = new Coin(new TxOut(100, Bytes.EMPTY), 7, true);
        TxInputs.Result early = TxInputs.check(spend, List.of(young), 106);
        assertThat(early.failure())
                .isEqualTo(
                        new RuleFailure(
                                RuleFailure.Kind.PREMATURE,
                                "bad-txns-premature-spend-of-coinbase",
                                "tried to spend coinbase at depth 99"));
        assertThat(TxInputs.check(spend, List.of(young), 107).failure()).isNull();
        var poor = new Coin(new TxOut(89, Bytes.EMPTY), 7, false);
        assertThat(TxInputs.check(spend, List.of(poor), 8).failure())
                .isEqualTo(
                        RuleFailure.consensus(
                                "bad-txns-in-belowout",
                                "value in (0.00000089) < value out (0.0000009)"));
        var absurd = new Coin(new TxOut(-1, Bytes.EMPTY), 7, false);
        assertThat(reason(TxInputs.check(spend, List.of(absurd), 8).failure()))
                .isEqualTo("bad-txns-inputvalues-outofrange");
    }

    @Test
    void shouldKeepAbsoluteLockTimes() {
        assertThat(LockTimes.isFinal(tx(1, 0, 0, 1), 0, 0)).isTrue();
        assertThat(LockTimes.isFinal(tx(1, 0, 100, 1), 100, 0)).isFalse();
        assertThat(LockTimes.isFinal(tx(1, 0, 100, 1), 101, 0)).isTrue();
        assertThat(LockTimes.isFinal(tx(1, TxIn.SEQUENCE_FINAL, 100, 1), 100, 0)).isTrue();
        assertThat(LockTimes.isFinal(tx(1, 0, 500_000_000L, 1), 900_000, 500_000_000L)).isFalse();
        assertThat(LockTimes.isFinal(tx(1, 0, 500_000_000L, 1), 900_000, 500_000_001L)).isTrue();
    }

    @Test
    @DisplayName("BIP-0068: relative lock times in blocks and in units of 512 seconds")
    void shouldKeepRelativeLockTimes() {
        ChainParams params = ChainParams.of(Network.REGTEST);
        var run = new HeaderRun(0);
        run.add(params.genesis().header());
        for (int i = 1; i <= 30; i++) {
            var last = run.last();
            run.add(
                    new BlockHeader(
                            4,
                            last.hash(),
                            Digest256.ZERO,
                            last.header().time() + 512,
                            0x207fffffL,
                            i));
        }
        HeaderRun.Node tip = run.last();
        assertThat(met(tx(2, 11, 0, 1), 20, tip)).isTrue();
        assertThat(met(tx(2, 12, 0, 1), 20, tip)).isFalse();
        assertThat(met(tx(1, 12, 0, 1), 20, tip)).isTrue();
        assertThat(met(tx(2, 12 | 1L << 31, 0, 1), 20, tip)).isTrue();
        assertThat(met(tx(0xffffffffL, 12, 0, 1), 20, tip)).isFalse();
        // The medians of header 19 and of the tip are eleven times 512 seconds apart.
        assertThat(met(tx(2, 11 | 1L << 22, 0, 1), 20, tip)).isTrue();
        assertThat(met(tx(2, 12 | 1L << 22, 0, 1), 20, tip)).isFalse();
    }

    private static boolean met(Transaction tx, int coinHeight, HeaderView tip) {
        return LockTimes.areMet(LockTimes.sequenceLocks(tx, List.of(coinHeight), tip, true), tip);
    }
}
