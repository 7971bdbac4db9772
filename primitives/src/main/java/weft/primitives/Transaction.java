package weft.primitives;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import weft.crypto.Sha256;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;
import weft.primitives.codec.MalformedBytes;

/// A transaction as its bytes say, with both ids computed once. Immutable; equal when the bytes are.
///
/// Nothing here judges: a transaction without inputs, or with absurd values, is still a transaction until
/// `TxCheck` says otherwise.
public final class Transaction {
    /// Whether an encoding carries witnesses. Always an argument, never a hidden setting.
    public enum Encoding {
        /// BIP-0144: marker, flag and witnesses where there are any.
        WITNESS,
        /// The original form.
        LEGACY
    }

    private static final int MARKER_AND_FLAG = 0x0100;

    private final long version;
    private final List<TxIn> inputs;
    private final List<TxOut> outputs;
    private final List<Witness> witnesses;
    private final long lockTime;
    private final Txid txid;
    private final Wtxid wtxid;
    private final int strippedSize;
    private final int totalSize;

    private Transaction(Parts parts, Txid txid, Wtxid wtxid, int strippedSize, int totalSize) {
        this.version = parts.version;
        this.inputs = parts.inputs;
        this.outputs = parts.outputs;
        this.witnesses = parts.witnesses;
        this.lockTime = parts.lockTime;
        this.txid = txid;
        this.wtxid = wtxid;
        this.strippedSize = strippedSize;
        this.totalSize = totalSize;
    }

    /// The fields before they are hashed.
    private record Parts(
            long version,
            List<TxIn> inputs,
            List<TxOut> outputs,
            List<Witness> witnesses,
            long lockTime) {
        boolean hasWitness() {
            return witnesses.stream().anyMatch(witness -> !witness.isEmpty());
        }

        void write(ByteWriter out, boolean withWitness) {
            out.u32(version);
            if (withWitness) {
                out.u16(MARKER_AND_FLAG);
            }
            out.list(inputs, TxIn::write).list(outputs, TxOut::write);
            if (withWitness) {
                witnesses.forEach(witness -> witness.write(out));
            }
            out.u32(lockTime);
        }
    }

    /// A transaction from its fields.
    ///
    /// @param version 0 to 2³² − 1
    /// @param witnesses one for each input, or none at all
    /// @param lockTime 0 to 2³² − 1
    public static Transaction of(
            long version,
            List<TxIn> inputs,
            List<TxOut> outputs,
            List<Witness> witnesses,
            long lockTime) {
        Check.argument(version >>> 32 == 0, "version is not a uint32");
        Check.argument(lockTime >>> 32 == 0, "lock time is not a uint32");
        Check.argument(
                witnesses.isEmpty() || witnesses.size() == inputs.size(),
                "one witness for each input");
        boolean bare = witnesses.stream().allMatch(Witness::isEmpty);
        List<Witness> kept = bare ? List.of() : List.copyOf(witnesses);
        return hashed(
                new Parts(version, List.copyOf(inputs), List.copyOf(outputs), kept, lockTime));
    }

    private static Transaction hashed(Parts parts) {
        var out = new ByteWriter();
        parts.write(out, false);
        int strippedSize = out.size();
        byte[] stripped = Sha256.hashTwice(out.toByteArray());
        Txid txid = Txid.of(stripped);
        if (!parts.hasWitness()) {
            return new Transaction(parts, txid, Wtxid.of(stripped), strippedSize, strippedSize);
        }
        out.reset();
        parts.write(out, true);
        Wtxid wtxid = Wtxid.of(Sha256.hashTwice(out.toByteArray()));
        return new Transaction(parts, txid, wtxid, strippedSize, out.size());
    }

    /// Reads a transaction with whatever witnesses it has (BIP-0144). Ids are hashed from the bytes as they
    /// came.
    public static Transaction read(ByteReader in) {
        return read(in, Encoding.WITNESS);
    }

    /// Reads a transaction in one of the two forms.
    public static Transaction read(ByteReader in, Encoding encoding) {
        int start = in.position();
        long version = in.u32();
        int inputsAt = in.position();
        List<TxIn> inputs = inputs(in);
        int flags = 0;
        List<TxOut> outputs = List.of();
        if (inputs.isEmpty() && encoding == Encoding.WITNESS) {
            flags = in.u8();
            if (flags != 0) {
                inputsAt = in.position();
                inputs = inputs(in);
                outputs = outputs(in);
            }
        } else {
            outputs = outputs(in);
        }
        int witnessAt = in.position();
        List<Witness> witnesses = witnesses(in, flags, inputs.size());
        int lockTimeAt = in.position();
        var parts = new Parts(version, inputs, outputs, witnesses, in.u32());
        if (witnesses.isEmpty()) {
            byte[] hash =
                    inputs.isEmpty() && encoding == Encoding.WITNESS
                            ? strippedHash(parts)
                            : Sha256.hashTwice(in.array(), start, in.position() - start);
            int size = in.position() - start;
            return new Transaction(parts, Txid.of(hash), Wtxid.of(hash), size, size);
        }
        byte[] whole = Sha256.hashTwice(in.array(), start, in.position() - start);
        byte[] stripped =
                new Sha256()
                        .update(in.array(), start, 4)
                        .update(in.array(), inputsAt, witnessAt - inputsAt)
                        .update(in.array(), lockTimeAt, 4)
                        .finishTwice();
        int strippedSize = 4 + (witnessAt - inputsAt) + 4;
        int totalSize = in.position() - start;
        return new Transaction(parts, Txid.of(stripped), Wtxid.of(whole), strippedSize, totalSize);
    }

