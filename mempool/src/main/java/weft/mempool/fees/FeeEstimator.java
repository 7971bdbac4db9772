package weft.mempool.fees;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import weft.primitives.Bytes;
import weft.primitives.Check;
import weft.primitives.Txid;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;

/// Estimates fees from how long transactions of each fee rate had to wait, as Bitcoin Core's block policy
/// estimator does, number for number.
///
/// It is told of every transaction that enters or leaves the mempool and of every block; it keeps no
/// transaction, only its height and its range of rates.
public final class FeeEstimator {
    /// The furthest target, in blocks: a week.
    public static final int TARGET_MAX = 1_008;

    private static final int FORMAT = 149_900;

    /// The version that a file says it was written by; Core 28.1 writes its own here and reads any.
    private static final int WRITTEN_BY = 280_100;

    /// Older records are as good as none: six weeks of blocks.
    private static final int HISTORY_BLOCKS_MAX = 6 * TARGET_MAX;

    private static final double HALF_SUCCESS = 0.6;
    private static final double SUCCESS = 0.85;
    private static final double DOUBLE_SUCCESS = 0.95;

    private final FeeBuckets buckets;
    private final ConfirmStats brief;
    private final ConfirmStats medium;
    private final ConfirmStats lengthy;
    private final Map<Txid, Waiting> waiting = new HashMap<>();

    private int best;
    private int firstRecorded;
    private int historicalFirst;
    private int historicalBest;

    private record Waiting(int height, int range) {}

    /// A transaction that a block confirmed.
    ///
    /// @param txid its id
    /// @param rate its fee rate in satoshis per 1,000 virtual bytes
    /// @param entryHeight height of the tip when it entered the mempool
    public record Confirmed(Txid txid, long rate, int entryHeight) {}

    /// One that knows nothing yet.
    public FeeEstimator() {
        buckets = FeeBuckets.standard();
        brief = ConfirmStats.empty(FeeHorizon.SHORT, buckets);
        medium = ConfirmStats.empty(FeeHorizon.MEDIUM, buckets);
        lengthy = ConfirmStats.empty(FeeHorizon.LONG, buckets);
    }

    private FeeEstimator(ByteReader in) {
        int format = in.i32();
        if (format != FORMAT) {
            throw EstimatesFile.corrupt(
                    (format > FORMAT ? "up-version (" : "incompatible old version (")
                            + format
                            + ")");
        }
        in.skip(Integer.BYTES);
        long seen = in.u32();
        long first = in.u32();
        long last = in.u32();
        if (first > last || last > seen || seen > Integer.MAX_VALUE) {
            throw EstimatesFile.corrupt("Historical block range for estimates is invalid");
        }
        buckets = FeeBuckets.of(EstimatesFile.numbersUpTo(in, 1_000));
        medium = ConfirmStats.read(in, buckets);
        brief = ConfirmStats.read(in, buckets);
        lengthy = ConfirmStats.read(in, buckets);
        best = (int) seen;
        historicalFirst = (int) first;
        historicalBest = (int) last;
    }

    /// Reads the contents of `fee_estimates.dat`.
    ///
    /// @throws weft.primitives.codec.MalformedBytes if they are damaged or of another format
    public static FeeEstimator read(Bytes bytes) {
        return new FeeEstimator(ByteReader.of(bytes.toByteArray()));
    }

    /// The contents of `fee_estimates.dat`, which Core can read too. Transactions that wait are not in it:
    /// call [#forgetWaiting] first when the node ends.
    public Bytes toBytes() {
        var out = new ByteWriter();
        out.i32(FORMAT).i32(WRITTEN_BY).u32(best);
        boolean isCurrent = span() > historicalSpan() / 2;
        out.u32(isCurrent ? firstRecorded : historicalFirst);
        out.u32(isCurrent ? best : historicalBest);
        EstimatesFile.numbers(out, buckets.bounds());
        medium.write(out);
        brief.write(out);
        lengthy.write(out);
        return out.toBytes();
    }

    /// A transaction has entered the mempool.
    ///
    /// @param rate its fee rate in satoshis per 1,000 virtual bytes
    /// @param height height of the tip
    /// @param counts whether it says something about fees: it came alone, has no parent in the mempool, and
    ///     was not put back by a reorganisation, and the node knows the latest blocks
    public void enter(Txid txid, long rate, int height, boolean counts) {
        if (!counts || height != best || waiting.containsKey(txid)) {
            return;
        }
        int range = buckets.indexOf((double) rate);
        waiting.put(txid, new Waiting(height, range));
        for (ConfirmStats stats : List.of(brief, medium, lengthy)) {
            stats.enter(height, range);
        }
    }

    /// A transaction has left the mempool without a confirmation.
    public void leave(Txid txid) {
        remove(txid, false);
    }

    private boolean remove(Txid txid, boolean inBlock) {
        Waiting known = waiting.remove(txid);
        if (known == null) {
            return false;
        }
        for (ConfirmStats stats : List.of(brief, medium, lengthy)) {
            stats.leave(known.height, best, known.range, inBlock);
        }
        return true;
    }

