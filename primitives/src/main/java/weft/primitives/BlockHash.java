package weft.primitives;

import weft.primitives.codec.ByteReader;

/// Double SHA-256 of a block header. Words and order as in [Hash256].
public record BlockHash(long w0, long w1, long w2, long w3)
        implements Hash256, Comparable<BlockHash> {
    /// All bytes zero.
    public static final BlockHash ZERO = new BlockHash(0, 0, 0, 0);

    /// Takes 32 bytes in wire order.
    public static BlockHash of(byte[] bytes) {
        if (bytes.length != BYTES) {
            throw new IllegalArgumentException("32 bytes wanted: " + bytes.length);
        }
        return of(bytes, 0);
    }

    /// Takes 32 bytes in wire order from an offset.
    public static BlockHash of(byte[] bytes, int offset) {
        HashWords words = HashWords.of(bytes, offset);
        return new BlockHash(words.w0(), words.w1(), words.w2(), words.w3());
    }

    /// Reads 32 bytes in wire order.
    public static BlockHash read(ByteReader in) {
        return new BlockHash(in.i64(), in.i64(), in.i64(), in.i64());
    }

    /// Reads the 64 digits that RPC shows (reversed bytes).
    ///
    /// @throws IllegalArgumentException if the text has another form
    public static BlockHash parse(String hex) {
        HashWords words = HashWords.parse(hex);
        return new BlockHash(words.w0(), words.w1(), words.w2(), words.w3());
    }

    /// Order of the numbers that the texts are.
    @Override
    public int compareTo(BlockHash other) {
        return Hash256.compare(this, other);
    }

    @Override
    public String toString() {
        return toHex();
    }
}
