package weft.consensus;

import java.util.List;
import weft.primitives.Check;
import weft.primitives.Transaction;
import weft.primitives.TxIn;

/// Whether a transaction's time has come: absolute lock times, and relative ones since BIP-0068.
public final class LockTimes {
    /// Lock times below this are heights, others are seconds since 1970.
    public static final long THRESHOLD = 500_000_000L;

    private static final long SEQUENCE_DISABLED = 1L << 31;
    private static final long SEQUENCE_IS_TIME = 1L << 22;
    private static final long SEQUENCE_MASK = 0xffff;
    private static final int SEQUENCE_GRANULARITY = 9;

    private LockTimes() {}

    /// Whether the absolute lock time is over.
    ///
    /// @param height of the block that the transaction is in, or would be
    /// @param time that the lock time is compared with, in seconds since 1970: the median time past of the
    ///     block before since BIP-0113
    public static boolean isFinal(Transaction tx, int height, long time) {
        if (tx.lockTime() == 0 || tx.lockTime() < (tx.lockTime() < THRESHOLD ? height : time)) {
            return true;
        }
        return tx.inputs().stream().allMatch(input -> input.sequence() == TxIn.SEQUENCE_FINAL);
    }

    /// The last moments at which relative lock times still hold.
    ///
    /// @param height that must be passed; -1 for none
    /// @param time median time past that must be passed, in seconds since 1970; -1 for none
    public record Locks(int height, long time) {}

    /// Whether a transaction has a relative lock time at all; if not, [#areMet] holds in every block.
    ///
    /// @param bip68 whether the rule is in force
    public static boolean hasSequenceLocks(Transaction tx, boolean bip68) {
        if (tx.version() < 2 || !bip68) {
            return false;
        }
        for (TxIn input : tx.inputs()) {
            if ((input.sequence() & SEQUENCE_DISABLED) == 0) {
                return true;
            }
        }
        return false;
    }

    /// The relative lock times of a transaction.
    ///
    /// @param spentHeights height of the block that made each coin spent, in order of the inputs
    /// @param parent of the block that the transaction is in, or would be
    /// @param bip68 whether the rule is in force
    public static Locks sequenceLocks(
            Transaction tx, List<Integer> spentHeights, HeaderView parent, boolean bip68) {
        int minHeight = -1;
        long minTime = -1;
        // The version is unsigned: a "negative" one counts as large here.
        if (tx.version() < 2 || !bip68) {
            return new Locks(minHeight, minTime);
        }
        for (int i = 0; i < tx.inputs().size(); i++) {
            long sequence = tx.inputs().get(i).sequence();
            if ((sequence & SEQUENCE_DISABLED) != 0) {
                continue;
            }
            int coinHeight = spentHeights.get(i);
            long value = sequence & SEQUENCE_MASK;
            if ((sequence & SEQUENCE_IS_TIME) != 0) {
                HeaderView before =
                        Check.present(
                                parent.ancestor(Math.max(coinHeight - 1, 0)),
                                "a coin is of this branch");
                minTime =
                        Math.max(
                                minTime,
                                before.medianTimePast() + (value << SEQUENCE_GRANULARITY) - 1);
            } else {
                minHeight = Math.max(minHeight, coinHeight + (int) value - 1);
            }
        }
        return new Locks(minHeight, minTime);
    }

    /// Whether relative lock times are over in a block on top of `parent`.
    public static boolean areMet(Locks locks, HeaderView parent) {
        return locks.height() < parent.height() + 1 && locks.time() < parent.medianTimePast();
    }
}
