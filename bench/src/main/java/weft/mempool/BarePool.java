package weft.mempool;

import weft.primitives.Transaction;
import weft.primitives.log.Log;

/// A mempool that takes what it is given, unjudged, as Core's benchmarks use theirs.
public final class BarePool {
    private static final int SIGOPS = 4;

    private final Mempool mempool =
            new Mempool(MempoolOptions.DEFAULT, Log.NONE, (gone, why) -> {});
    private final PoolLimiter limiter = new PoolLimiter(mempool);

    /// An empty one.
    public BarePool() {}

    /// The mempool itself.
    public Mempool mempool() {
        return mempool;
    }

    /// Takes a transaction in that conflicts with none.
    ///
    /// @param fee in satoshis
    public void add(Transaction tx, long fee) {
        if (mempool.contains(tx.txid())) {
            return;
        }
        var arrival = new MempoolEntry.Arrival(1, 1, 0, false);
        mempool.add(
                new MempoolEntry(
                        tx,
                        fee,
                        SIGOPS,
                        MempoolOptions.Form.DEFAULT.vsize(tx.weight(), SIGOPS),
                        arrival));
    }

    /// Lets go what pays least until no more memory is used.
    public void trim(long bytes) {
        limiter.trim(bytes);
    }
}
