package weft.mining;

import java.util.List;
import weft.mempool.MempoolEntry;
import weft.primitives.Block;

/// A block that lacks nothing but proof of work.
///
/// @param block with nonce 0
/// @param fees of all transactions but the coinbase, in satoshis
/// @param entries the transactions after the coinbase, in order
/// @param bits target in compact form
public record BlockTemplate(Block block, long fees, List<MempoolEntry> entries, long bits) {
    /// Copies the list.
    public BlockTemplate {
        entries = List.copyOf(entries);
    }

    /// Weight as it was counted on the way: of the transactions, and what is kept for header and coinbase.
    public long countedWeight() {
        return TemplateOptions.RESERVED_WEIGHT
                + entries.stream().mapToLong(entry -> entry.tx().weight()).sum();
    }
}
