package weft.primitives;

import weft.primitives.codec.ByteReader;

/// A 32-byte hash without a type of its own: Merkle roots, filter headers, commitments. Words and order as
/// in [Hash256].
public record Digest256(long w0, long w1, long w2, long w3)
        implements Hash256, Comparable<Digest256> {
    /// All bytes zero.
    public static final Digest256 ZERO = new Digest256(0, 0, 0, 0);

    /// Takes 32 bytes in wire order.
    public static Digest256 of(byte[] bytes) {
        if (bytes.length != BYTES) {
            throw new IllegalArgumentException("32 bytes wanted: " + bytes.length);
        }
        return of(bytes, 0);
    }

    /// Takes 32 bytes in wire order from an offset.
    public static Digest256 of(byte[] bytes, int offset) {
        HashWords words = HashWords.of(bytes, offset);
        return new Digest256(words.w0(), words.w1(), words.w2(), words.w3());
    }

    /// Reads 32 bytes in wire order.
    public static Digest256 read(ByteReader in) {
        return new Digest256(in.i64(), in.i64(), in.i64(), in.i64());
    }

    /// Reads the 64 digits that RPC shows (reversed bytes).
    ///
    /// @throws IllegalArgumentException if the text has another form
    public static Digest256 parse(String hex) {
        HashWords words = HashWords.parse(hex);
        return new Digest256(words.w0(), words.w1(), words.w2(), words.w3());
    }

    /// Order of the numbers that the texts are.
    @Override
    public int compareTo(Digest256 other) {
        return Hash256.compare(this, other);
    }

    @Override
    public String toString() {
        return toHex();
    }
}
