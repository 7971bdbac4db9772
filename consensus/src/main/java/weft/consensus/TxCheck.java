package weft.consensus;

import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import weft.primitives.Amount;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;

/// What a transaction must be by itself, whatever it spends.
public final class TxCheck {
    /// Heaviest block, and so heaviest transaction. See BIP-0141.
    public static final int BLOCK_WEIGHT_MAX = 4_000_000;

    static final int WITNESS_SCALE = 4;
    private static final int COINBASE_SCRIPT_MIN = 2;
    private static final int COINBASE_SCRIPT_MAX = 100;

    private TxCheck() {}

    /// The first rule that is broken; null if none is.
    public static @Nullable RuleFailure check(Transaction tx) {
        if (tx.inputs().isEmpty()) {
            return RuleFailure.consensus("bad-txns-vin-empty", "");
        }
        if (tx.outputs().isEmpty()) {
            return RuleFailure.consensus("bad-txns-vout-empty", "");
        }
        if ((long) tx.strippedSize() * WITNESS_SCALE > BLOCK_WEIGHT_MAX) {
            return RuleFailure.consensus("bad-txns-oversize", "");
        }
        RuleFailure amounts = checkAmounts(tx);
        return amounts == null ? checkInputs(tx) : amounts;
    }

    private static @Nullable RuleFailure checkAmounts(Transaction tx) {
        long sum = 0;
        for (TxOut out : tx.outputs()) {
            if (out.value() < 0) {
                return RuleFailure.consensus("bad-txns-vout-negative", "");
            }
            if (out.value() > Amount.MAX_SATOSHIS) {
                return RuleFailure.consensus("bad-txns-vout-toolarge", "");
            }
            // Cannot overflow: both are at most 21 million bitcoin.
            sum += out.value();
            if (!Amount.isInRange(sum)) {
                return RuleFailure.consensus("bad-txns-txouttotal-toolarge", "");
            }
        }
        return null;
    }

    private static @Nullable RuleFailure checkInputs(Transaction tx) {
        Set<OutPoint> spent = HashSet.newHashSet(tx.inputs().size());
        for (TxIn input : tx.inputs()) {
            // CVE-2018-17144: a coin that is spent twice here would be counted twice.
            if (!spent.add(input.prevout())) {
                return RuleFailure.consensus("bad-txns-inputs-duplicate", "");
            }
        }
        if (tx.isCoinbase()) {
            int length = tx.inputs().getFirst().scriptSig().length();
            return length < COINBASE_SCRIPT_MIN || length > COINBASE_SCRIPT_MAX
                    ? RuleFailure.consensus("bad-cb-length", "")
                    : null;
        }
        for (TxIn input : tx.inputs()) {
            if (input.prevout().isNull()) {
                return RuleFailure.consensus("bad-txns-prevout-null", "");
            }
        }
        return null;
    }
}
