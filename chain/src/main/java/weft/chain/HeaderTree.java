package weft.chain;

import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import weft.chain.api.BlockFailure;
import weft.chain.api.HeaderIndex;
import weft.chain.api.HeaderList;
import weft.chain.api.HeaderNode;
import weft.chain.api.HeaderTable;
import weft.chain.store.Batch;
import weft.chain.store.KeyValueStore;
import weft.chain.store.StoreException;
import weft.crypto.Sha256;
import weft.crypto.SipHash;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;
import weft.primitives.Bytes;
import weft.primitives.Check;
import weft.primitives.Now;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;
import weft.primitives.codec.MalformedBytes;
import weft.primitives.log.Log;
import weft.primitives.log.LogCategory;

/// Every header that passed its checks, and what we know of its block (Core: the block index), in columns.
/// Kept on disk in the order of arrival, some headers together under `b` and their place in that order.
/// Owned by the chain's thread.
public final class HeaderTree {
    private static final byte PREFIX = 'b';
    private static final int KEY_BYTES = 1 + Integer.BYTES;

    /// Headers that are written together.
    private static final int GROUP = 32;

    private final ChainRules rules;
    private final Log log;
    private final HeaderTable table;
    private final HeaderIndex index = new HeaderIndex();
    private final BlockColumns columns = new BlockColumns();
    private final Set<BlockEntry> failed = new LinkedHashSet<>();
    private final BitSet dirtyGroups = new BitSet();
    private @Nullable BlockEntry best;
    private @Nullable HeaderNode checkpoint;

    /// No header yet.
    ///
    /// @param hash with a key that strangers do not know
    HeaderTree(ChainRules rules, SipHash hash, Log log) {
        this.rules = rules;
        this.log = log;
        this.table = new HeaderTable(hash);
    }

    /// Whether a header was taken in.
    ///
    /// @param entry the entry, also where the header was known to be invalid; null if it is not in the
    ///     tree
    /// @param isNew it was not in the tree before
    /// @param failure null if the header is in the tree and not invalid
    record Accepted(@Nullable BlockEntry entry, boolean isNew, @Nullable BlockFailure failure) {}

    /// The header of a hash; null if it is not in the tree.
    public @Nullable HeaderNode find(BlockHash hash) {
        return index.find(hash);
    }

    /// Number of headers.
    public int size() {
        return index.size();
    }

    /// The header with most work that is not known to be invalid.
    public HeaderNode best() {
        return Check.present(best, "genesis is in the tree").node();
    }

    /// What is known of a header's block.
    public BlockStatus status(HeaderNode node) {
        BlockEntry entry = entry(node);
        return new BlockStatus(
                node,
                entry.hasBlock(),
                entry.is(BlockEntry.HAS_UNDO),
                entry.is(BlockEntry.VALID_SCRIPTS),
                entry.isFailed(),
                entry.txCount(),
                entry.chainTxCount());
    }

    /// All headers, parents before children.
    public List<HeaderNode> all() {
        return list(_ -> true);
    }

    /// Some headers, parents before children.
    List<HeaderNode> list(Predicate<BlockEntry> wanted) {
        int[] ids = new int[size()];
        int count = 0;
        for (int id = 0; id < ids.length; id++) {
            if (wanted.test(at(id))) {
                ids[count++] = id;
            }
        }
        return new HeaderList(table, Arrays.copyOf(ids, count));
    }

    HeaderTable table() {
        return table;
    }

    BlockEntry entry(HeaderNode node) {
        return new BlockEntry(columns, node);
    }

    private BlockEntry at(int id) {
        return entry(table.at(id));
    }

    @Nullable BlockEntry entryOrNull(BlockHash hash) {
        HeaderNode node = find(hash);
        return node == null ? null : entry(node);
    }

    /// All entries, parents before children.
    Iterable<BlockEntry> entries() {
        return () -> IntStream.range(0, size()).mapToObj(this::at).iterator();
    }

    /// Entries that no other entry stands on, the highest first.
    List<BlockEntry> leaves() {
        var inner = new BitSet(size());
        for (BlockEntry entry : entries()) {
            HeaderNode parent = entry.node().parent();
            if (parent != null) {
                inner.set(parent.id());
            }
        }
        return IntStream.range(0, size())
                .filter(id -> !inner.get(id))
                .mapToObj(this::at)
                .sorted(
                        Comparator.comparingInt(BlockEntry::height)
                                .reversed()
                                .thenComparing(entry -> entry.node().hash()))
                .toList();
    }

    /// Does something with a header as if it were in the tree, and forgets it.
    <T> T withTrial(BlockHeader header, BlockHash hash, Function<HeaderNode, T> use) {
        HeaderNode parent = Check.present(find(header.parent()), "a trial stands on the tree");
        HeaderNode node = table.add(header, hash, parent, rules.work(header));
        try {
            return use.apply(node);
        } finally {
            table.removeLast();
        }
    }

