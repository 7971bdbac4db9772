package weft.mempool.fees;

import java.util.ArrayList;
import java.util.List;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;

/// One horizon's memory: for each range of rates, how many transactions were confirmed within so many
/// periods, how many left without, how many wait, and for how long.
final class ConfirmStats {
    /// No target is further than a week.
    private static final int CONFIRMS_MAX = 6 * 24 * 7;

    private final FeeBuckets buckets;
    private final double decay;
    private final int scale;

    /// Per range: transactions confirmed, and the sum of their rates.
    private final double[] count;

    private final double[] rates;

    /// Per period, then per range: confirmed within so many periods; left after so many.
    private final double[][] confirmed;

    private final double[][] failed;

    /// Per height (modulo the furthest target), then per range: entered then and waiting still.
    private final int[][] waiting;

    private final int[] waitingLonger;

    private ConfirmStats(FeeBuckets buckets, double decay, int scale, double[][] confirmed) {
        int ranges = buckets.count();
        this.buckets = buckets;
        this.decay = decay;
        this.scale = scale;
        this.confirmed = confirmed;
        failed = new double[confirmed.length][ranges];
        rates = new double[ranges];
        count = new double[ranges];
        waiting = new int[scale * confirmed.length][ranges];
        waitingLonger = new int[ranges];
    }

    static ConfirmStats empty(FeeHorizon horizon, FeeBuckets buckets) {
        return new ConfirmStats(
                buckets,
                horizon.decay(),
                horizon.scale(),
                new double[horizon.periods()][buckets.count()]);
    }

    /// Reads what [#write] wrote; transactions that wait are not in it.
    ///
    /// @throws weft.primitives.codec.MalformedBytes if it cannot be
    static ConfirmStats read(ByteReader in, FeeBuckets buckets) {
        double decay = EstimatesFile.number(in);
        if (!(decay > 0 && decay < 1)) {
            throw EstimatesFile.corrupt("Decay must be between 0 and 1 (non-inclusive)");
        }
        long scale = in.u32();
        if (scale == 0) {
            throw EstimatesFile.corrupt("Scale must be non-zero");
        }
        int ranges = buckets.count();
        double[] rates = EstimatesFile.numbers(in, ranges);
        double[] count = EstimatesFile.numbers(in, ranges);
        double[][] confirmed = table(in, ranges);
        if (confirmed.length == 0 || scale * confirmed.length > CONFIRMS_MAX) {
            throw EstimatesFile.corrupt(
                    "Must maintain estimates for between 1 and 1008 (one week) confirms");
        }
        double[][] failed = table(in, ranges);
        if (failed.length != confirmed.length) {
            throw EstimatesFile.corrupt("Mismatch in confirms tracked for failures");
        }
        var stats = new ConfirmStats(buckets, decay, (int) scale, confirmed);
        System.arraycopy(rates, 0, stats.rates, 0, ranges);
        System.arraycopy(count, 0, stats.count, 0, ranges);
        System.arraycopy(failed, 0, stats.failed, 0, failed.length);
        return stats;
    }

    private static double[][] table(ByteReader in, int ranges) {
        List<double[]> rows = new ArrayList<>();
        int length = in.compactSize();
        if (length > CONFIRMS_MAX) {
            throw EstimatesFile.corrupt(
                    "Must maintain estimates for between 1 and 1008 (one week) confirms");
        }
        for (int i = 0; i < length; i++) {
            rows.add(EstimatesFile.numbers(in, ranges));
        }
        return rows.toArray(double[][]::new);
    }

    void write(ByteWriter out) {
        EstimatesFile.number(out, decay);
        out.u32(scale);
        EstimatesFile.numbers(out, rates);
        EstimatesFile.numbers(out, count);
        for (double[][] table : List.of(confirmed, failed)) {
            out.compactSize(table.length);
            for (double[] row : table) {
                EstimatesFile.numbers(out, row);
            }
        }
    }

    /// The furthest target that is followed, in blocks.
    int confirmsMax() {
        return scale * confirmed.length;
    }

    /// A transaction begins to wait.
    void enter(int height, int range) {
        waiting[slot(height)][range]++;
    }

