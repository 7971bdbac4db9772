package weft.chain.api;

import java.math.BigInteger;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import weft.consensus.HeaderView;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;
import weft.primitives.Check;

/// A header in the tree of all headers: the immutable part of what Bitcoin Core calls `CBlockIndex`.
/// Shared freely between threads. A view of one row of a [HeaderTable], made where it is needed: two are
/// equal if they show the same row.
public final class HeaderNode implements HeaderView {
    /// Headers that the median time past is taken over, the node's own included.
    public static final int MEDIAN_TIME_SPAN = 11;

    private final HeaderTable table;
    private final int id;

    HeaderNode(HeaderTable table, int id) {
        this.table = table;
        this.id = id;
    }

    /// The first header of a chain, in a table of its own.
    ///
    /// @param work expected number of hashes that the header took
    public static HeaderNode genesis(BlockHeader header, BigInteger work) {
        return new HeaderTable().addGenesis(header, header.hash(), work);
    }

    /// A header on top of another, in the same table; for the thread that owns the table.
    ///
    /// @param work expected number of hashes that this header alone took
    public static HeaderNode of(
            BlockHeader header, BlockHash hash, HeaderNode parent, BigInteger work) {
        return parent.table.add(header, hash, parent, work);
    }

    /// The table that it is a row of.
    public HeaderTable table() {
        return table;
    }

    /// Number of the header in its node: from 0, parents before children, without gaps.
    public int id() {
        return id;
    }

    /// The 80 bytes.
    @Override
    public BlockHeader header() {
        return table.header(id);
    }

    /// The target that the header claims.
    @Override
    public long bits() {
        return table.bits(id);
    }

    /// Hash of the header.
    @Override
    public BlockHash hash() {
        return table.hash(id);
    }

    /// Distance from genesis, which has 0.
    @Override
    public int height() {
        return table.height(id);
    }

    /// Expected number of hashes of the whole branch up to this header.
    public BigInteger chainWork() {
        return table.chainWork(id);
    }

    /// Compares the work of two branches, like [#chainWork] but cheaper.
    public int compareWork(HeaderNode other) {
        return table.compareWork(id, other.table, other.id);
    }

    /// Seconds since 1970.
    public long time() {
        return table.time(id);
    }

    /// Largest time of the branch up to this header, in seconds since 1970.
    public long timeMax() {
        return table.timeMax(id);
    }

    /// The header before; null for genesis.
    @Override
    public @Nullable HeaderNode parent() {
        int parent = table.parent(id);
        return parent == HeaderTable.NONE ? null : new HeaderNode(table, parent);
    }

    /// Median of the times of the last eleven headers, this one included. See BIP-0113.
    @Override
    public long medianTimePast() {
        long[] times = new long[MEDIAN_TIME_SPAN];
        int count = 0;
        for (int each = id;
                each != HeaderTable.NONE && count < MEDIAN_TIME_SPAN;
                each = table.parent(each)) {
            times[count++] = table.time(each);
        }
        Arrays.sort(times, 0, count);
        return times[count / 2];
    }

    /// The header of this branch at a height, found in logarithmic time; null above this header or below
    /// 0.
    @Override
    public @Nullable HeaderNode ancestor(int wanted) {
        return wanted > height() || wanted < 0
                ? null
                : new HeaderNode(table, table.ancestor(id, wanted));
    }

    /// Whether a header is this one or below it on this branch.
    public boolean hasAncestor(HeaderNode other) {
        return table == other.table
                && other.height() <= height()
                && table.ancestor(id, other.height()) == other.id;
    }

    /// The highest header that two branches share.
    public static HeaderNode fork(HeaderNode a, HeaderNode b) {
        Check.argument(a.table == b.table, "both branches begin at one genesis");
        HeaderTable table = a.table;
        int height = Math.min(a.height(), b.height());
        int left = table.ancestor(a.id, height);
        int right = table.ancestor(b.id, height);
        int step = 1;
        while (left != right) {
            // Ever longer steps down while they differ; then the last step again, in halves.
            int next = Math.max(height - step, 0);
            int leftBelow = table.ancestor(left, next);
            int rightBelow = table.ancestor(right, next);
            if (leftBelow == rightBelow && height - next > 1) {
                step = Math.max(1, (height - next) / 2);
            } else {
                left = leftBelow;
                right = rightBelow;
                height = next;
                step *= 2;
            }
        }
        return new HeaderNode(table, left);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof HeaderNode that && table == that.table && id == that.id;
    }

    @Override
    public int hashCode() {
        return id * 0x9e37_79b9;
    }

    @Override
    public String toString() {
        return hash() + " height=" + height();
    }
}
