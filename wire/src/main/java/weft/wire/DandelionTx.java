package weft.wire;

import weft.primitives.Transaction;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;

/// `dandeliontx`: a transaction that is to go on to one more node, not to all. See BIP-0156.
///
/// Sent unasked. *Rationale:* the number that the reference code of BIP-0156 announces such transactions by,
/// 5, means a wtxid since BIP-0339; and what is never announced nor asked for cannot be asked after.
///
/// @param tx the transaction, with its witnesses
public record DandelionTx(Transaction tx) implements Message {
    /// Name on the wire.
    public static final String COMMAND = "dandeliontx";

    static DandelionTx read(ByteReader in) {
        Transaction tx = Transaction.read(in);
        return new DandelionTx(in.isAtEnd() ? tx : tx.copy());
    }

    @Override
    public String command() {
        return COMMAND;
    }

    @Override
    public void write(ByteWriter out) {
        tx.write(out, Transaction.Encoding.WITNESS);
    }
}
