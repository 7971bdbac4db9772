package weft.mempool.fees;

/// How far back an estimate remembers: quick to follow a change, or steady over weeks.
public enum FeeHorizon {
    /// Half forgotten after 18 blocks; for targets up to 12.
    SHORT(12, 1, 0.962, 0.5),
    /// Half forgotten after 144 blocks; for targets up to 48.
    MEDIUM(24, 2, 0.9952, 0.1),
    /// Half forgotten after 1,008 blocks; for targets up to 1,008.
    LONG(42, 24, 0.99931, 0.1);

    private final int periods;
    private final int scale;
    private final double decay;
    private final double sufficient;

    FeeHorizon(int periods, int scale, double decay, double sufficient) {
        this.periods = periods;
        this.scale = scale;
        this.decay = decay;
        this.sufficient = sufficient;
    }

    int periods() {
        return periods;
    }

    int scale() {
        return scale;
    }

    double decay() {
        return decay;
    }

    /// Transactions a block, on average, that a range of rates needs before it says anything.
    double sufficient() {
        return sufficient;
    }
}