    /// Takes in a header if it passes all checks.
    ///
    /// @param minPowChecked its branch is known to have enough work
    Accepted accept(BlockHeader header, boolean minPowChecked, Now now) {
        BlockHash hash = header.hash();
        BlockEntry known = entryOrNull(hash);
        if (known != null) {
            if (known.isFailed()) {
                log.debug(
                        LogCategory.VALIDATION,
                        () -> "AcceptBlockHeader: block " + hash + " is marked invalid");
                return new Accepted(known, false, ChainFailures.DUPLICATE_INVALID);
            }
            return new Accepted(known, false, null);
        }
        BlockFailure failure = rules.checkHeader(header, hash);
        if (failure != null) {
            return refused(hash, "Consensus::CheckBlockHeader", failure);
        }
        BlockEntry parent = entryOrNull(header.parent());
        if (parent == null) {
            log.debug(
                    LogCategory.VALIDATION,
                    () -> "header " + hash + " has prev block not found: " + header.parent());
            return new Accepted(null, false, ChainFailures.MISSING_PARENT);
        }
        if (parent.isFailed()) {
            return invalidParent(hash, header);
        }
        failure = checkInContext(header, parent.node(), now);
        if (failure != null) {
            return refused(hash, "Consensus::ContextualCheckBlockHeader", failure);
        }
        if (standsOnFailed(parent)) {
            return invalidParent(hash, header);
        }
        if (!minPowChecked) {
            log.debug(
                    LogCategory.VALIDATION,
                    () ->
                            "AcceptBlockHeader: not adding new block header "
                                    + hash
                                    + ", missing anti-dos proof-of-work validation");
            return new Accepted(null, false, ChainFailures.LOW_WORK);
        }
        BlockEntry entry = add(table.add(header, hash, parent.node(), rules.work(header)));
        markDirty(entry);
        return new Accepted(entry, true, null);
    }

    private Accepted refused(BlockHash hash, String check, BlockFailure failure) {
        log.debug(
                LogCategory.VALIDATION,
                () -> "AcceptBlockHeader: " + check + ": " + hash + ", " + failure);
        return new Accepted(null, false, failure);
    }

    private Accepted invalidParent(BlockHash hash, BlockHeader header) {
        log.debug(
                LogCategory.VALIDATION,
                () -> "header " + hash + " has prev block invalid: " + header.parent());
        return new Accepted(null, false, ChainFailures.INVALID_PARENT);
    }

    /// Whether a header stands on an invalid one though it is not marked yet; marks all between.
    private boolean standsOnFailed(BlockEntry entry) {
        if (entry.is(BlockEntry.VALID_SCRIPTS)) {
            return false;
        }
        for (BlockEntry bad : failed) {
            if (entry.node().hasAncestor(bad.node())) {
                for (BlockEntry each = entry;
                        each != null && !each.equals(bad);
                        each = each.parent()) {
                    each.mark(BlockEntry.FAILED_CHILD);
                    markDirty(each);
                }
                return true;
            }
        }
        return false;
    }

    /// Rules of a header on its branch, in the order that tells which one is named: the difficulty, the
    /// checkpoints, then all others.
    private @Nullable BlockFailure checkInContext(BlockHeader header, HeaderNode parent, Now now) {
        BlockFailure failure = rules.checkHeaderInContext(header, parent, now);
        int height = parent.height() + 1;
        if (checkpoint == null || height >= checkpoint.height() || hasWrongBits(failure)) {
            return failure;
        }
        log.info(
                "ERROR: ContextualCheckBlockHeader: forked chain older than last checkpoint (height "
                        + height
                        + ")");
        return new BlockFailure(
                BlockFailure.Kind.INVALID_HEADER, "bad-fork-prior-to-checkpoint", "");
    }

    private static boolean hasWrongBits(@Nullable BlockFailure failure) {
        return failure != null && failure.reason().equals("bad-diffbits");
    }

    private BlockEntry add(HeaderNode node) {
        columns.add();
        index.add(node);
        BlockEntry entry = entry(node);
        if (best == null || best.node().compareWork(node) < 0) {
            best = entry;
        }
        if (rules.isCheckpoint(node)
                && (checkpoint == null || checkpoint.height() < node.height())) {
            checkpoint = node;
        }
        return entry;
    }

    /// The first header of all; adds it if it is not there.
    BlockEntry genesis() {
        BlockHeader header = rules.genesis().header();
        BlockHash hash = header.hash();
        BlockEntry known = entryOrNull(hash);
        if (known != null) {
            return known;
        }
        BlockEntry entry = add(table.addGenesis(header, hash, rules.work(header)));
        markDirty(entry);
        return entry;
    }

