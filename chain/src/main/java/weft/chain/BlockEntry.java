package weft.chain;

import java.math.BigInteger;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;
import weft.chain.api.HeaderNode;
import weft.chain.store.BlockPosition;
import weft.primitives.BlockHeader;
import weft.primitives.Bytes;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;

/// What we know of a block beside its header: whether we have it, what was checked, where it lies. The
/// mutable part of what Bitcoin Core calls `CBlockIndex`; owned by the chain's thread.
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
            Comparator.<BlockEntry, BigInteger>comparing(entry -> entry.node.chainWork())
                    .thenComparing(
                            Comparator.<BlockEntry>comparingLong(entry -> entry.sequence)
                                    .reversed())
                    .thenComparing(entry -> entry.node.hash(), Comparator.reverseOrder());

    final HeaderNode node;
    final @Nullable BlockEntry parent;
    int status;
    @Nullable BlockPosition block;
    @Nullable BlockPosition undo;

    /// Transactions in the block; 0 if it never came.
    int txCount;

    /// Transactions up to and with this block; 0 if a block of the branch is missing.
    long chainTxCount;

    /// Order of arrival; smaller came earlier. Blocks of the active chain that were loaded have 0.
    long sequence;

    BlockEntry(HeaderNode node, @Nullable BlockEntry parent) {
        this.node = node;
        this.parent = parent;
    }

    boolean is(int flag) {
        return (status & flag) != 0;
    }

    boolean isFailed() {
        return is(FAILED_MASK);
    }

    boolean hasBlock() {
        return is(HAS_BLOCK);
    }

    /// Whether every block of the branch up to this one came at some time.
    boolean isBranchComplete() {
        return chainTxCount > 0;
    }

    int height() {
        return node.height();
    }

    Bytes toBytes() {
        var out = new ByteWriter(128);
        node.header().write(out);
        VarInt.write(out, node.height());
        VarInt.write(out, status);
        VarInt.write(out, txCount);
        writePosition(out, block);
        writePosition(out, undo);
        return out.toBytes().compact();
    }

    private static void writePosition(ByteWriter out, @Nullable BlockPosition position) {
        if (position == null) {
            VarInt.write(out, 0);
        } else {
            VarInt.write(out, position.file() + 1L);
            VarInt.write(out, position.offset());
        }
    }

    private static @Nullable BlockPosition readPosition(ByteReader in) {
        int file = VarInt.readInt(in);
        return file == 0 ? null : new BlockPosition(file - 1, VarInt.read(in));
    }

    /// An entry as it lies in the database, before it is linked to its parent.
    record Stored(
            BlockHeader header,
            int height,
            int status,
            int txCount,
            @Nullable BlockPosition block,
            @Nullable BlockPosition undo) {
        static Stored read(Bytes bytes) {
            ByteReader in =
                    ByteReader.of(bytes.backingArray(), bytes.backingOffset(), bytes.length());
            BlockHeader header = BlockHeader.read(in);
            int height = VarInt.readInt(in);
            int status = VarInt.readInt(in);
            int txCount = VarInt.readInt(in);
            BlockPosition block = readPosition(in);
            BlockPosition undo = readPosition(in);
            in.expectEnd();
            return new Stored(header, height, status, txCount, block, undo);
        }

        void copyTo(BlockEntry entry) {
            entry.status = status;
            entry.txCount = txCount;
            entry.block = block;
            entry.undo = undo;
        }
    }

    @Override
    public String toString() {
        return node.toString();
    }
}
