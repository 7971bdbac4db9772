package weft.chain;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import weft.consensus.Coin;
import weft.primitives.Block;
import weft.primitives.Bytes;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;

/// The toy rules once more, as plainly as they can be written: a map of coins, and a block that either leads
/// from one map to the next or breaks a rule. Shares no code with the engine.
final class NaiveLedger {
    private static final Bytes UNSPENDABLE = Bytes.parse("6a");

    private NaiveLedger() {}

    /// The coins after a block; null if it breaks a rule.
    static @Nullable Map<OutPoint, Coin> after(
            Map<OutPoint, Coin> before, Block block, int height) {
        var coins = new HashMap<>(before);
        List<Transaction> txs = block.transactions();
        long fees = 0;
        for (Transaction tx : txs.subList(1, txs.size())) {
            long fee = -sum(tx);
            for (TxIn input : tx.inputs()) {
                Coin coin = coins.get(input.prevout());
                boolean young =
                        coin != null
                                && coin.isCoinbase()
                                && height - coin.height() < ToyRules.MATURITY;
                boolean wrong = input.scriptSig().equals(ToyRules.BAD_SCRIPT);
                if (coin == null || young || wrong) {
                    return null;
                }
                fee += coin.out().value();
                coins.remove(input.prevout());
            }
            if (fee < 0) {
                return null;
            }
            fees += fee;
            add(coins, tx, height);
        }
        if (sum(txs.getFirst()) > ToyRules.SUBSIDY + fees) {
            return null;
        }
        add(coins, txs.getFirst(), height);
        return coins;
    }

    private static long sum(Transaction tx) {
        return tx.outputs().stream().mapToLong(TxOut::value).sum();
    }

    private static void add(Map<OutPoint, Coin> coins, Transaction tx, int height) {
        int index = 0;
        for (TxOut out : tx.outputs()) {
            if (!out.scriptPubKey().startsWith(UNSPENDABLE)) {
                coins.put(new OutPoint(tx.txid(), index), new Coin(out, height, tx.isCoinbase()));
            }
            index++;
        }
    }
}
