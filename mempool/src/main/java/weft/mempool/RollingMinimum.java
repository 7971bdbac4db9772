package weft.mempool;

/// The fee rate below which a full mempool takes nothing in: it rises when something leaves for lack of
/// room, and after the next block falls by half every twelve hours, faster where there is much room again.
final class RollingMinimum {
    private static final double HALF_LIFE_SECONDS = 12 * 60 * 60;
    private static final int STEP_SECONDS = 10;

    private final FeeRate incremental;
    private double perKvb;
    private boolean blockSinceRise;
    private long updatedSeconds;

    RollingMinimum(FeeRate incremental) {
        this.incremental = incremental;
    }

    /// Something that paid this rate had to leave.
    void onRemoved(FeeRate rate) {
        if (rate.perKvb() > perKvb) {
            perKvb = rate.perKvb();
            blockSinceRise = false;
        }
    }

    void onBlock(long seconds) {
        updatedSeconds = seconds;
        blockSinceRise = true;
    }

    /// The rate now.
    ///
    /// @param usage memory of the mempool, of which `bytesMax` are allowed
    FeeRate rate(long usage, long bytesMax, long seconds) {
        if (!blockSinceRise || perKvb == 0) {
            return new FeeRate(Math.round(perKvb));
        }
        if (seconds > updatedSeconds + STEP_SECONDS) {
            double halfLife = HALF_LIFE_SECONDS;
            if (usage < bytesMax / 4) {
                halfLife /= 4;
            } else if (usage < bytesMax / 2) {
                halfLife /= 2;
            }
            perKvb /= StrictMath.pow(2.0, (seconds - updatedSeconds) / halfLife);
            updatedSeconds = seconds;
            if (perKvb < incremental.perKvb() / 2.0) {
                perKvb = 0;
                return FeeRate.ZERO;
            }
        }
        long rate = Math.max(Math.round(perKvb), incremental.perKvb());
        return new FeeRate(rate);
    }
}
