package weft.chain;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;
import weft.chain.api.HeaderNode;
import weft.chain.store.Batch;
import weft.chain.store.BlockPosition;
import weft.chain.store.BlockStore;
import weft.chain.store.KeyValueStore;
import weft.chain.store.StoreException;
import weft.primitives.Bytes;
import weft.primitives.log.Log;
import weft.primitives.log.LogCategory;

/// Deletes old block files, whole files with their undo data.
///
/// - The last 288 blocks always stay, and whatever a lock ([#lock]) still needs.
/// - First the coins and an index without the blocks are safe on disk, then the files go. *Rationale:*
///   a crash between leaves files that nobody needs, never an index that leads nowhere. They go at
///   the next start.
///
/// Owned by the chain's thread.
public final class Pruner {
    /// Blocks below what a lock needs that stay too, so that a small reorganisation does not matter.
    public static final int LOCK_BUFFER_BLOCKS = 10;

    private static final Bytes EVER_PRUNED =
            Bytes.wrap("prunedblockfiles".getBytes(StandardCharsets.ISO_8859_1));
    private static final long BUFFER_BYTES = 17L << 20;
    private static final long CHECK_BYTES = 16L << 20;
    private static final long BLOCK_BYTES_GUESS = 1_000_000;

    private final Pruning options;
    private final HeaderTree tree;
    private final ActiveChain chain;
    private final ChainStorage storage;
    private final Log log;
    private final Map<String, Integer> locks = new TreeMap<>();
    private long bytesChecked = Long.MIN_VALUE;
    private boolean ready;
    private Runnable before = () -> {};
    private int base;
    private int historyTip;

    Pruner(Pruning options, HeaderTree tree, ActiveChain chain, ChainStorage storage, Log log) {
        this.options = options;
        this.tree = tree;
        this.chain = chain;
        this.storage = storage;
        this.log = log;
    }

    /// What the operator wants.
    public Pruning options() {
        return options;
    }

    /// Keeps blocks from a height on, and a few below, until the lock is set anew or ends. A follower
    /// that falls back in a reorganisation sets its lock again.
    ///
    /// @param name of who needs them; each has one lock
    /// @param lowestHeight of the blocks that it still needs
    public void lock(String name, int lowestHeight) {
        locks.put(name, lowestHeight);
    }

    /// Ends a lock.
    public void unlock(String name) {
        locks.remove(name);
    }

    /// From now on files may be deleted; not while they are read anew.
    void begin() {
        ready = true;
    }

    /// Something to be written before each deletion.
    void beforeDeleting(Runnable write) {
        before = write;
    }

    /// Keeps blocks up to a snapshot's base that are not validated yet, or were just now.
    ///
    /// @param baseHeight 0 if there is no snapshot
    /// @param validated height up to which they are
    void keepHistory(int baseHeight, int validated) {
        base = baseHeight;
        historyTip = validated;
    }

    /// Whether blocks were ever deleted from this data folder.
    public boolean hasPruned() {
        return hasPruned(storage.database());
    }

    static boolean hasPruned(KeyValueStore database) {
        return database.get(EVER_PRUNED) != null;
    }

    /// Checks that what was deleted may be missing, and deletes what a crash left.
    ///
    /// @throws StoreException if blocks are missing that the operator wants
    void load() {
        if (!hasPruned()) {
            return;
        }
        if (!options.isOn()) {
            throw new StoreException(
                    "You need to rebuild the database using -reindex to go back to unpruned mode.  "
                            + "This will redownload the entire blockchain");
        }
        log.info("Loading block index db: Block files have previously been pruned");
        BlockStore blocks = storage.blocks();
        Map<Integer, Boolean> files = files(0);
        for (int file = 0; file < blocks.lastFile(); file++) {
            if (!files.containsKey(file) && blocks.bytesUsed(file) > 0) {
                blocks.delete(file);
            }
        }
    }

    /// Whether files grew so much since the last look that some may have to go.
    boolean isDue() {
        if (!ready || !options.isAutomatic() || chain.height() <= options.afterHeight()) {
            return false;
        }
        long bytes = storage.blocks().bytesUsed();
        return bytesChecked == Long.MIN_VALUE || bytes - bytesChecked >= CHECK_BYTES;
    }

