package weft.server;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import weft.chain.BlockPlace;
import weft.chain.index.FollowedBlock;
import weft.chain.index.IndexSet;
import weft.chain.index.IndexWriter;
import weft.mempool.MempoolImport;
import weft.node.ChainEngine;

/// What the methods need of a running full node: questions to its two engines, each on the thread that owns
/// it, and what belongs to the process. Implemented by the program.
public interface NodeApi extends PeersApi {
    /// Runs something on the chain engine's thread, between two commands, and waits for the answer. Blocks
    /// that come of it are told to the peers.
    ///
    /// @throws IllegalStateException if the node is shutting down
    <T> T onChain(Function<ChainEngine, T> question);

    @Override
    default List<String> warnings() {
        return onChain(engine -> engine.chain().warnings(engine.now()));
    }

    /// The indexes that the node keeps.
    IndexSet indexes();

    /// Waits until an index stands where the chain stands now, or beyond.
    ///
    /// @return false if it has not been at the tip since the start: it is still being built
    boolean awaitIndex(IndexWriter writer);

    /// Reads a block and the coins that it spent, on the calling thread.
    ///
    /// @throws weft.chain.store.StoreException if they cannot be read
    FollowedBlock read(BlockPlace place);

    /// Whether all is in that the node takes in by itself after its start: block files that are read anew,
    /// block files of others, the mempool of the last run.
    boolean isLoaded();

    /// The file that keeps the mempool over a restart.
    PoolFile poolFile();

    /// The file that keeps the mempool over a restart.
    interface PoolFile {
        /// Writes it.
        ///
        /// @return its path; empty if it could not be written
        Optional<String> save();

        /// Reads another such file, and waits until all its transactions were offered.
        ///
        /// @return false if it cannot be read; the log says why
        boolean load(String path, MempoolImport.Use use);
    }
}
