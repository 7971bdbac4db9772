package weft.primitives;

import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;

/// An output: money and the script that locks it.
///
/// @param value in satoshis as the bytes say, any 64-bit number: "too large" is a verdict of consensus, not
///     an error of form
/// @param scriptPubKey the locking script
public record TxOut(long value, Bytes scriptPubKey) {
    static final int BYTES_MIN = 8 + 1;

    /// Reads value and script.
    public static TxOut read(ByteReader in) {
        return new TxOut(in.i64(), in.varBytes());
    }

    /// Writes value and script.
    public void write(ByteWriter out) {
        out.i64(value).varBytes(scriptPubKey);
    }
}