    private static byte[] strippedHash(Parts parts) {
        var out = new ByteWriter();
        parts.write(out, false);
        return Sha256.hashTwice(out.toByteArray());
    }

    private static List<TxIn> inputs(ByteReader in) {
        return in.list(ByteReader.MAX_SIZE, TxIn.BYTES_MIN, TxIn::read);
    }

    private static List<TxOut> outputs(ByteReader in) {
        return in.list(ByteReader.MAX_SIZE, TxOut.BYTES_MIN, TxOut::read);
    }

    private static List<Witness> witnesses(ByteReader in, int flags, int count) {
        if (flags == 0) {
            return List.of();
        }
        if ((flags & 1) == 0) {
            throw new MalformedBytes("Unknown transaction optional data");
        }
        var witnesses = new ArrayList<Witness>(count);
        boolean any = false;
        for (int i = 0; i < count; i++) {
            Witness witness = Witness.read(in);
            any |= !witness.isEmpty();
            witnesses.add(witness);
        }
        if (!any) {
            throw new MalformedBytes("Superfluous witness record");
        }
        if (flags != 1) {
            throw new MalformedBytes("Unknown transaction optional data");
        }
        return List.copyOf(witnesses);
    }

    /// Reads a transaction from hexadecimal text, all of it.
    ///
    /// @throws IllegalArgumentException if the text is not hexadecimal
    public static Transaction parse(String hex) {
        ByteReader in = ByteReader.of(java.util.HexFormat.of().parseHex(hex));
        Transaction tx = read(in);
        in.expectEnd();
        return tx;
    }

    /// The same transaction on memory of its own, where it was read from bytes that hold more: what is kept
    /// for long must not keep a whole message or block alive.
    public Transaction copy() {
        return read(ByteReader.of(toByteArray()));
    }

    /// Writes the transaction with its witnesses where it has any.
    public void write(ByteWriter out) {
        write(out, Encoding.WITNESS);
    }

    /// Writes the transaction in one of the two forms.
    public void write(ByteWriter out, Encoding encoding) {
        new Parts(version, inputs, outputs, witnesses, lockTime)
                .write(out, encoding == Encoding.WITNESS && hasWitness());
    }

    /// The encoding with witnesses.
    public byte[] toByteArray() {
        var out = new ByteWriter(totalSize);
        write(out);
        return out.toByteArray();
    }

    /// 0 to 2³² − 1.
    public long version() {
        return version;
    }

    /// What is spent; immutable.
    public List<TxIn> inputs() {
        return inputs;
    }

    /// What is made; immutable.
    public List<TxOut> outputs() {
        return outputs;
    }

    /// The witness of an input, possibly empty.
    public Witness witness(int input) {
        return witnesses.isEmpty() ? Witness.EMPTY : witnesses.get(input);
    }

    /// Earliest height or time at which a block may hold the transaction, 0 to 2³² − 1.
    public long lockTime() {
        return lockTime;
    }

    /// Hash without witnesses.
    public Txid txid() {
        return txid;
    }

    /// Hash with witnesses; the bytes of [#txid] where there are none.
    public Wtxid wtxid() {
        return wtxid;
    }

    /// Whether any input has a witness.
    public boolean hasWitness() {
        return !witnesses.isEmpty();
    }

    /// Whether the only input names no coin.
    public boolean isCoinbase() {
        return inputs.size() == 1 && inputs.getFirst().prevout().isNull();
    }

    /// Bytes without witnesses.
    public int strippedSize() {
        return strippedSize;
    }

    /// Bytes with witnesses.
    public int totalSize() {
        return totalSize;
    }

    /// BIP-0141: three times the stripped size plus the total size.
    public int weight() {
        return 3 * strippedSize + totalSize;
    }

    /// A quarter of the weight, rounded up.
    public int vsize() {
        return (weight() + 3) / 4;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Transaction that && wtxid.equals(that.wtxid);
    }

    @Override
    public int hashCode() {
        return wtxid.hashCode();
    }

    @Override
    public String toString() {
        return "Transaction[" + txid + "]";
    }
}