    /// A block was connected. Those of other branches, no higher than what was seen, teach nothing.
    ///
    /// @param confirmed its transactions that were in the mempool
    public void connect(int height, List<Confirmed> confirmed) {
        if (height <= best) {
            return;
        }
        best = height;
        for (ConfirmStats stats : List.of(brief, medium, lengthy)) {
            stats.nextBlock(height);
        }
        boolean any = false;
        for (Confirmed tx : confirmed) {
            int blocks = height - tx.entryHeight;
            if (!remove(tx.txid, true) || blocks <= 0) {
                continue;
            }
            any = true;
            for (ConfirmStats stats : List.of(brief, medium, lengthy)) {
                stats.confirm(blocks, (double) tx.rate);
            }
        }
        if (firstRecorded == 0 && any) {
            firstRecorded = height;
        }
    }

    /// Counts all that wait as having left; to be called before the last writing.
    public void forgetWaiting() {
        List.copyOf(waiting.keySet()).forEach(this::leave);
    }

    /// How many transactions are followed.
    public int waitingCount() {
        return waiting.size();
    }

    /// The furthest target of a horizon, in blocks.
    public int confirmsMax(FeeHorizon horizon) {
        return stats(horizon).confirmsMax();
    }

    /// What one horizon says: the lowest rate of which a part of transactions was confirmed in time.
    ///
    /// @param target blocks, from 1 to [#confirmsMax]
    /// @param threshold the part, from 0 to 1
    public RawEstimate rawEstimate(int target, double threshold, FeeHorizon horizon) {
        Check.argument(target >= 1 && target <= confirmsMax(horizon), "the target is followed");
        Check.argument(threshold >= 0 && threshold <= 1, "a part is between 0 and 1");
        return stats(horizon).estimate(target, horizon.sufficient(), threshold, best);
    }

    private ConfirmStats stats(FeeHorizon horizon) {
        return switch (horizon) {
            case SHORT -> brief;
            case MEDIUM -> medium;
            case LONG -> lengthy;
        };
    }

    private double median(FeeHorizon horizon, int target, double threshold) {
        return stats(horizon).estimate(target, horizon.sufficient(), threshold, best).median();
    }

    /// The rate that should get a transaction into one of the next blocks: the highest of what 60 per cent
    /// needed for half of the target, 85 per cent for the target and 95 per cent for twice the target.
    ///
    /// @param target blocks, from 1 to [#TARGET_MAX]; 1 is taken for 2
    /// @param conservative also look at longer horizons, which makes it slower to fall
    public SmartEstimate smartEstimate(int target, boolean conservative) {
        Check.argument(target >= 1 && target <= lengthy.confirmsMax(), "the target is followed");
        int blocks = Math.min(Math.max(target, 2), usableMax());
        if (blocks <= 1) {
            return new SmartEstimate(0, blocks);
        }
        double median = combined(blocks / 2, HALF_SUCCESS, true);
        median = Math.max(median, combined(blocks, SUCCESS, true));
        median = Math.max(median, combined(2 * blocks, DOUBLE_SUCCESS, !conservative));
        if (conservative || median == -1) {
            median = Math.max(median, careful(2 * blocks));
        }
        return new SmartEstimate(median < 0 ? 0 : Math.round(median), blocks);
    }

    /// From the shortest horizon that knows the target; shorter ones may lower it by what they say of the
    /// furthest target that they know.
    private double combined(int target, double threshold, boolean withShorter) {
        if (target < 1 || target > lengthy.confirmsMax()) {
            return -1;
        }
        double estimate = median(shortestFor(target), target, threshold);
        if (withShorter) {
            for (FeeHorizon shorter : List.of(FeeHorizon.MEDIUM, FeeHorizon.SHORT)) {
                int furthest = confirmsMax(shorter);
                if (target > furthest) {
                    double other = median(shorter, furthest, threshold);
                    estimate = other > 0 && (estimate == -1 || other < estimate) ? other : estimate;
                }
            }
        }
        return estimate;
    }

    private FeeHorizon shortestFor(int target) {
        if (target <= brief.confirmsMax()) {
            return FeeHorizon.SHORT;
        }
        return target <= medium.confirmsMax() ? FeeHorizon.MEDIUM : FeeHorizon.LONG;
    }

    /// What the horizons beyond the shortest say about a target.
    private double careful(int target) {
        double estimate = -1;
        if (target <= brief.confirmsMax()) {
            estimate = median(FeeHorizon.MEDIUM, target, DOUBLE_SUCCESS);
        }
        if (target <= medium.confirmsMax()) {
            estimate = Math.max(estimate, median(FeeHorizon.LONG, target, DOUBLE_SUCCESS));
        }
        return estimate;
    }

    private int span() {
        return firstRecorded == 0 ? 0 : best - firstRecorded;
    }

    private int historicalSpan() {
        if (historicalFirst == 0 || best - historicalBest > HISTORY_BLOCKS_MAX) {
            return 0;
        }
        return historicalBest - historicalFirst;
    }

    /// Half of what was recorded: transactions must have had the chance to fail.
    private int usableMax() {
        return Math.min(lengthy.confirmsMax(), Math.max(span(), historicalSpan()) / 2);
    }
}
