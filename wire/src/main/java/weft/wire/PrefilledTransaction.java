package weft.wire;

import weft.primitives.Check;
import weft.primitives.Transaction;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;
import weft.primitives.codec.MalformedBytes;

/// A transaction that a compact block carries whole. See BIP-0152.
///
/// @param skipped how many positions of the block lie between this transaction and the prefilled one
///     before it (or the start), 0 to 65,535
/// @param tx the transaction
public record PrefilledTransaction(int skipped, Transaction tx) {
    static final int BYTES_MIN = 11;

    /// Checks the range.
    public PrefilledTransaction {
        Check.argument(skipped >>> 16 == 0, "skipped is not a uint16");
    }

    static PrefilledTransaction read(ByteReader in) {
        int skipped = in.compactSize();
        if (skipped >>> 16 != 0) {
            throw new MalformedBytes("CompactSize exceeds limit of type");
        }
        return new PrefilledTransaction(skipped, Transaction.read(in));
    }

    void write(ByteWriter out) {
        out.compactSize(skipped);
        tx.write(out);
    }
}
