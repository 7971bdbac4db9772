package weft.chain;

import java.util.Comparator;
import org.jspecify.annotations.Nullable;
import weft.chain.api.HeaderNode;
import weft.chain.store.BlockPosition;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;

/// What we know of a block beside its header: whether we have it, what was checked, where it lies. The
/// mutable part of what Bitcoin Core calls `CBlockIndex`; owned by the chain's thread. A view of one row
/// of [BlockColumns]: two are equal if they show the same row.
final class BlockEntry {
    /// Its bytes are in the store.
    static final int HAS_BLOCK = 1;

    /// Its undo data is in the store.
    static final int HAS_UNDO = 2;

    /// Everything was checked, scripts included (or skipped by assumevalid).
    static final int VALID_SCRIPTS = 4;

    /// It breaks a rule, or the operator says so.
    static final int FAILED = 8;

    /// It stands on a block that is [#FAILED].
    static final int FAILED_CHILD = 16;

    /// Either way of being invalid.
    static final int FAILED_MASK = FAILED | FAILED_CHILD;

    /// From the worst branch tip to the best: by work, then by who came first, then by hash.
    ///
    /// *Rationale of the last:* after a restart nobody came first, and one data folder must always load
    /// the same way.
    static final Comparator<BlockEntry> BY_WORK =
            Comparator.comparing(BlockEntry::node, HeaderNode::compareWork)
                    .thenComparing(Comparator.comparingInt(BlockEntry::sequence).reversed())
                    .thenComparing(entry -> entry.node().hash(), Comparator.reverseOrder());

    private final BlockColumns columns;
    private final HeaderNode node;

    BlockEntry(BlockColumns columns, HeaderNode node) {
        this.columns = columns;
        this.node = node;
    }

    HeaderNode node() {
        return node;
    }

    private int id() {
        return node.id();
    }

    @Nullable BlockEntry parent() {
        HeaderNode parent = node.parent();
        return parent == null ? null : new BlockEntry(columns, parent);
    }

    int height() {
        return node.height();
    }

    boolean is(int flag) {
        return (columns.status(id()) & flag) != 0;
    }

    /// Sets some flags.
    void mark(int flags) {
        columns.setStatus(id(), columns.status(id()) | flags);
    }

    /// Takes some flags back.
    void unmark(int flags) {
        columns.setStatus(id(), columns.status(id()) & ~flags);
    }

    boolean isFailed() {
        return is(FAILED_MASK);
    }

    boolean hasBlock() {
        return is(HAS_BLOCK);
    }

    /// Where the block lies; null if it is not there.
    @Nullable BlockPosition block() {
        return columns.block(id());
    }

    void setBlock(@Nullable BlockPosition position) {
        columns.setBlock(id(), position);
    }

    /// Where the undo data lies; null if there is none.
    @Nullable BlockPosition undo() {
        return columns.undo(id());
    }

    void setUndo(@Nullable BlockPosition position) {
        columns.setUndo(id(), position);
    }

    /// Transactions in the block; 0 if it never came.
    int txCount() {
        return columns.txCount(id());
    }

    void setTxCount(int count) {
        columns.setTxCount(id(), count);
    }

    /// Transactions up to and with this block; 0 if a block of the branch is missing.
    long chainTxCount() {
        return columns.chainTxCount(id());
    }

    void setChainTxCount(long count) {
        columns.setChainTxCount(id(), count);
    }

    /// Whether every block of the branch up to this one came at some time.
    boolean isBranchComplete() {
        return chainTxCount() > 0;
    }

    /// Order of arrival; smaller came earlier. Blocks of the active chain that were loaded have 0.
    int sequence() {
        return columns.sequence(id());
    }

    void setSequence(int sequence) {
        columns.setSequence(id(), sequence);
    }

    /// Writes what the database keeps, the header first.
    void write(ByteWriter out) {
        node.header().write(out);
        VarInt.write(out, columns.status(id()));
        VarInt.write(out, txCount());
        writePosition(out, block());
        writePosition(out, undo());
    }

    private static void writePosition(ByteWriter out, @Nullable BlockPosition position) {
        if (position == null) {
            VarInt.write(out, 0);
        } else {
            VarInt.write(out, position.file() + 1L);
            VarInt.write(out, position.offset());
        }
    }

    /// Reads what [#write] wrote after the header.
    void readRest(ByteReader in) {
        columns.setStatus(id(), VarInt.readInt(in));
        setTxCount(VarInt.readInt(in));
        setBlock(readPosition(in));
        setUndo(readPosition(in));
    }

    private static @Nullable BlockPosition readPosition(ByteReader in) {
        int file = VarInt.readInt(in);
        return file == 0 ? null : new BlockPosition(file - 1, VarInt.read(in));
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof BlockEntry that && node.equals(that.node);
    }

    @Override
    public int hashCode() {
        return node.hashCode();
    }

    @Override
    public String toString() {
        return node.toString();
    }
}
