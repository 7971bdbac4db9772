package weft.mempool;

import weft.primitives.Bytes;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;

/// Memory as Bitcoin Core on a 64-bit machine counts it, so that `-maxmempool` means the same here and a
/// full mempool asks for about the same fees. Our own objects take other amounts; both grow alike.
final class MemoryUsage {
    /// An entry in Core's four-fold index: the entry and fifteen pointers.
    static final long ENTRY = allocated(272 + 15 * 8);

    /// A spent coin in the index of spends.
    static final long SPEND = allocated(48);

    /// A link between parent and child, kept at both.
    static final long LINK = 2 * allocated(40);

    /// What the operator added to a transaction's fee.
    static final long DELTA = allocated(72);

    /// A transaction of a block that was taken back, in a list and in a table of 8 bytes a row.
    static final long DISCONNECTED = allocated(32) + allocated(48) + 8;

    private static final int TRANSACTION = 128;
    private static final int COUNTER = 24;
    private static final int INPUT = 104;
    private static final int OUTPUT = 40;
    private static final int ITEM = 24;
    private static final int DIRECT_SCRIPT_MAX = 28;
    private static final int POINTER_PAIR = 16;

    private MemoryUsage() {}

    /// What an allocation takes: multiples of 16 with a header.
    static long allocated(long bytes) {
        return bytes == 0 ? 0 : (bytes + 31) >> 4 << 4;
    }

    /// A list of all transactions with room for so many.
    static long samples(int capacity) {
        return allocated((long) capacity * POINTER_PAIR);
    }

    /// A transaction with all that hangs on it.
    static long of(Transaction tx) {
        long bytes = allocated(TRANSACTION) + allocated(COUNTER);
        bytes += allocated((long) tx.inputs().size() * INPUT);
        bytes += allocated((long) tx.outputs().size() * OUTPUT);
        for (TxOut output : tx.outputs()) {
            bytes += script(output.scriptPubKey());
        }
        for (int i = 0; i < tx.inputs().size(); i++) {
            TxIn input = tx.inputs().get(i);
            bytes += script(input.scriptSig());
            bytes += allocated((long) tx.witness(i).items().size() * ITEM);
            for (Bytes item : tx.witness(i).items()) {
                bytes += allocated(item.length());
            }
        }
        return bytes;
    }

    private static long script(Bytes script) {
        return script.length() <= DIRECT_SCRIPT_MAX ? 0 : allocated(script.length());
    }
}
