package weft.mempool.fees;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.ToLongFunction;
import weft.mempool.FeeRate;
import weft.mempool.MempoolEntry;

/// What the next block would ask for if it were made of this mempool, as Bitcoin Core 32 estimates it: the
/// rate at half of a full block, or at three quarters. It counts only where the last blocks were mostly made
/// of what this mempool had: else miners see other transactions than we do.
public final class NextBlockEstimator {
    /// Blocks that a look back takes.
    public static final int BLOCKS = 6;

    /// The target that an estimate is for, in blocks.
    public static final int TARGET = 2;

    /// How long an estimate is good for while no block comes.
    ///
    /// *Rationale:* a template costs milliseconds, and fewer transactions come in this time than would change
    /// the answer.
    public static final int LIFE_SECONDS = 7;

    private static final long FULL_WEIGHT = 4_000_000;
    private static final double KNOWN_MIN = 0.75;
    private static final int WITNESS_SCALE = 4;

    /// A block, without its coinbase.
    private record Mined(int height, long knownWeight, long weight) {}

    /// Transactions that a block has together or not at all.
    ///
    /// @param fee in satoshis, with what the operator added
    public record Chunk(long fee, long vsize) {}

    /// Rates at two depths of the next block.
    ///
    /// @param half for the careful
    /// @param threeQuarters for those who may wait
    public record Rates(FeeRate half, FeeRate threeQuarters) {}

    /// Whether the mempool is like that of the miners.
    public enum Health {
        /// It is, or there are so few transactions that it does not matter.
        GOOD,
        /// There were not enough blocks yet to say.
        TOO_FEW_BLOCKS,
        /// The last blocks had too much that the mempool did not.
        TOO_LITTLE_KNOWN
    }

    private final Deque<Mined> mined = new ArrayDeque<>();

    /// One that has seen no blocks.
    public NextBlockEstimator() {}

    /// A block was connected. What is known of blocks of this height or more is forgotten, and all, if a
    /// block is missing in between.
    ///
    /// @param knownWeight of its transactions that the mempool had
    /// @param weight of all its transactions but the coinbase
    public void connect(int height, long knownWeight, long weight) {
        while (!mined.isEmpty() && mined.getLast().height >= height) {
            mined.removeLast();
        }
        if (!mined.isEmpty() && mined.getLast().height + 1 != height) {
            mined.clear();
        }
        if (mined.size() == BLOCKS) {
            mined.removeFirst();
        }
        mined.addLast(new Mined(height, knownWeight, weight));
    }

    /// How far the last blocks were made of what the mempool had.
    public Health health() {
        if (mined.size() < BLOCKS) {
            return Health.TOO_FEW_BLOCKS;
        }
        long weight = mined.stream().mapToLong(Mined::weight).sum();
        long known = mined.stream().mapToLong(Mined::knownWeight).sum();
        boolean isQuiet = weight < FULL_WEIGHT;
        return isQuiet || (double) known / weight >= KNOWN_MIN
                ? Health.GOOD
                : Health.TOO_LITTLE_KNOWN;
    }

    /// The chunks of a block's transactions, the best rate first: what pays for something before it goes
    /// together with it.
    ///
    /// @param entries in the order of the block
    /// @param fees of each, with what the operator added
    public static List<Chunk> chunks(
            List<MempoolEntry> entries, ToLongFunction<MempoolEntry> fees) {
        var chunks = new ArrayList<Chunk>();
        for (MempoolEntry entry : entries) {
            add(chunks, new Chunk(fees.applyAsLong(entry), entry.vsize()));
        }
        return chunks;
    }

    private static void add(List<Chunk> chunks, Chunk next) {
        Chunk chunk = next;
        while (!chunks.isEmpty() && paysMore(chunk, chunks.getLast())) {
            Chunk before = chunks.removeLast();
            chunk = new Chunk(before.fee + chunk.fee, before.vsize + chunk.vsize);
        }
        chunks.add(chunk);
    }

    private static boolean paysMore(Chunk a, Chunk b) {
        return Math.multiplyHigh(a.fee, b.vsize) > Math.multiplyHigh(b.fee, a.vsize)
                || (Math.multiplyHigh(a.fee, b.vsize) == Math.multiplyHigh(b.fee, a.vsize)
                        && Long.compareUnsigned(a.fee * b.vsize, b.fee * a.vsize) > 0);
    }

    /// The rates at half and three quarters of a full block.
    ///
    /// @param chunks the best rate first
    /// @param floor for a depth that they do not reach
    public static Rates rates(List<Chunk> chunks, FeeRate floor) {
        FeeRate half = null;
        long weight = 0;
        for (Chunk chunk : chunks) {
            weight += WITNESS_SCALE * chunk.vsize;
            if (half == null && weight >= FULL_WEIGHT / 2) {
                half = FeeRate.of(chunk.fee, chunk.vsize);
            }
            if (weight >= FULL_WEIGHT / 4 * 3) {
                FeeRate last = FeeRate.of(chunk.fee, chunk.vsize);
                return new Rates(half == null ? last : half, last);
            }
        }
        return new Rates(half == null ? floor : half, floor);
    }
}
