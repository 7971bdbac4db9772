package weft.chain;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import weft.chain.api.BlockFailure;
import weft.chain.api.HeaderNode;
import weft.chain.store.Batch;
import weft.chain.store.KeyValueStore;
import weft.chain.store.StoreException;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;
import weft.primitives.Bytes;
import weft.primitives.Check;
import weft.primitives.Now;
import weft.primitives.codec.MalformedBytes;
import weft.primitives.log.Log;
import weft.primitives.log.LogCategory;

/// Every header that passed its checks, and what we know of its block (Core: the block index). Kept on
/// disk as one entry a header under `b` and the hash. Owned by the chain's thread.
public final class HeaderTree {
    private static final Bytes PREFIX = Bytes.wrap(new byte[] {'b'});

    private final ChainRules rules;
    private final Log log;
    private final Map<BlockHash, BlockEntry> entries = new LinkedHashMap<>();
    private final Map<HeaderNode, BlockEntry> byNode = new HashMap<>();
    private final Set<BlockEntry> failed = new LinkedHashSet<>();
    private final Set<BlockEntry> dirty = new LinkedHashSet<>();
    private @Nullable BlockEntry best;
    private @Nullable HeaderNode checkpoint;

    HeaderTree(ChainRules rules, Log log) {
        this.rules = rules;
        this.log = log;
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
        BlockEntry entry = entries.get(hash);
        return entry == null ? null : entry.node;
    }

    /// Number of headers.
    public int size() {
        return entries.size();
    }

