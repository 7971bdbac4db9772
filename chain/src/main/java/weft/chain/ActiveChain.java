package weft.chain;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import weft.chain.api.HeaderNode;
import weft.chain.api.HeaderTable;
import weft.primitives.BlockHash;
import weft.primitives.Check;

/// The branch whose coins we hold, by height. Owned by the chain's thread.
public final class ActiveChain {
    private static final int LOCATOR_DENSE = 10;

    private final HeaderTable table;

    /// Numbers of the headers, by height.
    private int[] ids = new int[16];

    private int size;

    ActiveChain(HeaderTable table) {
        this.table = table;
    }

    /// The last block; null only before genesis is connected.
    public @Nullable HeaderNode tipOrNull() {
        return at(size - 1);
    }

    /// The last block.
    public HeaderNode tip() {
        return Check.present(tipOrNull(), "genesis is connected");
    }

    /// Height of the tip; -1 before genesis.
    public int height() {
        return size - 1;
    }

    /// The block at a height; null outside the chain.
    public @Nullable HeaderNode at(int height) {
        return height >= 0 && height < size ? table.at(ids[height]) : null;
    }

    /// Whether a block is part of the chain.
    public boolean contains(HeaderNode node) {
        int height = node.height();
        return height < size && ids[height] == node.id();
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
        if (wanted > ids.length) {
            ids = Arrays.copyOf(ids, Math.max(wanted, ids.length + ids.length / 2));
        }
        size = Math.min(size, wanted);
        for (HeaderNode node = tip; node != null && !contains(node); node = node.parent()) {
            // Those between that are of another branch are overwritten on the way down.
            ids[node.height()] = node.id();
            size = Math.min(size, node.height());
        }
        size = wanted;
    }
}
