package weft.server.rpc;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import weft.consensus.Coin;
import weft.node.ChainEngine;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.server.NodeApi;

/// Outputs that transactions spend, as far as the chain and the mempool have them.
final class KnownCoins {
    private KnownCoins() {}

    /// The outputs that are there.
    static Map<OutPoint, TxOut> of(NodeApi node, List<Transaction> txs) {
        return node.onChain(
                engine -> {
                    var found = new LinkedHashMap<OutPoint, TxOut>();
                    for (Transaction tx : txs) {
                        for (TxIn input : tx.inputs()) {
                            TxOut out = find(engine, input.prevout());
                            if (out != null) {
                                found.put(input.prevout(), out);
                            }
                        }
                    }
                    return found;
                });
    }

    private static @Nullable TxOut find(ChainEngine engine, OutPoint outPoint) {
        var waiting = engine.mempool().find(outPoint.txid());
        if (waiting != null) {
            List<TxOut> outputs = waiting.tx().outputs();
            return outPoint.index() < outputs.size() ? outputs.get((int) outPoint.index()) : null;
        }
        Coin coin = engine.chain().coins().coin(outPoint);
        return coin == null ? null : coin.out();
    }
}