    /// The header with most work that is not known to be invalid.
    public HeaderNode best() {
        return Check.present(best, "genesis is in the tree").node;
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
                entry.txCount,
                entry.chainTxCount);
    }

    /// All headers, parents before children.
    public List<HeaderNode> all() {
        return byHeight().stream().map(entry -> entry.node).toList();
    }

    BlockEntry entry(HeaderNode node) {
        return Check.present(byNode.get(node), "a node is of this tree");
    }

    @Nullable BlockEntry entryOrNull(BlockHash hash) {
        return entries.get(hash);
    }

    Collection<BlockEntry> entries() {
        return entries.values();
    }

    List<BlockEntry> byHeight() {
        var sorted = new ArrayList<>(entries.values());
        sorted.sort(Comparator.comparingInt(BlockEntry::height));
        return sorted;
    }

    /// Entries that no other entry stands on, the highest first.
    List<BlockEntry> leaves() {
        var inner = new HashSet<BlockEntry>();
        for (BlockEntry entry : entries.values()) {
            if (entry.parent != null) {
                inner.add(entry.parent);
            }
        }
        return entries.values().stream()
                .filter(entry -> !inner.contains(entry))
                .sorted(
                        Comparator.comparingInt(BlockEntry::height)
                                .reversed()
                                .thenComparing(entry -> entry.node.hash()))
                .toList();
    }

    /// Takes in a header if it passes all checks.
    ///
    /// @param minPowChecked its branch is known to have enough work
    Accepted accept(BlockHeader header, boolean minPowChecked, Now now) {
        BlockHash hash = header.hash();
        BlockEntry known = entries.get(hash);
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
        BlockEntry parent = entries.get(header.parent());
        if (parent == null) {
            log.debug(
                    LogCategory.VALIDATION,
                    () -> "header " + hash + " has prev block not found: " + header.parent());
            return new Accepted(null, false, ChainFailures.MISSING_PARENT);
        }
        if (parent.isFailed()) {
            return invalidParent(hash, header);
        }
        failure = rules.checkHeaderInContext(header, parent.node, now);
        if (failure == null && checkpoint != null && parent.height() + 1 < checkpoint.height()) {
            failure =
                    new BlockFailure(
                            BlockFailure.Kind.INVALID_HEADER, "bad-fork-prior-to-checkpoint", "");
        }
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
        BlockEntry entry =
                add(HeaderNode.of(header, hash, parent.node, rules.work(header)), parent);
        dirty.add(entry);
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
            if (entry.node.hasAncestor(bad.node)) {
                for (BlockEntry each = entry; each != null && each != bad; each = each.parent) {
                    each.status |= BlockEntry.FAILED_CHILD;
                    dirty.add(each);
                }
                return true;
            }
        }
        return false;
    }

    private BlockEntry add(HeaderNode node, @Nullable BlockEntry parent) {
        var entry = new BlockEntry(node, parent);
        entries.put(node.hash(), entry);
        byNode.put(node, entry);
        if (best == null || best.node.chainWork().compareTo(node.chainWork()) < 0) {
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
        BlockEntry known = entries.get(header.hash());
        if (known != null) {
            return known;
        }
        BlockEntry entry = add(HeaderNode.genesis(header, rules.work(header)), null);
        dirty.add(entry);
        return entry;
    }

    void markDirty(BlockEntry entry) {
        dirty.add(entry);
    }

    int dirtySize() {
        return dirty.size();
    }

    /// Marks a block as breaking a rule.
    void markFailed(BlockEntry entry) {
        entry.status |= BlockEntry.FAILED;
        failed.add(entry);
        dirty.add(entry);
    }

    void markFailedChild(BlockEntry entry) {
        if ((entry.status & BlockEntry.FAILED_CHILD) == 0) {
            entry.status |= BlockEntry.FAILED_CHILD;
            dirty.add(entry);
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
        boolean parentFailed = entry.parent != null && entry.parent.isFailed();
        int cleared =
                (ownFault ? BlockEntry.FAILED : 0) | (parentFailed ? 0 : BlockEntry.FAILED_CHILD);
        entry.status &= ~cleared;
        if (!entry.is(BlockEntry.FAILED)) {
            failed.remove(entry);
        }
        dirty.add(entry);
        return !entry.isFailed();
    }

    /// Looks again for the best header after some became invalid or valid.
    void findBest() {
        BlockEntry found = null;
        for (BlockEntry entry : byHeight()) {
            if (entry.parent != null && entry.parent.isFailed() && !entry.isFailed()) {
                markFailedChild(entry);
            }
            boolean better =
                    found == null || found.node.chainWork().compareTo(entry.node.chainWork()) < 0;
            if (!entry.isFailed() && better) {
                found = entry;
            }
        }
        best = found;
    }

    /// Adds to a batch what changed; call [#written] when the batch is on disk.
    void stage(Batch batch) {
        for (BlockEntry entry : dirty) {
            batch.put(key(entry.node.hash()), entry.toBytes());
        }
    }

    void written() {
        dirty.clear();
    }

    private static Bytes key(BlockHash hash) {
        return PREFIX.plus(Bytes.wrap(hash.toByteArray()));
    }

    /// Reads all entries; for an empty tree.
    void load(KeyValueStore store) {
        var stored = new ArrayList<BlockEntry.Stored>();
        store.scan(
                PREFIX,
                (key, value) -> {
                    try {
                        stored.add(BlockEntry.Stored.read(value));
                    } catch (MalformedBytes e) {
                        throw new StoreException(
                                "the block index is damaged: " + e.getMessage(), e);
                    }
                    return true;
                });
        stored.sort(Comparator.comparingInt(BlockEntry.Stored::height));
        for (BlockEntry.Stored each : stored) {
            link(each);
        }
        findBest();
    }

    private void link(BlockEntry.Stored stored) {
        BlockHeader header = stored.header();
        BlockHash hash = header.hash();
        BlockEntry entry;
        if (stored.height() == 0) {
            if (!hash.equals(rules.genesis().hash())) {
                throw new StoreException(
                        "Incorrect or no genesis block found. Wrong datadir for network?");
            }
            entry = add(HeaderNode.genesis(header, rules.work(header)), null);
        } else {
            BlockEntry parent = entries.get(header.parent());
            if (parent == null || parent.height() + 1 != stored.height()) {
                throw new StoreException("the block index is damaged: " + hash + " has no parent");
            }
            entry = add(HeaderNode.of(header, hash, parent.node, rules.work(header)), parent);
        }
        stored.copyTo(entry);
        if (entry.is(BlockEntry.FAILED)) {
            failed.add(entry);
        }
        boolean complete =
                entry.txCount > 0 && (entry.parent == null || entry.parent.isBranchComplete());
        if (complete) {
            entry.chainTxCount =
                    entry.txCount + (entry.parent == null ? 0 : entry.parent.chainTxCount);
        }
    }
}
