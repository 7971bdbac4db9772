package weft.p2p.sync;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import weft.chain.api.HeaderNode;
import weft.primitives.BlockHash;
import weft.primitives.Check;

/// What the peer layer knows of the chain: every header, which blocks are stored, which are invalid, and the
/// active
/// chain. Built from chain events only.
final class ChainIndex {
    private static final int LOCATOR_DENSE = 10;

    /// Insertion order, so parents come before children.
    private final Map<BlockHash, HeaderNode> nodes = new LinkedHashMap<>();

    private final Set<HeaderNode> stored = new HashSet<>();
    private final Set<HeaderNode> invalid = new HashSet<>();
    private final Set<HeaderNode> onceActive = new HashSet<>();
    private final List<HeaderNode> active = new ArrayList<>();
    private @Nullable HeaderNode best;
    private boolean initialBlockDownload = true;

    void load(List<HeaderNode> headers, List<HeaderNode> withBlocks, HeaderNode tip, boolean ibd) {
        headers.forEach(this::add);
        stored.addAll(withBlocks);
        add(tip);
        moveTip(tip, ibd);
    }

    boolean isLoaded() {
        return !active.isEmpty();
    }

    void add(HeaderNode node) {
        if (nodes.putIfAbsent(node.hash(), node) == null) {
            HeaderNode parent = node.parent();
            if (parent != null && invalid.contains(parent)) {
                invalid.add(node);
            } else if (best == null || node.chainWork().compareTo(best.chainWork()) > 0) {
                best = node;
            }
        }
    }

    void store(HeaderNode node) {
        add(node);
        stored.add(node);
    }

    void moveTip(HeaderNode tip, boolean ibd) {
        add(tip);
        while (active.size() > tip.height() + 1) {
            onceActive.add(active.removeLast());
        }
        var fresh = new ArrayList<HeaderNode>();
        HeaderNode node = tip;
        while (node != null && !contains(node)) {
            fresh.add(node);
            node = node.parent();
        }
        int keep = node == null ? 0 : node.height() + 1;
        while (active.size() > keep) {
            onceActive.add(active.removeLast());
        }
        active.addAll(fresh.reversed());
        initialBlockDownload = ibd;
        if (best == null || tip.chainWork().compareTo(best.chainWork()) > 0) {
            best = tip;
        }
    }

    /// Marks a header and all that stand on it.
    void setValidity(HeaderNode root, boolean valid) {
        add(root);
        var marked = new HashSet<HeaderNode>();
        marked.add(root);
        for (HeaderNode node : nodes.values()) {
            HeaderNode parent = node.parent();
            if (parent != null && marked.contains(parent)) {
                marked.add(node);
            }
        }
        if (valid) {
            invalid.removeAll(marked);
        } else {
            invalid.addAll(marked);
        }
        best = null;
        for (HeaderNode node : nodes.values()) {
            if (!invalid.contains(node)
                    && (best == null || node.chainWork().compareTo(best.chainWork()) > 0)) {
                best = node;
            }
        }
    }

    @Nullable HeaderNode find(BlockHash hash) {
        return nodes.get(hash);
    }

    boolean isStored(HeaderNode node) {
        return stored.contains(node);
    }

    boolean isInvalid(HeaderNode node) {
        return invalid.contains(node);
    }

    HeaderNode tip() {
        Check.state(isLoaded(), "the chain is loaded");
        return active.getLast();
    }

    /// The valid header with most work, whether or not its block is here.
    HeaderNode best() {
        HeaderNode found = best;
        return found == null ? tip() : found;
    }

    int height() {
        return active.size() - 1;
    }

    boolean initialBlockDownload() {
        return initialBlockDownload;
    }

    /// Whether a header is part of the active chain.
    boolean contains(HeaderNode node) {
        return node.height() < active.size() && active.get(node.height()) == node;
    }

    /// Whether a header was part of the active chain and is no more; not known of times before the last
    /// start.
    boolean wasActive(HeaderNode node) {
        return onceActive.contains(node);
    }

    /// The header of the active chain at a height; null above the tip.
    @Nullable HeaderNode at(int height) {
        return height >= 0 && height < active.size() ? active.get(height) : null;
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
            HeaderNode node = nodes.get(hash);
            if (node != null) {
                if (contains(node)) {
                    return node;
                }
                if (node.hasAncestor(tip())) {
                    return tip();
                }
            }
        }
        return active.getFirst();
    }
}
