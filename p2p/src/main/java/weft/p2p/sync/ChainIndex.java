package weft.p2p.sync;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;
import weft.chain.api.HeaderIndex;
import weft.chain.api.HeaderNode;
import weft.chain.api.HeaderTable;
import weft.primitives.BlockHash;
import weft.primitives.Check;

/// What the peer layer knows of the chain: every header, which blocks are stored, which are invalid, and the
/// active
/// chain. Built from chain events only.
final class ChainIndex {
    private static final int LOCATOR_DENSE = 10;

    private final HeaderIndex index = new HeaderIndex();

    /// In the order in which they came, so parents come before children.
    private int[] nodes = new int[16];

    private int count;

    // By number of the header.
    private final BitSet stored = new BitSet();
    private final BitSet invalid = new BitSet();
    private final BitSet onceActive = new BitSet();

    /// Numbers of the active chain's headers, by height.
    private int[] active = new int[16];

    private int activeCount;
    private @Nullable HeaderTable table;
    private @Nullable HeaderNode best;
    private @Nullable HeaderNode historyTip;
    private @Nullable HeaderNode historyBase;
    private boolean initialBlockDownload = true;

    void load(List<HeaderNode> headers, List<HeaderNode> withBlocks, HeaderNode tip, boolean ibd) {
        headers.forEach(this::add);
        withBlocks.forEach(each -> stored.set(each.id()));
        add(tip);
        moveTip(tip, ibd);
    }

    boolean isLoaded() {
        return activeCount > 0;
    }

    void add(HeaderNode node) {
        if (!index.add(node)) {
            return;
        }
        table = node.table();
        if (count == nodes.length) {
            nodes = Arrays.copyOf(nodes, count + count / 2);
        }
        nodes[count++] = node.id();
        HeaderNode parent = node.parent();
        if (parent != null && isInvalid(parent)) {
            invalid.set(node.id());
        } else if (best == null || node.compareWork(best) > 0) {
            best = node;
        }
    }

    private HeaderNode node(int id) {
        return Check.present(table, "a header was added").at(id);
    }

    void store(HeaderNode node) {
        add(node);
        stored.set(node.id());
    }

    /// Blocks below a snapshot are validated up to here.
    void moveHistory(HeaderNode tip, HeaderNode base) {
        boolean done = tip.equals(base);
        historyTip = done ? null : tip;
        historyBase = done ? null : base;
    }

    /// The last block validated below a snapshot; null if there is no snapshot.
    @Nullable HeaderNode historyTip() {
        return historyTip;
    }

    /// The block of a snapshot whose history is not validated yet; null if there is none.
    @Nullable HeaderNode historyBase() {
        return historyBase;
    }

    /// A block that was stored is gone.
    void forget(HeaderNode node) {
        stored.clear(node.id());
    }

    void moveTip(HeaderNode tip, boolean ibd) {
        add(tip);
        dropActive(tip.height() + 1);
        HeaderNode node = tip;
        while (node != null && !contains(node)) {
            node = node.parent();
        }
        dropActive(node == null ? 0 : node.height() + 1);
        int from = activeCount;
        activeCount = tip.height() + 1;
        if (activeCount > active.length) {
            active = Arrays.copyOf(active, activeCount + activeCount / 4);
        }
        for (node = tip; node != null && node.height() >= from; node = node.parent()) {
            active[node.height()] = node.id();
        }
        initialBlockDownload = ibd;
        if (best == null || tip.compareWork(best) > 0) {
            best = tip;
        }
    }

    private void dropActive(int keep) {
        while (activeCount > keep) {
            onceActive.set(active[--activeCount]);
        }
    }

    /// Marks a header and all that stand on it.
    void setValidity(HeaderNode root, boolean valid) {
        add(root);
        best = null;
        for (int i = 0; i < count; i++) {
            HeaderNode node = node(nodes[i]);
            if (node.hasAncestor(root)) {
                invalid.set(node.id(), !valid);
            }
            if (!isInvalid(node) && (best == null || node.compareWork(best) > 0)) {
                best = node;
            }
        }
    }

    @Nullable HeaderNode find(BlockHash hash) {
        return index.find(hash);
    }

    boolean isStored(HeaderNode node) {
        return stored.get(node.id());
    }

    boolean isInvalid(HeaderNode node) {
        return invalid.get(node.id());
    }

    HeaderNode tip() {
        Check.state(isLoaded(), "the chain is loaded");
        return node(active[activeCount - 1]);
    }

    /// The valid header with most work, whether or not its block is here.
    HeaderNode best() {
        HeaderNode found = best;
        return found == null ? tip() : found;
    }

    int height() {
        return activeCount - 1;
    }

    boolean initialBlockDownload() {
        return initialBlockDownload;
    }

    /// Whether a header is part of the active chain.
    boolean contains(HeaderNode node) {
        int height = node.height();
        return height < activeCount && active[height] == node.id();
    }

    /// Whether a header was part of the active chain and is no more; not known of times before the last
    /// start.
    boolean wasActive(HeaderNode node) {
        return onceActive.get(node.id());
    }

    /// The header of the active chain at a height; null above the tip.
    @Nullable HeaderNode at(int height) {
        return height >= 0 && height < activeCount ? node(active[height]) : null;
    }

    /// The header after one of the active chain; null at the tip.
    @Nullable HeaderNode next(HeaderNode node) {
        return contains(node) ? at(node.height() + 1) : null;
    }

    boolean isAncestorOfBestOrTip(HeaderNode node) {
        return best().hasAncestor(node) || contains(node);
    }

    /// Hashes from a header down to genesis: the first ones next to each other, then ever farther apart.
    static List<BlockHash> locator(@Nullable HeaderNode from) {
        var hashes = new ArrayList<BlockHash>();
        int step = 1;
        HeaderNode node = from;
        while (node != null) {
            hashes.add(node.hash());
            if (node.height() == 0) {
                break;
            }
            if (hashes.size() > LOCATOR_DENSE) {
                step *= 2;
            }
            node = node.ancestor(Math.max(node.height() - step, 0));
        }
        return hashes;
    }

    /// The highest block of the active chain that a locator names; genesis if it names none.
    HeaderNode fork(List<BlockHash> locator) {
        for (BlockHash hash : locator) {
            HeaderNode node = find(hash);
            if (node != null) {
                if (contains(node)) {
                    return node;
                }
                if (node.hasAncestor(tip())) {
                    return tip();
                }
            }
        }
        return node(active[0]);
    }
}
