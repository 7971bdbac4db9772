package weft.chain;

import org.jspecify.annotations.Nullable;
import weft.consensus.Coin;
import weft.primitives.OutPoint;

/// The unspent coins of some chain: of the active one, of a block that is being connected, or of the
/// active one and the mempool together.
@FunctionalInterface
public interface CoinsView {
    /// Knows no coin.
    CoinsView EMPTY = outPoint -> null;

    /// The coin that an out point names; null if there is none or it is spent.
    @Nullable Coin coin(OutPoint outPoint);

    /// Whether a coin is there and unspent.
    default boolean has(OutPoint outPoint) {
        return coin(outPoint) != null;
    }
}
