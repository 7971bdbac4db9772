package weft.chain;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import weft.chain.api.HeaderNode;
import weft.primitives.BlockHash;
import weft.primitives.Check;

/// The branch whose coins we hold, by height. Owned by the chain's thread.
public final class ActiveChain {
    private static final int LOCATOR_DENSE = 10;

    private final List<HeaderNode> nodes = new ArrayList<>();

    ActiveChain() {}

    /// The last block; null only before genesis is connected.
    public @Nullable HeaderNode tipOrNull() {
        return nodes.isEmpty() ? null : nodes.getLast();
    }

    /// The last block.
    public HeaderNode tip() {
        Check.state(!nodes.isEmpty(), "genesis is connected");
        return nodes.getLast();
    }

    /// Height of the tip; -1 before genesis.
    public int height() {
        return nodes.size() - 1;
    }

    /// The block at a height; null outside the chain.
    public @Nullable HeaderNode at(int height) {
        return height >= 0 && height < nodes.size() ? nodes.get(height) : null;
    }

    /// Whether a block is part of the chain.
    public boolean contains(HeaderNode node) {
        return at(node.height()) == node;
    }

    /// The block after one of the chain; null after the tip and for blocks of other branches.
    public @Nullable HeaderNode next(HeaderNode node) {
        return contains(node) ? at(node.height() + 1) : null;
    }

    /// The highest block of the chain that a branch shares; null before genesis.
    public @Nullable HeaderNode fork(HeaderNode branch) {
        HeaderNode node = branch.height() > height() ? branch.ancestor(height()) : branch;
        while (node != null && !contains(node)) {
            node = node.parent();
        }
        return node;
    }

    /// Hashes from a block down to genesis, ever farther apart: how a `getheaders` says where we are.
    public static List<BlockHash> locator(HeaderNode from) {
        var hashes = new ArrayList<BlockHash>();
        HeaderNode node = from;
        int step = 1;
        while (node != null) {
            hashes.add(node.hash());
            if (node.height() == 0) {
                break;
            }
            node = node.ancestor(Math.max(node.height() - step, 0));
            if (hashes.size() > LOCATOR_DENSE) {
                step *= 2;
            }
        }
        return hashes;
    }

    void setTip(@Nullable HeaderNode tip) {
        int wanted = tip == null ? 0 : tip.height() + 1;
        while (nodes.size() > wanted) {
            nodes.removeLast();
        }
        var missing = new ArrayList<HeaderNode>();
        for (HeaderNode node = tip;
                node != null && at(node.height()) != node;
                node = node.parent()) {
            if (node.height() < nodes.size()) {
                nodes.subList(node.height(), nodes.size()).clear();
            }
            missing.add(node);
        }
        nodes.addAll(missing.reversed());
    }
}
