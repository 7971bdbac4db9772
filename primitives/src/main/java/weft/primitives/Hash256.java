package weft.primitives;

import weft.primitives.codec.ByteWriter;

/// A 32-byte hash as four little-endian words in wire order. The types that implement it keep a transaction
/// id from being taken for a block hash; reversal happens in text only ([#toHex]).
public sealed interface Hash256 permits Txid, Wtxid, BlockHash, Digest256 {
    /// Length in bytes.
    int BYTES = 32;

    /// Bytes 0 to 7.
    long w0();

    /// Bytes 8 to 15.
    long w1();

    /// Bytes 16 to 23.
    long w2();

    /// Bytes 24 to 31.
    long w3();

    /// Writes the 32 bytes in wire order.
    default void write(ByteWriter out) {
        out.i64(w0()).i64(w1()).i64(w2()).i64(w3());
    }

    /// The 32 bytes in wire order.
    default byte[] toByteArray() {
        byte[] bytes = new byte[BYTES];
        HashWords.LONG_LE.set(bytes, 0, w0());
        HashWords.LONG_LE.set(bytes, 8, w1());
        HashWords.LONG_LE.set(bytes, 16, w2());
        HashWords.LONG_LE.set(bytes, 24, w3());
        return bytes;
    }

    /// Display order, as RPC and explorers show it: 64 lower-case digits, bytes reversed.
    default String toHex() {
        var text = new StringBuilder(64);
        HashWords.append(text, w3());
        HashWords.append(text, w2());
        HashWords.append(text, w1());
        HashWords.append(text, w0());
        return text.toString();
    }

    /// Whether all bytes are zero: the "null" hash of a coinbase input.
    default boolean isZero() {
        return (w0() | w1() | w2() | w3()) == 0;
    }

    /// Order of the numbers that the texts of [#toHex] are.
    static int compare(Hash256 a, Hash256 b) {
        int order = Long.compareUnsigned(a.w3(), b.w3());
        if (order == 0) {
            order = Long.compareUnsigned(a.w2(), b.w2());
        }
        if (order == 0) {
            order = Long.compareUnsigned(a.w1(), b.w1());
        }
        return order == 0 ? Long.compareUnsigned(a.w0(), b.w0()) : order;
    }
}