    /// A transaction waits no more.
    ///
    /// @param entered the height at which it came
    /// @param best the last height that was seen
    /// @param inBlock whether it was confirmed
    void leave(int entered, int best, int range, boolean inBlock) {
        int ago = best == 0 ? 0 : best - entered;
        if (ago < 0) {
            return;
        }
        int[] counter = ago >= waiting.length ? waitingLonger : waiting[slot(entered)];
        if (counter[range] > 0) {
            counter[range]--;
        }
        if (!inBlock && ago >= scale) {
            int periods = Math.min(ago / scale, failed.length);
            for (int i = 0; i < periods; i++) {
                failed[i][range]++;
            }
        }
    }

    /// A new block: what entered a whole round ago waits for longer than any target; averages fade.
    void nextBlock(int height) {
        int[] oldest = waiting[slot(height)];
        for (int range = 0; range < oldest.length; range++) {
            waitingLonger[range] += oldest[range];
            oldest[range] = 0;
            rates[range] *= decay;
            count[range] *= decay;
            for (int period = 0; period < confirmed.length; period++) {
                confirmed[period][range] *= decay;
                failed[period][range] *= decay;
            }
        }
    }

    /// A transaction was confirmed.
    ///
    /// @param blocks how many it took, counted from 1
    void confirm(int blocks, double rate) {
        int range = buckets.indexOf(rate);
        for (int i = periods(blocks); i <= confirmed.length; i++) {
            confirmed[i - 1][range]++;
        }
        count[range]++;
        rates[range] += rate;
    }

    private int periods(int blocks) {
        return (blocks + scale - 1) / scale;
    }

    /// The counters form a ring. Heights below zero wrap as Core's unsigned ones do, so that on a chain
    /// younger than the furthest target both say the same.
    private int slot(int height) {
        return Integer.remainderUnsigned(height, waiting.length);
    }

    /// The lowest rate whose transactions are confirmed within a target with a given probability.
    ///
    /// Ranges are joined from the highest rate down until they hold enough transactions to be judged. The
    /// answer is the mean rate of the range that holds the median transaction of the lowest group that
    /// passed.
    RawEstimate estimate(int target, double sufficient, double threshold, int height) {
        var search = new Search(target, threshold, height);
        double enough = sufficient / (1 - decay);
        for (int range = buckets.count() - 1; range >= 0; range--) {
            search.add(range);
            if (search.part >= enough) {
                search.judge();
            }
        }
        return search.result();
    }

    private final class Search {
        private final int target;
        private final double threshold;
        private final int height;

        private int near = buckets.count() - 1;
        private int far = near;
        private boolean isNew = true;
        private boolean isPassing = true;
        private double part;
        private double within;
        private double total;
        private double left;
        private int longer;
        private int bestNear = near;
        private int bestFar = near;
        private RateRange pass = RateRange.NONE;
        private RateRange fail = RateRange.NONE;
        private boolean isFound;

        Search(int target, double threshold, int height) {
            this.target = target;
            this.threshold = threshold;
            this.height = height;
        }

        void add(int range) {
            if (isNew) {
                near = range;
                isNew = false;
            }
            far = range;
            int period = periods(target) - 1;
            within += confirmed[period][range];
            part += count[range];
            total += count[range];
            left += failed[period][range];
            for (int ago = target; ago < waiting.length; ago++) {
                longer += waiting[slot(height - ago)][range];
            }
            longer += waitingLonger[range];
        }

        void judge() {
            part = 0;
            if (within / (total + left + longer) < threshold) {
                if (isPassing) {
                    fail = counted();
                    isPassing = false;
                }
                return;
            }
            fail = RateRange.NONE;
            isFound = true;
            isPassing = true;
            pass = counted();
            within = 0;
            total = 0;
            left = 0;
            longer = 0;
            bestNear = near;
            bestFar = far;
            isNew = true;
        }

        private RateRange counted() {
            return new RateRange(
                    buckets.lower(far), buckets.upper(near), within, total, longer, left);
        }

        RawEstimate result() {
            if (isPassing && !isNew) {
                fail = counted();
            }
            return new RawEstimate(median(), pass, fail, decay, scale);
        }

        private double median() {
            double sum = 0;
            for (int range = bestFar; range <= bestNear; range++) {
                sum += count[range];
            }
            if (!isFound || sum == 0) {
                return -1;
            }
            double half = sum / 2;
            for (int range = bestFar; range <= bestNear; range++) {
                if (count[range] >= half) {
                    return rates[range] / count[range];
                }
                half -= count[range];
            }
            return -1;
        }
    }
}
