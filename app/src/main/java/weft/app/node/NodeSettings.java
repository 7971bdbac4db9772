package weft.app.node;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import weft.app.record.FlightRecorder;
import weft.chain.ChainOptions;
import weft.consensus.ChainParams;
import weft.mempool.MempoolOptions;
import weft.mining.TemplateOptions;
import weft.net.NetOptions;
import weft.p2p.P2pOptions;

/// Everything that a running node needs to be told; no part of it knows the names of command-line options.
///
/// @param params of the network, changed as the operator wants
/// @param storage where and how blocks and coins are kept
/// @param scripts who checks scripts
/// @param indexes which indexes are kept
/// @param book how addresses are kept
/// @param watching what is written down of the peers
public record NodeSettings(
        ChainParams params,
        Storage storage,
        ChainOptions chain,
        Pool pool,
        P2pOptions p2p,
        NetOptions net,
        Scripts scripts,
        IndexOptions indexes,
        Book book,
        Watching watching) {

    /// The same with another part for peers.
    NodeSettings with(P2pOptions other) {
        return new NodeSettings(
                params, storage, chain, pool, other, net, scripts, indexes, book, watching);
    }

    /// What is written down of the peers, for study.
    ///
    /// @param capture write all messages to files (`-capturemessages`)
    /// @param captureBytesMax of all those files together (`-capturemax`)
    /// @param record everything that the peer engine is given (`-record`)
    public record Watching(
            boolean capture, long captureBytesMax, Optional<FlightRecorder.Options> record) {}

    /// Where and how blocks and coins are kept.
    ///
    /// @param folder of the network, for instance `~/.weft/regtest`
    /// @param blocks folder of block files
    /// @param databaseCacheBytes memory of the database
    /// @param xor scramble new block files, so that no virus scanner finds anything in them
    /// @param blockFileBytes size at which a block file is full
    /// @param rebuild what is made anew of the block files at this start
    /// @param load files of blocks from elsewhere to take in at this start
    /// @param check which blocks are read again at this start
    /// @param crashes how often the process ends in the middle of a write
    public record Storage(
            Path folder,
            Path blocks,
            long databaseCacheBytes,
            boolean xor,
            long blockFileBytes,
            Rebuild rebuild,
            List<Path> load,
            BlockCheck check,
            Crashes crashes) {
        /// Copies the list.
        public Storage {
            load = List.copyOf(load);
        }
    }

    /// How addresses and bans are kept.
    ///
    /// @param banTime how long a ban lasts where nothing else is said
    /// @param asMap the file that tells operators of networks apart, if there is one
    /// @param checkEvery the book is checked at one in so many changes and questions; 0 for never
    /// @param knownKey a new book gets a key that everybody knows: for tests
    public record Book(Duration banTime, Optional<Path> asMap, int checkEvery, boolean knownKey) {
        /// As nodes usually do.
        public static final Book USUAL = new Book(Duration.ofDays(1), Optional.empty(), 0, false);
    }

    /// Which blocks are read again at a start, as `verifychain` does.
    ///
    /// @param blocks how many of the last; 0 for all
    /// @param level 0 to 4
    /// @param isWanted the operator asked for it: a check that lacks memory is then an error
    public record BlockCheck(int blocks, int level, boolean isWanted) {}

    /// How often the process ends, on purpose, while it writes coins.
    ///
    /// @param ratio one time in so many; 0 for never
    /// @param batchBytes after how many bytes there is another chance
    public record Crashes(int ratio, long batchBytes) {
        /// The process ends when it is told to.
        public static final Crashes NONE = new Crashes(0, 16L << 20);
    }

    /// What is made anew of the block files.
    public enum Rebuild {
        /// Nothing: what is there is used.
        NOTHING,
        /// The coins, of the blocks in the index (`-reindex-chainstate`).
        COINS,
        /// The index of blocks, the coins and all else (`-reindex`).
        ALL
    }

    /// The mempool, and what the miner takes of it.
    ///
    /// @param staleFees use what earlier runs learnt of fees, however long ago
    /// @param checkEvery check the mempool after so many changes (`-checkmempool`); 0 for never
    public record Pool(
            MempoolOptions mempool, TemplateOptions templates, boolean staleFees, int checkEvery) {}

    /// Who checks scripts.
    ///
    /// @param threads at least 1
    /// @param cacheBytes memory for what was found right before; 0 for none
    public record Scripts(int threads, long cacheBytes) {}
}
