package weft.primitives;

import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;

/// An input: which coin is spent, and by what right. Its witness lives in [Transaction#witness].
///
/// @param prevout the coin that is spent
/// @param scriptSig the unlocking script
/// @param sequence 0 to 2³² − 1: relative lock time and replaceability, see BIP-0068 and BIP-0125
public record TxIn(OutPoint prevout, Bytes scriptSig, long sequence) {
    /// Sequence of an input without any lock.
    public static final long SEQUENCE_FINAL = 0xffff_ffffL;

    static final int BYTES_MIN = OutPoint.BYTES + 1 + 4;

    /// Checks the range of the sequence.
    public TxIn {
        Check.argument(sequence >>> 32 == 0, "sequence is not a uint32");
    }

    static TxIn read(ByteReader in) {
        return new TxIn(OutPoint.read(in), in.varBytes(), in.u32());
    }

    void write(ByteWriter out) {
        prevout.write(out);
        out.varBytes(scriptSig).u32(sequence);
    }
}
