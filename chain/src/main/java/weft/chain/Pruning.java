package weft.chain;

import weft.primitives.Check;

/// Whether, when and how far old block files are deleted.
///
/// @param targetBytes block and undo files together shall stay below this; 0 keeps everything,
///     [#BY_HAND] deletes only when the operator says so
/// @param afterHeight nothing is deleted before the chain is higher than this
public record Pruning(long targetBytes, int afterHeight) {
    /// Blocks below the tip that always stay, with their undo data.
    public static final int BLOCKS_TO_KEEP = 288;

    /// The smallest target: room for the blocks that always stay, and then some.
    public static final long TARGET_BYTES_MIN = 550L << 20;

    /// Only the operator deletes.
    public static final long BY_HAND = Long.MAX_VALUE;

    /// Everything is kept.
    public static final Pruning OFF = new Pruning(0, 0);

    /// Checks the target.
    public Pruning {
        Check.argument(
                targetBytes == 0 || targetBytes >= TARGET_BYTES_MIN,
                "block files need room for the blocks that must stay");
    }

    /// Whether blocks may be missing because they were deleted.
    public boolean isOn() {
        return targetBytes > 0;
    }

    /// Whether files are deleted without the operator's word.
    public boolean isAutomatic() {
        return isOn() && targetBytes != BY_HAND;
    }
}
