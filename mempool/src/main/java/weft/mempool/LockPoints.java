package weft.mempool;

import java.util.List;
import org.jspecify.annotations.Nullable;
import weft.chain.api.HeaderNode;
import weft.consensus.Coin;
import weft.consensus.LockTimes;
import weft.primitives.Check;
import weft.primitives.Transaction;
import weft.primitives.TxIn;

/// The relative lock times of a transaction as they were found when it came; right as long as the highest
/// block that they count from is part of the chain. As in Core, coins of the mempool counted then as made
/// in the next block, and still do after a reorganisation to a lower tip. See BIP-0068.
///
/// @param base the highest block with a coin that a lock time counts from
record LockPoints(LockTimes.Locks locks, HeaderNode base) {
    private static final long SEQUENCE_DISABLED = 0x8000_0000L;

    /// The lock points of a transaction for the block after `tip`.
    ///
    /// @param spent the coin of each input, in order
    /// @return null if it has no relative lock times
    static @Nullable LockPoints of(Transaction tx, List<Coin> spent, HeaderNode tip) {
        if (tx.version() < 2 || tx.inputs().stream().noneMatch(LockPoints::isLocked)) {
            return null;
        }
        int next = tip.height() + 1;
        List<Integer> heights = spent.stream().map(coin -> Math.min(coin.height(), next)).toList();
        int highest = 0;
        for (int i = 0; i < heights.size(); i++) {
            if (isLocked(tx.inputs().get(i)) && heights.get(i) < next) {
                highest = Math.max(highest, heights.get(i));
            }
        }
        return new LockPoints(
                LockTimes.sequenceLocks(tx, heights, tip, true),
                Check.present(tip.ancestor(highest), "a coin is of this branch"));
    }

    private static boolean isLocked(TxIn input) {
        return input.sequence() < SEQUENCE_DISABLED;
    }

    /// Whether a block after `tip` may have the transaction.
    boolean areMet(HeaderNode tip) {
        return LockTimes.areMet(locks, tip);
    }

    boolean areRightFor(HeaderNode tip) {
        return tip.hasAncestor(base);
    }
}
