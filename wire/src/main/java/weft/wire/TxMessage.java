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

    /// *Rationale:* the bytes after a transaction are ignored, and must not stay in memory with it
    /// (CVE-2013-4627).
    static TxMessage read(ByteReader in) {
        Transaction tx = Transaction.read(in);
        return of(in.isAtEnd() ? tx : tx.copy());
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
