package weft.chain.api;

import java.math.BigInteger;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import weft.consensus.HeaderView;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;
import weft.primitives.Check;

/// A header in the tree of all headers: the immutable part of what Bitcoin Core calls `CBlockIndex`.
/// Shared freely between threads. Equal only to itself; within one node there is one object a header.
public final class HeaderNode implements HeaderView {
    /// Headers that the median time past is taken over, the node's own included.
    public static final int MEDIAN_TIME_SPAN = 11;

    private final BlockHeader header;
    private final BlockHash hash;
    private final int height;
    private final BigInteger chainWork;
    private final long timeMax;
    private final @Nullable HeaderNode parent;
    private final @Nullable HeaderNode skip;

    private HeaderNode(
            BlockHeader header, BlockHash hash, @Nullable HeaderNode parent, BigInteger work) {
        this.header = header;
        this.hash = hash;
        this.parent = parent;
        this.height = parent == null ? 0 : parent.height + 1;
        this.chainWork = parent == null ? work : parent.chainWork.add(work);
        this.timeMax = parent == null ? header.time() : Math.max(parent.timeMax, header.time());
        this.skip = parent == null ? null : parent.ancestor(skipHeight(height));
    }

    /// The first header of a chain.
    ///
    /// @param work expected number of hashes that the header took
    public static HeaderNode genesis(BlockHeader header, BigInteger work) {
        return new HeaderNode(header, header.hash(), null, work);
    }

    /// A header on top of another.
    ///
    /// @param work expected number of hashes that this header alone took
    public static HeaderNode of(
            BlockHeader header, BlockHash hash, HeaderNode parent, BigInteger work) {
        Check.argument(header.parent().equals(parent.hash), "a header stands on its parent");
        return new HeaderNode(header, hash, parent, work);
    }

    /// The 80 bytes.
    @Override
    public BlockHeader header() {
        return header;
    }

    /// Hash of the header.
    @Override
    public BlockHash hash() {
        return hash;
    }

    /// Distance from genesis, which has 0.
    @Override
    public int height() {
        return height;
    }

    /// Expected number of hashes of the whole branch up to this header.
    public BigInteger chainWork() {
        return chainWork;
    }

    /// Seconds since 1970.
    public long time() {
        return header.time();
    }

    /// Largest time of the branch up to this header, in seconds since 1970.
    public long timeMax() {
        return timeMax;
    }

    /// The header before; null for genesis.
    @Override
    public @Nullable HeaderNode parent() {
        return parent;
    }

    /// Median of the times of the last eleven headers, this one included. See BIP-0113.
    @Override
    public long medianTimePast() {
        long[] times = new long[MEDIAN_TIME_SPAN];
        int count = 0;
        for (HeaderNode node = this; node != null && count < MEDIAN_TIME_SPAN; node = node.parent) {
            times[count++] = node.time();
        }
        Arrays.sort(times, 0, count);
        return times[count / 2];
    }

    /// The header of this branch at a height, found in logarithmic time; null above this header or below
    /// 0.
    @Override
    public @Nullable HeaderNode ancestor(int wanted) {
        if (wanted > height || wanted < 0) {
            return null;
        }
        HeaderNode node = this;
        while (node.height > wanted) {
            node = node.towards(wanted);
        }
        return node;
    }

    private HeaderNode towards(int wanted) {
        HeaderNode before = Check.present(parent, "only genesis has no parent");
        int skipTo = skipHeight(height);
        int skipBefore = skipHeight(height - 1);
        boolean jump =
                skipTo == wanted
                        || (skipTo > wanted && !(skipBefore < skipTo - 2 && skipBefore >= wanted));
        return skip != null && jump ? skip : before;
    }

    private static int skipHeight(int height) {
        if (height < 2) {
            return 0;
        }
        return (height & 1) == 1
                ? clearLowestBit(clearLowestBit(height - 1)) + 1
                : clearLowestBit(height);
    }

    private static int clearLowestBit(int value) {
        return value & (value - 1);
    }

    /// Whether a header is this one or below it on this branch.
    public boolean hasAncestor(HeaderNode other) {
        return ancestor(other.height) == other;
    }

    /// The highest header that two branches share.
    public static HeaderNode fork(HeaderNode a, HeaderNode b) {
        HeaderNode left = a;
        HeaderNode right = b;
        while (left != right) {
            if (left.height > right.height) {
                left = left.onBranch(right.height);
            } else if (right.height > left.height) {
                right = right.onBranch(left.height);
            } else {
                left = left.onBranch(left.height - 1);
                right = right.onBranch(right.height - 1);
            }
        }
        return left;
    }

    private HeaderNode onBranch(int wanted) {
        return Check.present(ancestor(wanted), "both branches begin at one genesis");
    }

    @Override
    public String toString() {
        return hash + " height=" + height;
    }
}
