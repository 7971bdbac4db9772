package weft.consensus;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.primitives.Amount;
import weft.primitives.Bytes;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.Txid;
import weft.testkit.Property;
import weft.testkit.Sabotage;
import weft.testkit.SeenRed;

/// Attacks of the past that made money from nothing, as far as a transaction alone shows them.
class MoneyAttackTest implements SeenRed {
    private static final long MAX = Amount.MAX_SATOSHIS;

    private static Transaction tx(List<OutPoint> spent, long... values) {
        return Transaction.of(
                1,
                spent.stream().map(coin -> new TxIn(coin, Bytes.parse("00"), 0)).toList(),
                Arrays.stream(values).mapToObj(value -> new TxOut(value, Bytes.EMPTY)).toList(),
                List.of(),
                0);
    }

    private static OutPoint coin(long number) {
        return new OutPoint(new Txid(number, 2, 3, 4), 0);
    }

    private static Transaction paying(long... values) {
        return tx(List.of(coin(1)), values);
    }

    private static String reason(@Nullable RuleFailure failure) {
        return failure == null ? "" : failure.reason();
    }

    private static String spending(Transaction tx, long... values) {
        List<Coin> coins =
                Arrays.stream(values)
                        .mapToObj(value -> new Coin(new TxOut(value, Bytes.EMPTY), 1, false))
                        .toList();
        return reason(TxInputs.check(tx, coins, 200).failure());
    }

    @Test
    @DisplayName("A01 outputs beyond 21 million, alone or in sum, however the sum overflows")
    @Sabotage(type = "weft.consensus.TxCheck", method = "checkAmounts", returns = "null")
    @Sabotage(
            type = "weft.consensus.TxCheck",
            method = "checkAmounts",
            call = "isInRange",
            returns = "true")
    @Sabotage(
            type = "weft.consensus.TxCheck",
            method = "checkAmounts",
            constant = "2100000000000000>9223372036854775807")
    @Sabotage(type = "weft.consensus.TxCheck", method = "checkAmounts", flips = 2)
    void shouldRefuseOutputsThatOverflow() {
        // The two outputs of block 74638: their sum is negative in 64 bits.
        long historic = 9_223_372_036_854_275_808L;
        assertThat(historic + historic).isNegative();
        assertThat(reason(TxCheck.check(paying(historic, historic))))
                .isEqualTo("bad-txns-vout-toolarge");
        assertThat(reason(TxCheck.check(paying(MAX + 1)))).isEqualTo("bad-txns-vout-toolarge");
        assertThat(reason(TxCheck.check(paying(Long.MAX_VALUE))))
                .isEqualTo("bad-txns-vout-toolarge");
        // 2^63 as the wire has it.
        assertThat(reason(TxCheck.check(paying(Long.MIN_VALUE))))
                .isEqualTo("bad-txns-vout-negative");
        assertThat(reason(TxCheck.check(paying(-1)))).isEqualTo("bad-txns-vout-negative");
        assertThat(reason(TxCheck.check(paying(1, -1)))).isEqualTo("bad-txns-vout-negative");
        assertThat(reason(TxCheck.check(paying(MAX, 1)))).isEqualTo("bad-txns-txouttotal-toolarge");
        assertThat(reason(TxCheck.check(paying(MAX - 1, 1)))).isEmpty();
        // 5000 outputs of 21 million bring a sum of 64 bits back into range.
        long[] many = new long[8785];
        Arrays.fill(many, MAX);
        assertThat(reason(TxCheck.check(paying(many)))).isEqualTo("bad-txns-txouttotal-toolarge");
    }

