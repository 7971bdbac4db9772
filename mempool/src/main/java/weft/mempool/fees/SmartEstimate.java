package weft.mempool.fees;

/// The rate that should do.
///
/// @param rate in satoshis per 1,000 virtual bytes; 0 if there is not enough to go by
/// @param target the number of blocks that it stands for, which may differ from what was asked
public record SmartEstimate(long rate, int target) {}
