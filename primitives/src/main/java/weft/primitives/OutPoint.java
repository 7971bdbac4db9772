package weft.primitives;

import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;

/// Names one output of one transaction.
///
/// @param txid of the transaction
/// @param index of its output, 0 to 2³² − 1
public record OutPoint(Txid txid, long index) implements Comparable<OutPoint> {
    /// Length of the encoding in bytes.
    public static final int BYTES = 36;

    private static final long NULL_INDEX = 0xffff_ffffL;

    /// What a coinbase input names: no transaction.
    public static final OutPoint NULL = new OutPoint(Txid.ZERO, NULL_INDEX);

    /// Checks the range of the index.
    public OutPoint {
        Check.argument(index >>> 32 == 0, "index is not a uint32");
    }

    /// Whether this is [#NULL].
    public boolean isNull() {
        return index == NULL_INDEX && txid.isZero();
    }

    /// Reads 36 bytes.
    public static OutPoint read(ByteReader in) {
        return new OutPoint(Txid.read(in), in.u32());
    }

    /// Writes 36 bytes.
    public void write(ByteWriter out) {
        txid.write(out);
        out.u32(index);
    }

    /// By transaction id, then by index.
    @Override
    public int compareTo(OutPoint other) {
        int order = txid.compareTo(other.txid);
        return order == 0 ? Long.compare(index, other.index) : order;
    }

    @Override
    public String toString() {
        return txid + ":" + index;
    }
}
