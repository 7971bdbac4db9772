package weft.consensus.script;

import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import weft.crypto.Sha256;
import weft.primitives.Bytes;
import weft.primitives.Check;
import weft.primitives.OutPoint;
import weft.primitives.Transaction;
import weft.primitives.TxIn;
import weft.primitives.TxOut;
import weft.primitives.codec.ByteWriter;

/// Hashes that all signatures of a transaction share, so that checking it takes time in proportion to its
/// size. See BIP-0143 and BIP-0341. One object serves any number of threads: nothing of it changes, but what
/// signatures before segwit share is written when first asked for, the same by each thread.
public final class PrecomputedTxHashes {
    private static final byte[] NONE = {};
    private static final int OUTPUT_BYTES_USUAL = 43;

    private final Transaction tx;
    private final List<TxOut> spent;
    private final byte[] prevouts;
    private final byte[] sequences;
    private final byte[] outputs;
    private final byte[] amounts;
    private final byte[] scripts;
    private final byte[] prevoutsTwice;
    private final byte[] sequencesTwice;
    private final byte[] outputsTwice;
    private volatile @Nullable Bytes inputsWithoutScripts;
    private volatile @Nullable Bytes outputsWritten;

    private PrecomputedTxHashes(Transaction tx, List<TxOut> spent, boolean all) {
        this.tx = tx;
        this.spent = spent;
        boolean witness = all || tx.hasWitness();
        List<TxIn> inputs = tx.inputs();
        int count = inputs.size();
        prevouts =
                witness
                        ? hash(
                                OutPoint.BYTES * count,
                                out -> inputs.forEach(in -> in.prevout().write(out)))
                        : NONE;
        sequences =
                witness
                        ? hash(
                                Integer.BYTES * count,
                                out -> inputs.forEach(in -> out.u32(in.sequence())))
                        : NONE;
        int outputBytes = OUTPUT_BYTES_USUAL * tx.outputs().size();
        outputs =
                witness
                        ? hash(outputBytes, out -> tx.outputs().forEach(each -> each.write(out)))
                        : NONE;
        prevoutsTwice = witness ? Sha256.hash(prevouts) : NONE;
        sequencesTwice = witness ? Sha256.hash(sequences) : NONE;
        outputsTwice = witness ? Sha256.hash(outputs) : NONE;
        boolean known = witness && (all ? !spent.isEmpty() : anyTaproot(spent));
        amounts =
                known
                        ? hash(
                                Long.BYTES * count,
                                out -> spent.forEach(each -> out.i64(each.value())))
                        : NONE;
        scripts =
                known
                        ? hash(
                                OUTPUT_BYTES_USUAL * count,
                                out -> spent.forEach(each -> out.varBytes(each.scriptPubKey())))
                        : NONE;
    }

    /// Only taproot's signatures cover all amounts and scripts that are spent.
    private static boolean anyTaproot(List<TxOut> spent) {
        for (TxOut each : spent) {
            if (Script.isPayToTaproot(each.scriptPubKey())) {
                return true;
            }
        }
        return false;
    }

    /// Hashes what the transaction's witnesses need.
    ///
    /// @param spent the output that each input spends, in order
    public static PrecomputedTxHashes of(Transaction tx, List<TxOut> spent) {
        Check.argument(spent.size() == tx.inputs().size(), "one output for each input");
        return new PrecomputedTxHashes(tx, List.copyOf(spent), false);
    }

    /// Hashes everything, for a transaction whose witnesses are yet to be made.
    ///
    /// @param spent the output that each input spends, in order
    public static PrecomputedTxHashes forSigning(Transaction tx, List<TxOut> spent) {
        Check.argument(spent.size() == tx.inputs().size(), "one output for each input");
        return new PrecomputedTxHashes(tx, List.copyOf(spent), true);
    }

    /// Without the outputs spent: taproot signatures cannot be checked and fail.
    public static PrecomputedTxHashes withoutSpent(Transaction tx) {
        return new PrecomputedTxHashes(tx, List.of(), true);
    }

    private static byte[] hash(int room, Consumer<ByteWriter> parts) {
        var out = new ByteWriter(room);
        parts.accept(out);
        Bytes bytes = out.toBytes();
        return Sha256.hash(bytes.backingArray(), bytes.backingOffset(), bytes.length());
    }

    /// The transaction.
    public Transaction tx() {
        return tx;
    }

    /// The output that each input spends; empty if they are not known.
    public List<TxOut> spent() {
        return spent;
    }

    TxIn input(int index) {
        return tx.inputs().get(index);
    }

    /// Whether taproot signatures can be hashed.
    boolean knowsSpent() {
        return amounts.length != 0;
    }

    byte[] prevouts() {
        return prevouts;
    }

    byte[] sequences() {
        return sequences;
    }

    byte[] outputs() {
        return outputs;
    }

    byte[] amounts() {
        return amounts;
    }

    byte[] scripts() {
        return scripts;
    }

    byte[] prevoutsTwice() {
        return prevoutsTwice;
    }

    byte[] sequencesTwice() {
        return sequencesTwice;
    }

    byte[] outputsTwice() {
        return outputsTwice;
    }

    /// All inputs as before segwit, with no script each.
    Bytes inputsWithoutScripts() {
        Bytes known = inputsWithoutScripts;
        if (known == null) {
            List<TxIn> inputs = tx.inputs();
            var out = new ByteWriter((OutPoint.BYTES + 1 + Integer.BYTES) * inputs.size());
            for (TxIn in : inputs) {
                in.prevout().write(out);
                out.u8(0).u32(in.sequence());
            }
            known = out.toBytes();
            inputsWithoutScripts = known;
        }
        return known;
    }

    /// The outputs after their count.
    Bytes outputsWritten() {
        Bytes known = outputsWritten;
        if (known == null) {
            var out = new ByteWriter(OUTPUT_BYTES_USUAL * tx.outputs().size());
            known = out.list(tx.outputs(), TxOut::write).toBytes();
            outputsWritten = known;
        }
        return known;
    }
}
