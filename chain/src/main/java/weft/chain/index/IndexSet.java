package weft.chain.index;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The indexes that a node keeps, each with its writer.
///
/// @param transactions `-txindex`
/// @param filters `-blockfilterindex`
/// @param coins `-coinstatsindex`
/// @param addresses `-addressindex`
public record IndexSet(
        Optional<Kept<TxIndex>> transactions,
        Optional<Kept<FilterIndex>> filters,
        Optional<Kept<CoinStatsIndex>> coins,
        Optional<Kept<AddressIndex>> addresses) {
    /// No index.
    public static final IndexSet NONE =
            new IndexSet(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

    /// An index and what leads it.
    public record Kept<F extends Follower>(F index, IndexWriter writer) {}

    /// All of them, in the order in which they are listed.
    public List<IndexWriter> writers() {
        var all = new ArrayList<IndexWriter>();
        transactions.ifPresent(each -> all.add(each.writer()));
        coins.ifPresent(each -> all.add(each.writer()));
        filters.ifPresent(each -> all.add(each.writer()));
        addresses.ifPresent(each -> all.add(each.writer()));
        return List.copyOf(all);
    }
}
