package weft.chain.api;

import java.util.List;
import weft.primitives.Block;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;
import weft.primitives.Check;
import weft.primitives.Transaction;
import weft.primitives.Txid;

/// What the chain engine is asked to do. Issued by the peer engine, the miner and the RPC server;
/// handled by the chain engine, which answers with [ChainEvent]s that carry the same [Origin].
public sealed interface ChainCommand {
    /// Who asks.
    Origin origin();

    /// Check headers that follow one another and add them to the header tree.
    ///
    /// @param minPowChecked the branch is known to have enough work (or needs none to be kept)
    record SubmitHeaders(Origin origin, List<BlockHeader> headers, boolean minPowChecked)
            implements ChainCommand {
        /// Copies the list.
        public SubmitHeaders {
            headers = List.copyOf(headers);
        }
    }

    /// Check a block, store it, and connect whatever branch then has most work.
    ///
    /// @param requested we asked for it; an unrequested block is only kept if it could matter
    record SubmitBlock(Origin origin, Block block, boolean requested) implements ChainCommand {}

    /// Offer a transaction to the mempool.
    record SubmitTx(Origin origin, Transaction tx) implements ChainCommand {}

    /// Judge a transaction, and leave the mempool as it is; answered by [ChainEvent.TxTested].
    ///
    /// @param txs the transaction last, before it those of its parents that the mempool does not know
    record TestTx(Origin origin, List<Transaction> txs) implements ChainCommand {
        /// Copies the list.
        public TestTx {
            txs = List.copyOf(txs);
            Check.argument(!txs.isEmpty(), "there is a transaction");
        }
    }

    /// Offer a child with its unconfirmed parents to the mempool: what they pay may count together. Each
    /// that was judged is answered for itself, then all by [ChainEvent.PackageJudged].
    ///
    /// @param txs parents first, the child last
    /// @param senders who sent each; the answer about a transaction goes to its sender
    record SubmitPackage(Origin origin, List<Transaction> txs, List<Origin> senders)
            implements ChainCommand {
        /// Copies the lists.
        public SubmitPackage {
            txs = List.copyOf(txs);
            senders = List.copyOf(senders);
            Check.argument(txs.size() == senders.size(), "each transaction has a sender");
        }
    }

    /// A peer asked for a transaction of the mempool and got it: it need not be announced again.
    record NoteServed(Origin origin, Txid txid) implements ChainCommand {}

    /// Read a block from the store, to serve it.
    record FetchBlock(Origin origin, BlockHash hash) implements ChainCommand {}
}
