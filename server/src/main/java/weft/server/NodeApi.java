package weft.server;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import weft.chain.BlockPlace;
import weft.chain.index.FollowedBlock;
import weft.chain.index.IndexSet;
import weft.chain.index.IndexWriter;
import weft.consensus.ChainParams;
import weft.mempool.MempoolImport;
import weft.node.ChainEngine;
import weft.p2p.PeerCommand;
import weft.p2p.PeerEngine;
import weft.primitives.Now;

/// What the methods need of the running node: questions to its two engines, each on the thread that owns it,
/// and what belongs to the process. Implemented by the program.
public interface NodeApi {
    /// The network.
    ChainParams params();

    /// Runs something on the chain engine's thread, between two commands, and waits for the answer. Blocks
    /// that come of it are told to the peers.
    ///
    /// @throws IllegalStateException if the node is shutting down
    <T> T onChain(Function<ChainEngine, T> question);

    /// Runs something on the peer engine's thread and waits for the answer.
    ///
    /// @throws IllegalStateException if the node is shutting down
    <T> T onPeers(Function<PeerEngine, T> question);

    /// Gives the peer engine a command and waits until it is carried out.
    void tellPeers(PeerCommand command);

    /// The time, which a test may have set.
    Now now();

    /// Sets the clock.
    ///
    /// @param unixSeconds 0 for the real one again
    void setMockTime(long unixSeconds);

    /// Lets everything that waits for a time think that so much passed.
    void forwardTime(Duration span);

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

    /// Whether the program was asked to stop; questions to the engines may then fail.
    boolean isStopping();

    /// The file that keeps the mempool over a restart.
    PoolFile poolFile();

    /// Asks the program to stop; returns at once.
    void requestStop();

    /// What the operator decided at the start.
    Settings settings();

    /// Log categories that can be switched while running.
    Logging logging();

    /// What the operator decided at the start.
    ///
    /// @param version of the program as one number, as Bitcoin Core counts
    /// @param deprecated methods and forms that are still answered (`-deprecatedrpc`)
    /// @param logFile path of the log
    /// @param startedSeconds when the program started, in seconds since 1970
    /// @param dataFolder of the network; relative paths begin there
    record Settings(
            int version,
            Set<String> deprecated,
            String logFile,
            long startedSeconds,
            String dataFolder) {}

    /// Log categories that can be switched while running.
    interface Logging {
        /// All categories by name.
        List<String> names();

        /// Whether a category is written.
        boolean isOn(String name);

        /// Switches a category, or all with `all` or `1`.
        ///
        /// @return false if there is no such category
        boolean set(String name, boolean on);
    }

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