    void markDirty(BlockEntry entry) {
        dirtyGroups.set(entry.node().id() / GROUP);
    }

    /// Number of entries that [#stage] would write.
    int dirtySize() {
        return dirtyGroups.cardinality() * GROUP;
    }

    /// Marks a block as breaking a rule.
    void markFailed(BlockEntry entry) {
        entry.mark(BlockEntry.FAILED);
        failed.add(entry);
        markDirty(entry);
    }

    void markFailedChild(BlockEntry entry) {
        if (!entry.is(BlockEntry.FAILED_CHILD)) {
            entry.mark(BlockEntry.FAILED_CHILD);
            markDirty(entry);
        }
    }

    /// Takes back that a block is invalid, or that it stands on an invalid one if that is no longer so;
    /// for all blocks, parents before children.
    ///
    /// @param ownFault also take back what is wrong with the block itself
    /// @return whether the block was invalid and no longer is
    boolean clearFailed(BlockEntry entry, boolean ownFault) {
        if (!entry.isFailed()) {
            return false;
        }
        BlockEntry parent = entry.parent();
        boolean parentFailed = parent != null && parent.isFailed();
        entry.unmark(
                (ownFault ? BlockEntry.FAILED : 0) | (parentFailed ? 0 : BlockEntry.FAILED_CHILD));
        if (!entry.is(BlockEntry.FAILED)) {
            failed.remove(entry);
        }
        markDirty(entry);
        return !entry.isFailed();
    }

    /// Looks again for the best header after some became invalid or valid.
    void findBest() {
        BlockEntry found = null;
        for (BlockEntry entry : entries()) {
            BlockEntry parent = entry.parent();
            if (parent != null && parent.isFailed() && !entry.isFailed()) {
                markFailedChild(entry);
            }
            boolean better = found == null || found.node().compareWork(entry.node()) < 0;
            if (!entry.isFailed() && better) {
                found = entry;
            }
        }
        best = found;
    }

    /// Adds to a batch what changed; call [#written] when the batch is on disk.
    void stage(Batch batch) {
        for (int group = dirtyGroups.nextSetBit(0);
                group >= 0;
                group = dirtyGroups.nextSetBit(group + 1)) {
            var out = new ByteWriter(GROUP * 128);
            int end = Math.min((group + 1) * GROUP, size());
            for (int id = group * GROUP; id < end; id++) {
                at(id).write(out);
            }
            var key = new ByteWriter(KEY_BYTES);
            key.u8(PREFIX).i32(Integer.reverseBytes(group));
            batch.put(key.toBytes(), out.toBytes().compact());
        }
    }

    void written() {
        dirtyGroups.clear();
    }

    /// Reads all entries; for an empty tree.
    void load(KeyValueStore store) {
        store.scan(
                Bytes.wrap(new byte[] {PREFIX}),
                (key, value) -> {
                    if (key.length() != KEY_BYTES) {
                        throw StoreException.damaged(
                                "the block index is of an older version of this program",
                                StoreException.Remedy.REINDEX);
                    }
                    try {
                        readGroup(
                                ByteReader.of(
                                        value.backingArray(),
                                        value.backingOffset(),
                                        value.length()));
                    } catch (MalformedBytes e) {
                        throw StoreException.damaged(
                                "the block index is damaged: " + e.getMessage(),
                                StoreException.Remedy.REINDEX,
                                e);
                    }
                    return true;
                });
        findBest();
    }

    private void readGroup(ByteReader in) {
        while (!in.isAtEnd()) {
            int from = in.position();
            BlockHeader header = BlockHeader.read(in);
            BlockHash hash = BlockHash.of(Sha256.hashTwice(in.array(), from, BlockHeader.BYTES));
            BlockEntry entry = add(link(header, hash));
            entry.readRest(in);
            if (entry.is(BlockEntry.FAILED)) {
                failed.add(entry);
            }
            BlockEntry parent = entry.parent();
            if (entry.txCount() > 0 && (parent == null || parent.isBranchComplete())) {
                entry.setChainTxCount(
                        entry.txCount() + (parent == null ? 0 : parent.chainTxCount()));
            }
        }
    }

    private HeaderNode link(BlockHeader header, BlockHash hash) {
        if (size() == 0) {
            if (!hash.equals(rules.genesis().hash())) {
                throw new StoreException(
                        "Incorrect or no genesis block found. Wrong datadir for network?");
            }
            return table.addGenesis(header, hash, rules.work(header));
        }
        HeaderNode parent = find(header.parent());
        if (parent == null || find(hash) != null) {
            throw StoreException.damaged(
                    "the block index is damaged: " + hash + " has no parent",
                    StoreException.Remedy.REINDEX);
        }
        return table.add(header, hash, parent, rules.work(header));
    }
}
