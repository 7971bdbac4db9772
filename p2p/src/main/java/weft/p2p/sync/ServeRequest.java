package weft.p2p.sync;

import org.jspecify.annotations.Nullable;
import weft.primitives.BlockHash;
import weft.wire.GetBlockTxn;

/// Something of a block that a peer wants, or that we want to announce to it.
///
/// @param kind what to send
/// @param transactions which transactions are wanted, for [Kind#TRANSACTIONS]
record ServeRequest(Kind kind, BlockHash hash, @Nullable GetBlockTxn transactions) {
    /// What to send.
    enum Kind {
        /// The block without witnesses.
        LEGACY_BLOCK,
        /// The block.
        BLOCK,
        /// The header, the proof for what matches the peer's filter, and the matching transactions.
        FILTERED,
        /// The block, compact if it is recent.
        COMPACT,
        /// Some of its transactions.
        TRANSACTIONS,
        /// The block, compact, without having been asked.
        ANNOUNCEMENT
    }

    static ServeRequest of(Kind kind, BlockHash hash) {
        return new ServeRequest(kind, hash, null);
    }
}
