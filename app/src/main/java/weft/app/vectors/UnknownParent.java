package weft.app.vectors;

import org.jspecify.annotations.Nullable;
import weft.consensus.HeaderView;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;
import weft.primitives.Digest256;

/// Stands for a parent that is not known: what the rules ask of it is taken from the child, so that they find
/// nothing wrong with difficulty and time, and judge the rest.
///
/// @param bits of the header and of all before it
/// @param timespan seconds of a whole period of difficulty
record UnknownParent(int height, long medianTimePast, long bits, long timespan)
        implements HeaderView {
    /// The parent of a header at a height.
    static UnknownParent of(BlockHeader child, int height, long timespan) {
        return new UnknownParent(height - 1, child.time() - 1, child.bits(), timespan);
    }

    @Override
    public BlockHeader header() {
        return new BlockHeader(4, BlockHash.ZERO, Digest256.ZERO, medianTimePast, bits, 0);
    }

    @Override
    public BlockHash hash() {
        return BlockHash.ZERO;
    }

    @Override
    public @Nullable HeaderView parent() {
        return null;
    }

    @Override
    public HeaderView ancestor(int wanted) {
        return new UnknownParent(wanted, medianTimePast - timespan, bits, timespan);
    }
}
