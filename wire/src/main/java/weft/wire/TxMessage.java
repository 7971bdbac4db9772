package weft.wire;

import weft.primitives.Transaction;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;

/// `tx`: one transaction.
///
/// @param tx the transaction
/// @param encoding whether witnesses are written; what was read has [Transaction.Encoding#WITNESS]
public record TxMessage(Transaction tx, Transaction.Encoding encoding) implements Message {
    /// Name on the wire.
    public static final String COMMAND = "tx";

    /// A transaction with its witnesses.
    public static TxMessage of(Transaction tx) {
        return new TxMessage(tx, Transaction.Encoding.WITNESS);
    }

    static TxMessage read(ByteReader in) {
        return of(Transaction.read(in));
    }

    @Override
    public String command() {
        return COMMAND;
    }

    @Override
    public void write(ByteWriter out) {
        tx.write(out, encoding);
    }
}
