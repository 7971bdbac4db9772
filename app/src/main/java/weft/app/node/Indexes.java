package weft.app.node;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import weft.chain.BlockPlace;
import weft.chain.BlockReader;
import weft.chain.Pruner;
import weft.chain.api.ChainEvent;
import weft.chain.api.HeaderNode;
import weft.chain.index.AddressIndex;
import weft.chain.index.CoinStatsIndex;
import weft.chain.index.FilterIndex;
import weft.chain.index.FollowedBlock;
import weft.chain.index.Follower;
import weft.chain.index.IndexSet;
import weft.chain.index.IndexWriter;
import weft.chain.index.IndexedBlock;
import weft.chain.index.TxIndex;
import weft.chain.store.BlockStore;
import weft.chain.store.KeyValueStore;
import weft.chain.store.StoreException;
import weft.consensus.ChainParams;
import weft.p2p.sync.FilterSource;
import weft.primitives.Bytes;
import weft.primitives.log.Log;
import weft.store.Disk;
import weft.store.RocksKeyValueStore;

/// The indexes of a node, each with its database in `indexes/` and its thread.
public final class Indexes implements AutoCloseable {
    private final List<IndexLoop> loops = new ArrayList<>();
    private final List<AutoCloseable> stores = new ArrayList<>();
    private final Disk disk;
    private final ChainParams params;
    private final IndexOptions options;
    private final boolean anew;
    private final IndexSet set;
    private final BlockReader reader;

    /// Opens the databases; nothing runs yet.
    ///
    /// @param anew forget what is in them
    /// @param blocks of the chain that is followed
    Indexes(Disk disk, ChainParams params, IndexOptions options, boolean anew, BlockStore blocks) {
        this.disk = disk;
        this.params = params;
        this.options = options;
        this.anew = anew;
        this.reader = new BlockReader(blocks);
        try {
            this.set =
                    new IndexSet(
                            keep(
                                    options.transactions(),
                                    "txindex",
                                    store -> new TxIndex(store, blocks)),
                            keep(options.filters(), "blockfilter/basic", FilterIndex::new),
                            keep(
                                    options.coins(),
                                    "coinstats",
                                    store -> new CoinStatsIndex(store, params)),
                            keep(
                                    options.addresses(),
                                    "address",
                                    store -> new AddressIndex(store, params)));
        } catch (RuntimeException | Error e) {
            closeStores();
            throw e;
        }
    }

    private <F extends Follower> Optional<IndexSet.Kept<F>> keep(
            boolean wanted, String folder, Function<KeyValueStore, F> maker) {
        if (!wanted) {
            return Optional.empty();
        }
        RocksKeyValueStore store = open(disk.subfolder("indexes/" + folder));
        stores.add(store);
        F index = maker.apply(store);
        var writer = new IndexWriter(index, store);
        writer.open(params.genesis().hash());
        return Optional.of(new IndexSet.Kept<>(index, writer));
    }

    private RocksKeyValueStore open(Path folder) {
        if (anew) {
            RocksKeyValueStore.destroy(folder);
        }
        return RocksKeyValueStore.open(
                folder, options.cacheBytes(), StoreException.Remedy.INDEX_ANEW.sentence());
    }

    /// Keeps the blocks that the indexes have not seen; before the chain is loaded.
    void lockBlocks(Pruner pruner) {
        for (IndexWriter writer : set.writers()) {
            pruner.lock(writer.follower().name(), height(writer));
        }
    }

    private static int height(IndexWriter writer) {
        IndexedBlock best = writer.best();
        return best == null ? 0 : best.height();
    }

    /// Begins to follow a chain that is loaded.
    ///
    /// @throws NodeFault if blocks that an index needs were deleted
    void start(ChainLoop chain, Consumer<Throwable> fatal, Log log) {
        for (IndexWriter writer : set.writers()) {
            loops.add(new IndexLoop(writer, chain, reader, fatal, log));
        }
        for (IndexLoop loop : loops) {
            if (loop.isBeyondPruned()) {
                String name = oldest().follower().name();
                throw new NodeFault(
                        name
                                + " best block of the index goes beyond pruned data. Please disable the "
                                + "index or reindex (which will download the whole blockchain again)\n"
                                + "Error: A fatal internal error occurred, see debug.log for details: "
                                + "Failed to start indexes, shutting down..");
            }
        }
        loops.forEach(IndexLoop::start);
    }

    /// The index that is farthest behind; of several the one of filters.
    private IndexWriter oldest() {
        return set.writers().stream()
                .min(
                        Comparator.comparingInt(Indexes::height)
                                .thenComparing(each -> each.follower().name()))
                .orElseThrow();
    }

    /// To hear every event of the chain; does not block. Far behind the network's tip the loops look by
    /// themselves once a second, not after every block.
    void onChainEvent(ChainEvent event) {
        if (event instanceof ChainEvent.TipChanged changed && !changed.initialBlockDownload()) {
            loops.forEach(IndexLoop::wake);
        }
    }

    /// The indexes.
    public IndexSet set() {
        return set;
    }

    /// What peers get filters from; empty if there is no index of them.
    Optional<FilterSource> filterSource() {
        return set.filters().map(kept -> new Filters(kept.index()));
    }

    /// Filters for peers.
    private record Filters(FilterIndex index) implements FilterSource {
        @Override
        public Optional<Bytes> filter(HeaderNode node) {
            return index.encoded(node);
        }

        @Override
        public Optional<Hashes> hashes(HeaderNode node) {
            return index.hashes(node).map(each -> new Hashes(each.filterHash(), each.header()));
        }
    }

    /// Reads a block and the coins that it spent, on the calling thread.
    public FollowedBlock read(BlockPlace place) {
        return new FollowedBlock(place, reader.block(place), reader.undo(place));
    }

    /// Waits until all indexes that once were where the chain is are there again.
    ///
    /// @return false if one has not been there since the start
    public boolean await() {
        boolean all = true;
        for (IndexLoop loop : loops) {
            all &= loop.await();
        }
        return all;
    }

    /// Waits for one of them.
    ///
    /// @return false if it has not been at the tip since the start
    public boolean await(IndexWriter writer) {
        for (int i = 0; i < loops.size(); i++) {
            if (set.writers().get(i).equals(writer)) {
                return loops.get(i).await();
            }
        }
        return false;
    }

    /// Ends the threads; the databases stay open for who still reads.
    void stop() {
        loops.forEach(IndexLoop::close);
    }

    private void closeStores() {
        for (AutoCloseable store : stores) {
            try {
                store.close();
            } catch (Exception e) {
                throw new NodeFault("cannot close an index: " + e.getMessage());
            }
        }
        stores.clear();
    }

    @Override
    public void close() {
        stop();
        closeStores();
    }
}
