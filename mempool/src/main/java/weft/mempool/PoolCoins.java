package weft.mempool;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import weft.chain.CoinsView;
import weft.consensus.Coin;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxOut;

/// The coins that a new transaction may spend: those of a package before it, of the mempool, of the chain.
/// Whether another transaction of the mempool spends them too is asked elsewhere.
final class PoolCoins implements CoinsView {
    /// Height of coins that no block has made yet.
    static final int UNCONFIRMED = Integer.MAX_VALUE;

    private final Mempool mempool;
    private final CoinsView chain;
    private final Map<OutPoint, Coin> added = new HashMap<>();

    PoolCoins(Mempool mempool, CoinsView chain) {
        this.mempool = mempool;
        this.chain = chain;
    }

    CoinsView chain() {
        return chain;
    }

    /// The next of a package may spend this one.
    void add(Transaction tx) {
        for (int i = 0; i < tx.outputs().size(); i++) {
            added.putIfAbsent(new OutPoint(tx.txid(), i), unconfirmed(tx.outputs().get(i)));
        }
    }

    void reset() {
        added.clear();
    }

    @Override
    public @Nullable Coin coin(OutPoint outPoint) {
        Coin coin = added.get(outPoint);
        if (coin != null) {
            return coin;
        }
        MempoolEntry entry = mempool.find(outPoint.txid());
        if (entry == null) {
            return chain.coin(outPoint);
        }
        var outputs = entry.tx().outputs();
        return outPoint.index() < outputs.size()
                ? unconfirmed(outputs.get((int) outPoint.index()))
                : null;
    }

    private static Coin unconfirmed(TxOut out) {
        return new Coin(out, UNCONFIRMED, false);
    }
}
