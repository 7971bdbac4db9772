package weft.app.bench.sync;

import java.util.List;
import weft.primitives.Block;

/// What a synthetic chain holds, coinbases' inputs left out.
final class ChainTotals {
    long blocks;
    long bytes;
    long transactions;
    long inputs;
    long outputs;
    long ecdsaChecks;
    long schnorrChecks;

    /// Counts a block and what its transactions spend.
    void add(Block block, List<TxPlan> plans) {
        blocks++;
        bytes += block.totalSize();
        transactions += block.transactions().size();
        outputs += block.transactions().stream().mapToLong(tx -> tx.outputs().size()).sum();
        for (TxPlan plan : plans) {
            for (SyntheticCoin coin : plan.coins()) {
                inputs++;
                ecdsaChecks += KeyRing.ecdsaChecks(coin);
                schnorrChecks += coin.kind().isTaproot() ? 1 : 0;
            }
        }
    }
}
