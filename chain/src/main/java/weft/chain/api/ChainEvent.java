package weft.chain.api;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import weft.primitives.Block;
import weft.primitives.BlockHash;
import weft.primitives.Transaction;
import weft.primitives.Txid;
import weft.primitives.Wtxid;

/// What the chain engine tells the world. Issued by the chain engine in the order in which things
/// happened; heard by the peer engine, and by followers such as indexes, wallets and servers.
public sealed interface ChainEvent {
    /// The engine is loaded: everything that followers must know of the past.
    ///
    /// @param headers every header that is not invalid, parents before children
    /// @param stored headers among them whose blocks are on disk
    record Loaded(
            List<HeaderNode> headers,
            List<HeaderNode> stored,
            HeaderNode tip,
            boolean initialBlockDownload)
            implements ChainEvent {}

    /// Answers [ChainCommand.SubmitHeaders]: all are now in the tree.
    ///
    /// @param headers in the order of the command, those included that were known before
    /// @param added those that are new
    record HeadersAccepted(Origin origin, List<HeaderNode> headers, List<HeaderNode> added)
            implements ChainEvent {}

    /// Answers [ChainCommand.SubmitHeaders]: the ones before `hash` are in the tree, it and the rest are
    /// not.
    record HeadersRejected(
            Origin origin, BlockHash hash, BlockFailure failure, List<HeaderNode> added)
            implements ChainEvent {}

    /// A block's bytes are in the store; says nothing about its validity yet.
    ///
    /// @param isNew false if we had it before
    record BlockStored(Origin origin, HeaderNode node, boolean isNew) implements ChainEvent {}

    /// Blocks that were stored are deleted, because they are old.
    record BlocksPruned(List<HeaderNode> nodes) implements ChainEvent {}

    /// The chain began with a snapshot of all coins, and the blocks below it are validated up to here.
    ///
    /// @param base block of the snapshot; once `tip` is this, there is nothing special any more
    record HistoryMoved(HeaderNode tip, HeaderNode base) implements ChainEvent {}

    /// A block became part of the active chain.
    ///
    /// @param block null where the node tells others of a block of initial download: they have no use for
    ///     it, and whole blocks that wait to be heard of take much memory
    record BlockConnected(HeaderNode node, @Nullable Block block) implements ChainEvent {}

    /// A block is no longer part of the active chain.
    ///
    /// @param isGivenUp whether its transactions, and all that hang on them, shall leave the mempool: the
    ///     operator takes back so many blocks that nobody waits for them
    record BlockDisconnected(HeaderNode node, Block block, boolean isGivenUp)
            implements ChainEvent {
        /// A block whose transactions wait again.
        public BlockDisconnected(HeaderNode node, Block block) {
            this(node, block, false);
        }
    }

    /// The active chain has another tip; comes once after all blocks of a reorganisation.
    ///
    /// @param fork the highest header that the old and the new chain share
    record TipChanged(
            HeaderNode oldTip, HeaderNode newTip, HeaderNode fork, boolean initialBlockDownload)
            implements ChainEvent {}

    /// A block is not accepted, or was accepted and later found invalid.
    ///
    /// @param origin who sent it first
    record BlockRejected(Origin origin, BlockHash hash, BlockFailure failure)
            implements ChainEvent {}

    /// A header and all that stand on it are invalid, or valid again by the operator's word.
    record HeaderValidity(HeaderNode node, boolean valid) implements ChainEvent {}

    /// A transaction is in the mempool now.
    ///
    /// @param fee in satoshis
    record TxAccepted(Origin origin, Transaction tx, long fee) implements ChainEvent {}

    /// A transaction left the mempool.
    record TxRemoved(Txid txid, RemovalReason reason) implements ChainEvent {}

    /// A transaction is not accepted.
    record TxRejected(Origin origin, Transaction tx, TxFailure failure) implements ChainEvent {}

    /// A transaction cannot be judged: these parents are unknown.
    record TxMissingInputs(Origin origin, Transaction tx, List<Txid> parents)
            implements ChainEvent {}

    /// Answers [ChainCommand.TestTx].
    ///
    /// @param tx the last of the command
    /// @param failure why the mempool would not take it; empty if it would
    record TxTested(Origin origin, Transaction tx, Optional<TxFailure> failure)
            implements ChainEvent {}

    /// Transactions that were offered together are judged; comes after what is said of each, and also if
    /// they were refused before any was looked at.
    ///
    /// @param failure what is wrong with them together; empty if all are in the mempool
    record PackageJudged(Origin origin, List<Transaction> txs, Optional<String> failure)
            implements ChainEvent {}

    /// Nobody has asked for a transaction of our own users yet: it should be announced again.
    record TxUnrequested(Wtxid wtxid) implements ChainEvent {}

    /// The rate below which nothing comes into the mempool for lack of room is another now.
    ///
    /// @param perKvb satoshis per 1,000 virtual bytes; 0 while there is room
    record MempoolMinFee(long perKvb) implements ChainEvent {}

    /// Answers [ChainCommand.FetchBlock].
    record BlockFetched(Origin origin, BlockHash hash, Optional<Block> block)
            implements ChainEvent {}

    /// Why a transaction left the mempool; names as Core's `MemPoolRemovalReason`.
    enum RemovalReason {
        EXPIRY,
        SIZELIMIT,
        REORG,
        BLOCK,
        CONFLICT,
        REPLACED
    }
}
