package weft.mempool.fees;

/// What became of the transactions whose fee rates are in a range.
///
/// @param start lower end in satoshis per 1,000 virtual bytes; -1 where there is no such range
/// @param end upper end
/// @param withinTarget of those, confirmed within the target; like all but `inMempool` a moving average
/// @param totalConfirmed confirmed at any time
/// @param inMempool waiting for longer than the target
/// @param leftMempool gone without a confirmation after the target
public record RateRange(
        double start,
        double end,
        double withinTarget,
        double totalConfirmed,
        double inMempool,
        double leftMempool) {
    /// No range.
    public static final RateRange NONE = new RateRange(-1, -1, 0, 0, 0, 0);

    /// Whether there is such a range.
    public boolean exists() {
        return start != NONE.start;
    }
}
