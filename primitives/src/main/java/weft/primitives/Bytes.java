package weft.primitives;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// An immutable string of bytes, possibly a slice of a longer array: scripts, witness items, payloads.
///
/// A slice keeps the whole array alive; [#compact] cuts it loose where something is kept for long.
public final class Bytes implements Comparable<Bytes> {
    /// No bytes.
    public static final Bytes EMPTY = new Bytes(new byte[0], 0, 0);

    private final byte[] array;
    private final int offset;
    private final int length;

    private Bytes(byte[] array, int offset, int length) {
        this.array = array;
        this.offset = offset;
        this.length = length;
    }

    /// A copy of an array.
    public static Bytes copyOf(byte[] source) {
        return source.length == 0 ? EMPTY : new Bytes(source.clone(), 0, source.length);
    }

    /// The array itself, not copied: the caller promises that it never changes again.
    public static Bytes wrap(byte[] source) {
        return wrap(source, 0, source.length);
    }

    /// A part of an array, not copied: the caller promises that it never changes again.
    public static Bytes wrap(byte[] source, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, source.length);
        return length == 0 ? EMPTY : new Bytes(source, offset, length);
    }

    /// Reads hexadecimal text in wire order, upper or lower case.
    ///
    /// @throws IllegalArgumentException if the text is not hexadecimal
    public static Bytes parse(String hex) {
        return wrap(HexFormat.of().parseHex(hex));
    }

    /// Number of bytes.
    public int length() {
        return length;
    }

    /// Whether there is no byte.
    public boolean isEmpty() {
        return length == 0;
    }

    /// The byte at an index, 0 to 255.
    public int at(int index) {
        return array[offset + Objects.checkIndex(index, length)] & 0xff;
    }

    /// `size` bytes from an index, sharing the memory.
    public Bytes slice(int from, int size) {
        Objects.checkFromIndexSize(from, size, length);
        return wrap(array, offset + from, size);
    }

    /// The bytes from an index to the end, sharing the memory.
    public Bytes from(int index) {
        return slice(index, length - index);
    }

    /// The same bytes in an array of just this length.
    public Bytes compact() {
        return array.length == length ? this : wrap(toByteArray());
    }

    /// A copy as an array.
    public byte[] toByteArray() {
        return Arrays.copyOfRange(array, offset, offset + length);
    }

    /// Copies all bytes into an array from an index.
    public void copyTo(byte[] target, int at) {
        System.arraycopy(array, offset, target, at, length);
    }

    /// The array that holds the bytes, for hashing without a copy; must not be changed.
    public byte[] backingArray() {
        return array;
    }

    /// Index of the first byte in [#backingArray].
    public int backingOffset() {
        return offset;
    }

    /// Whether the bytes begin with those of `prefix`.
    public boolean startsWith(Bytes prefix) {
        return length >= prefix.length && slice(0, prefix.length).equals(prefix);
    }

    /// The bytes of both, one after the other.
    public Bytes plus(Bytes other) {
        byte[] both = Arrays.copyOf(toByteArray(), length + other.length);
        other.copyTo(both, length);
        return wrap(both);
    }

    /// Hexadecimal text in wire order, lower case.
    public String toHex() {
        return HexFormat.of().formatHex(array, offset, offset + length);
    }

    /// Each byte as one character, 0 to 255.
    public String toLatin1() {
        return new String(array, offset, length, StandardCharsets.ISO_8859_1);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Bytes that
                && Arrays.equals(
                        array,
                        offset,
                        offset + length,
                        that.array,
                        that.offset,
                        that.offset + that.length);
    }

    @Override
    public int hashCode() {
        int hash = 1;
        for (int i = offset; i < offset + length; i++) {
            hash = 31 * hash + array[i];
        }
        return hash;
    }

    /// Byte by byte, unsigned; a prefix comes before what it begins.
    @Override
    public int compareTo(Bytes other) {
        return Arrays.compareUnsigned(
                array,
                offset,
                offset + length,
                other.array,
                other.offset,
                other.offset + other.length);
    }

    @Override
    public String toString() {
        return toHex();
    }
}
