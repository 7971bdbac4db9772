package weft.consensus;

import java.util.List;
import org.jspecify.annotations.Nullable;
import weft.primitives.Amount;
import weft.primitives.Check;
import weft.primitives.Transaction;
import weft.primitives.TxOut;

/// What a transaction must be with the coins that it spends.
public final class TxInputs {
    /// Blocks that a coinbase's coins must wait.
    public static final int COINBASE_MATURITY_BLOCKS = 100;

    private TxInputs() {}

    /// A fee, or why there is none.
    ///
    /// @param fee in satoshis; 0 with a failure
    public record Result(long fee, @Nullable RuleFailure failure) {}

    /// Checks maturity and amounts.
    ///
    /// @param spent the coin of each input, in order
    /// @param height of the block that the transaction is in, or would be
    public static Result check(Transaction tx, List<Coin> spent, int height) {
        Check.argument(spent.size() == tx.inputs().size(), "one coin for each input");
        long in = 0;
        for (Coin coin : spent) {
            if (coin.isCoinbase() && height - coin.height() < COINBASE_MATURITY_BLOCKS) {
                return failed(
                        new RuleFailure(
                                RuleFailure.Kind.PREMATURE,
                                "bad-txns-premature-spend-of-coinbase",
                                "tried to spend coinbase at depth " + (height - coin.height())));
            }
            in += coin.out().value();
            if (!Amount.isInRange(coin.out().value()) || !Amount.isInRange(in)) {
                return failed(RuleFailure.consensus("bad-txns-inputvalues-outofrange", ""));
            }
        }
        long out = sum(tx.outputs());
        if (in < out) {
            return failed(
                    RuleFailure.consensus(
                            "bad-txns-in-belowout",
                            "value in ("
                                    + Amount.shorten(in)
                                    + ") < value out ("
                                    + Amount.shorten(out)
                                    + ")"));
        }
        long fee = in - out;
        if (!Amount.isInRange(fee)) {
            return failed(RuleFailure.consensus("bad-txns-fee-outofrange", ""));
        }
        return new Result(fee, null);
    }

    private static long sum(List<TxOut> outputs) {
        long sum = 0;
        for (TxOut each : outputs) {
            sum += each.value();
        }
        return sum;
    }

    private static Result failed(RuleFailure failure) {
        return new Result(0, failure);
    }
}
