package weft.primitives;

import weft.primitives.codec.ByteReader;

/// Hash of a transaction with its witness. See BIP-0141. Words and order as in [Hash256].
public record Wtxid(long w0, long w1, long w2, long w3) implements Hash256, Comparable<Wtxid> {
    /// All bytes zero.
    public static final Wtxid ZERO = new Wtxid(0, 0, 0, 0);

    /// Takes 32 bytes in wire order.
    public static Wtxid of(byte[] bytes) {
        if (bytes.length != BYTES) {
            throw new IllegalArgumentException("32 bytes wanted: " + bytes.length);
        }
        return of(bytes, 0);
    }

    /// Takes 32 bytes in wire order from an offset.
    public static Wtxid of(byte[] bytes, int offset) {
        HashWords words = HashWords.of(bytes, offset);
        return new Wtxid(words.w0(), words.w1(), words.w2(), words.w3());
    }

    /// Reads 32 bytes in wire order.
    public static Wtxid read(ByteReader in) {
        return new Wtxid(in.i64(), in.i64(), in.i64(), in.i64());
    }

    /// Reads the 64 digits that RPC shows (reversed bytes).
    ///
    /// @throws IllegalArgumentException if the text has another form
    public static Wtxid parse(String hex) {
        HashWords words = HashWords.parse(hex);
        return new Wtxid(words.w0(), words.w1(), words.w2(), words.w3());
    }

    /// Order of the numbers that the texts are.
    @Override
    public int compareTo(Wtxid other) {
        return Hash256.compare(this, other);
    }

    @Override
    public String toString() {
        return toHex();
    }
}
