package weft.mempool;

import weft.chain.api.ChainEvent.RemovalReason;
import weft.primitives.Now;
import weft.primitives.log.LogCategory;

/// Keeps a mempool within its time and room.
final class PoolLimiter {
    private final Mempool mempool;

    PoolLimiter(Mempool mempool) {
        this.mempool = mempool;
    }

    /// Lets go what waited too long, then what pays least while there is too little room.
    void limit(Now now) {
        int expired = expire(now.unixSeconds() - mempool.options().expiry().toSeconds());
        if (expired != 0) {
            mempool.log()
                    .debug(
                            LogCategory.MEMPOOL,
                            () -> "Expired " + expired + " transactions from the memory pool");
        }
        trim(mempool.options().bytesMax());
    }

    private int expire(long cutoffSeconds) {
        TxGraph graph = mempool.graph();
        if (graph.size() == 0 || graph.entry(graph.byTime.first()).seconds() >= cutoffSeconds) {
            return 0;
        }
        var old = new Slots();
        SlotHeap.Drain byTime = graph.byTime.drain();
        while (!byTime.isEmpty() && graph.entry(byTime.first()).seconds() < cutoffSeconds) {
            old.add(byTime.next());
        }
        return mempool.removeWithDescendants(old, RemovalReason.EXPIRY);
    }

    /// The worst goes with all that spend it; what came for less than it paid and a step more is refused
    /// from then on.
    void trim(long bytesMax) {
        TxGraph graph = mempool.graph();
        FeeRate highest = FeeRate.ZERO;
        int count = 0;
        while (graph.size() > 0 && mempool.memoryBytes() > bytesMax) {
            int worst = graph.byDescendantScore.first();
            FeeRate paid = FeeRate.of(graph.down.fees[worst], graph.down.vsizes[worst]);
            FeeRate rate = paid.plus(mempool.options().incremental());
            mempool.minimum().onRemoved(rate);
            highest = rate.compareTo(highest) > 0 ? rate : highest;
            count += mempool.removeWithDescendants(Slots.of(worst), RemovalReason.SIZELIMIT);
        }
        if (highest.compareTo(FeeRate.ZERO) > 0) {
            String line = "Removed " + count + " txn, rolling minimum fee bumped to " + highest;
            mempool.log().debug(LogCategory.MEMPOOL, () -> line);
        }
    }
}
