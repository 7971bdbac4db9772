package weft.consensus;

import org.jspecify.annotations.Nullable;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;

/// A header on its branch, as far as rules need to see it.
public interface HeaderView {
    /// The 80 bytes.
    BlockHeader header();

    /// The target that the header claims, as its 32 bits say it.
    default long bits() {
        return header().bits();
    }

    /// Hash of the header.
    BlockHash hash();

    /// Distance from genesis, which has 0.
    int height();

    /// The header before; null for genesis.
    @Nullable HeaderView parent();

    /// The header of this branch at a height; null above this header or below 0.
    @Nullable HeaderView ancestor(int height);

    /// Median of the times of the last eleven headers, this one included. See BIP-0113.
    long medianTimePast();
}
