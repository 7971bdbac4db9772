package weft.app.node;

/// The indexes that a node keeps.
///
/// @param cacheBytes memory for each of their databases
public record IndexOptions(
        boolean transactions, boolean filters, boolean coins, boolean addresses, long cacheBytes) {
    /// How many there are.
    public int count() {
        return (transactions ? 1 : 0) + (filters ? 1 : 0) + (coins ? 1 : 0) + (addresses ? 1 : 0);
    }
}