    @Test
    @DisplayName("A01 inputs beyond 21 million, alone or in sum, and outputs beyond the inputs")
    @Sabotage(
            type = "weft.consensus.TxInputs",
            method = "check",
            call = "isInRange",
            returns = "true")
    @Sabotage(type = "weft.consensus.TxInputs", method = "check", flips = 6)
    void shouldRefuseInputsThatOverflow() {
        String outOfRange = "bad-txns-inputvalues-outofrange";
        Transaction two = tx(List.of(coin(1), coin(2)), 5);
        assertThat(spending(two, MAX, 1)).isEqualTo(outOfRange);
        assertThat(spending(two, MAX - 1, 1)).isEmpty();
        assertThat(spending(two, Long.MAX_VALUE, Long.MAX_VALUE)).isEqualTo(outOfRange);
        assertThat(spending(two, 10, -1)).isEqualTo(outOfRange);
        assertThat(spending(paying(5), MAX + 1)).isEqualTo(outOfRange);
        assertThat(spending(paying(50, 51), 100)).isEqualTo("bad-txns-in-belowout");
        assertThat(spending(paying(50, 50), 100)).isEmpty();
    }

    @Test
    @DisplayName("A09 a coin spent twice by one transaction")
    @Sabotage(
            type = "weft.consensus.TxCheck",
            method = "checkInputs",
            call = "add",
            returns = "true")
    void shouldRefuseACoinThatIsSpentTwice() {
        assertThat(reason(TxCheck.check(tx(List.of(coin(1), coin(1)), 5))))
                .isEqualTo("bad-txns-inputs-duplicate");
        assertThat(reason(TxCheck.check(tx(List.of(coin(1), coin(2), coin(3), coin(1)), 5))))
                .isEqualTo("bad-txns-inputs-duplicate");
        Property.holds(
                50,
                random -> {
                    var spent = new ArrayList<OutPoint>();
                    for (int i = 0; i < 2 + random.nextInt(60); i++) {
                        spent.add(coin(i));
                    }
                    assertThat(reason(TxCheck.check(tx(spent, 1)))).isEmpty();
                    spent.add(random.nextInt(spent.size()), coin(random.nextInt(2)));
                    assertThat(reason(TxCheck.check(tx(spent, 1))))
                            .isEqualTo("bad-txns-inputs-duplicate");
                });
    }

    @Test
    @DisplayName("A11 no subsidy from 64 halvings on, although a shift by 64 is one by 0")
    @Sabotage(type = "weft.consensus.Subsidy", method = "at", constant = "64>2147483647")
    @Sabotage(type = "weft.consensus.Subsidy", method = "at", constant = "64>65")
    void shouldEndTheSubsidyForGood() {
        ChainParams main = ChainParams.of(Network.MAIN);
        ChainParams regtest = ChainParams.of(Network.REGTEST);
        assertThat(Subsidy.at(33 * 210_000 - 1, main)).isEqualTo(1);
        assertThat(Subsidy.at(13_439_999, main)).isZero();
        assertThat(Subsidy.at(13_440_000, main)).isZero();
        assertThat(Subsidy.at(Integer.MAX_VALUE, main)).isZero();
        assertThat(Subsidy.at(33 * 150 - 1, regtest)).isEqualTo(1);
        assertThat(Subsidy.at(64 * 150 - 1, regtest)).isZero();
        assertThat(Subsidy.at(64 * 150, regtest)).isZero();
        assertThat(Subsidy.at(Integer.MAX_VALUE, regtest)).isZero();
    }

    @Test
    @DisplayName("A19 a coinbase's coin at depth 99 and at depth 100")
    @Sabotage(type = "weft.consensus.TxInputs", method = "check", constant = "100>99")
    @Sabotage(type = "weft.consensus.TxInputs", method = "check", constant = "100>101")
    @Sabotage(
            type = "weft.consensus.TxInputs",
            method = "check",
            call = "isCoinbase",
            returns = "false")
    void shouldLetACoinbaseMature() {
        List<Coin> coins = List.of(new Coin(new TxOut(9, Bytes.EMPTY), 1000, true));
        assertThat(reason(TxInputs.check(paying(9), coins, 1099).failure()))
                .isEqualTo("bad-txns-premature-spend-of-coinbase");
        assertThat(TxInputs.check(paying(9), coins, 1100).failure()).isNull();
    }
}