    /// Deletes files until all together are below the target.
    ///
    /// @param initial the chain is still being downloaded: more is deleted at once, since each time the
    ///     coins are written
    /// @return headers whose blocks are gone
    List<HeaderNode> pruneToTarget(boolean initial) {
        BlockStore blocks = storage.blocks();
        long usage = blocks.bytesUsed();
        long buffer = BUFFER_BYTES;
        var found = new BitSet();
        if (usage + buffer >= options.targetBytes()) {
            if (initial) {
                int missing = Math.max(0, tree.best().height() - chain.height());
                buffer += BLOCK_BYTES_GUESS * missing;
            }
            int last = lastHeight(Integer.MAX_VALUE);
            for (Map.Entry<Integer, Boolean> each : files(last).entrySet()) {
                int file = each.getKey();
                if (usage + buffer < options.targetBytes()) {
                    break;
                }
                if (file < blocks.lastFile() && each.getValue()) {
                    found.set(file);
                    usage -= blocks.bytesUsed(file);
                }
            }
        }
        List<HeaderNode> gone = delete(found);
        bytesChecked = blocks.bytesUsed();
        long left = usage;
        log.debug(
                LogCategory.PRUNE,
                () ->
                        "target="
                                + (options.targetBytes() >> 20)
                                + "MiB actual="
                                + (left >> 20)
                                + "MiB removed "
                                + found.cardinality()
                                + " blk/rev pairs");
        return gone;
    }

    /// Deletes every file that has no block above a height, as far as the blocks may go.
    ///
    /// @return headers whose blocks are gone
    List<HeaderNode> pruneUpTo(int height) {
        int last = lastHeight(height);
        var found = new BitSet();
        int lastFile = storage.blocks().lastFile();
        files(last).forEach((file, mayGo) -> found.set(file, file < lastFile && mayGo));
        log.info(
                "Prune (Manual): prune_height="
                        + last
                        + " removed "
                        + found.cardinality()
                        + " blk/rev pairs");
        return delete(found);
    }

    private int lastHeight(int wanted) {
        int last = chain.height();
        for (Map.Entry<String, Integer> lock : locks.entrySet()) {
            int allowed = lock.getValue() - LOCK_BUFFER_BLOCKS - 1;
            if (allowed < last) {
                last = Math.max(1, allowed);
                int limit = last;
                log.debug(
                        LogCategory.PRUNE,
                        () -> lock.getKey() + " limited pruning to height " + limit);
            }
        }
        return Math.min(
                wanted, Math.min(last, Math.max(0, chain.height() - Pruning.BLOCKS_TO_KEEP)));
    }

    /// The files, and whether each may go if blocks up to a height may.
    private Map<Integer, Boolean> files(int last) {
        var files = new TreeMap<Integer, Boolean>();
        for (BlockEntry entry : tree.entries()) {
            BlockPosition position = entry.block();
            if (position != null) {
                files.merge(position.file(), mayGo(entry.height(), last), Boolean::logicalAnd);
            }
        }
        return files;
    }

    private boolean mayGo(int height, int last) {
        boolean isHistory = base > 0 && height <= base;
        int end = isHistory ? Math.min(historyTip - Pruning.BLOCKS_TO_KEEP, last) : last;
        return height <= end;
    }

    private List<HeaderNode> delete(BitSet files) {
        if (files.isEmpty()) {
            return List.of();
        }
        storage.writeAll(chain.tip().hash(), true);
        before.run();
        var gone = new ArrayList<HeaderNode>();
        for (BlockEntry entry : tree.entries()) {
            BlockPosition position = entry.block();
            if (position != null && files.get(position.file())) {
                entry.unmark(BlockEntry.HAS_BLOCK | BlockEntry.HAS_UNDO);
                entry.setBlock(null);
                entry.setUndo(null);
                tree.markDirty(entry);
                gone.add(entry.node());
            }
        }
        var batch = new Batch();
        batch.put(EVER_PRUNED, Bytes.wrap(new byte[] {1}));
        storage.database().write(batch);
        storage.writeAll(chain.tip().hash(), true);
        for (int file = files.nextSetBit(0); file >= 0; file = files.nextSetBit(file + 1)) {
            storage.blocks().delete(file);
            int deleted = file;
            log.debug(LogCategory.PRUNE, () -> "Prune: deleted blk/rev (" + deleted + ")");
        }
        return gone;
    }

    /// Height of the highest block of the active chain that is missing or has no undo data; empty if
    /// all are there.
    public OptionalInt prunedHeight() {
        for (int height = chain.height(); height > 0; height--) {
            HeaderNode node = chain.at(height);
            BlockEntry entry = node == null ? null : tree.entry(node);
            if (entry == null || !entry.hasBlock() || !entry.is(BlockEntry.HAS_UNDO)) {
                return OptionalInt.of(height);
            }
        }
        return OptionalInt.empty();
    }
}
