package weft.mempool.fees;

/// What one horizon says about one target.
///
/// @param median rate in satoshis per 1,000 virtual bytes; negative if there is not enough to go by
/// @param pass the lowest range that met the threshold
/// @param fail the highest that did not
/// @param decay what part of the average is kept from block to block
/// @param scale blocks per period of counting
public record RawEstimate(double median, RateRange pass, RateRange fail, double decay, int scale) {
    /// The rate, rounded to a satoshi; 0 if there is none.
    public long rate() {
        return median < 0 ? 0 : Math.round(median);
    }
}
