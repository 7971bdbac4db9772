package weft.primitives.codec;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import weft.primitives.Bytes;

/// Reads Bitcoin's wire types from a part of an array, front to back. Every method that runs out of bytes or
/// meets a forbidden form throws [MalformedBytes]; no length is believed before it was compared with a limit
/// and with the bytes at hand, so memory stays bounded by the size of the input.
///
/// The array is not copied and must not change while it is read. Not safe for use by two threads.
public final class ByteReader {
    /// Largest length or count that a CompactSize may announce (Core: `MAX_SIZE`).
    ///
    /// *Rationale:* no object of the protocol is larger, so anything above is an attack or an error.
    public static final int MAX_SIZE = 0x0200_0000;

    private static final VarHandle SHORT_LE =
            MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle SHORT_BE =
            MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle INT_LE =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG_LE =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final byte[] array;
    private final int limit;
    private int position;

    private ByteReader(byte[] array, int offset, int length) {
        this.array = array;
        this.position = offset;
        this.limit = offset + length;
    }

    /// Reads a whole array.
    public static ByteReader of(byte[] array) {
        return new ByteReader(array, 0, array.length);
    }

    /// Reads `length` bytes of an array from `offset`.
    public static ByteReader of(byte[] array, int offset, int length) {
        java.util.Objects.checkFromIndexSize(offset, length, array.length);
        return new ByteReader(array, offset, length);
    }

    /// Bytes not read yet.
    public int remaining() {
        return limit - position;
    }

    /// Whether every byte was read.
    public boolean isAtEnd() {
        return position == limit;
    }

    /// Index in the array of the next byte; for readers that hash what they have read.
    public int position() {
        return position;
    }

    /// The array that is read; for readers that hash what they have read. Must not be changed.
    public byte[] array() {
        return array;
    }

    private int take(int count) {
        if (count > limit - position) {
            throw new MalformedBytes(
                    "end of data: " + count + " bytes wanted, " + remaining() + " left");
        }
        int at = position;
        position += count;
        return at;
    }

    /// One unsigned byte, 0 to 255.
    public int u8() {
        return array[take(1)] & 0xff;
    }

    /// One byte that means false (0) or true (anything else).
    public boolean bool() {
        return u8() != 0;
    }

    /// Two bytes, little-endian, 0 to 65,535.
    public int u16() {
        return (short) SHORT_LE.get(array, take(2)) & 0xffff;
    }

    /// Two bytes, big-endian, 0 to 65,535: ports.
    public int u16BigEndian() {
        return (short) SHORT_BE.get(array, take(2)) & 0xffff;
    }

    /// Four bytes, little-endian, signed.
    public int i32() {
        return (int) INT_LE.get(array, take(4));
    }

    /// Four bytes, little-endian, 0 to 2³² − 1.
    public long u32() {
        return Integer.toUnsignedLong(i32());
    }

    /// Eight bytes, little-endian; the sign is the reader's business.
    public long i64() {
        return (long) LONG_LE.get(array, take(8));
    }

    /// `count` bytes, copied. `count` must be a number that we chose, not one that came with the input.
    public byte[] bytes(int count) {
        int at = take(count);
        return Arrays.copyOfRange(array, at, at + count);
    }

    /// `count` bytes as a slice of the array that is read.
    public Bytes slice(int count) {
        return Bytes.wrap(array, take(count), count);
    }

    /// Steps over `count` bytes.
    public void skip(int count) {
        take(count);
    }

    /// All bytes not read yet, as a slice of the array that is read.
    public Bytes rest() {
        return slice(remaining());
    }

    /// A CompactSize that is a length or a count: shortest form only, at most [#MAX_SIZE].
    public int compactSize() {
        long size = compactSizeUnlimited();
        if (Long.compareUnsigned(size, MAX_SIZE) > 0) {
            throw new MalformedBytes("CompactSize over the limit: " + Long.toUnsignedString(size));
        }
        return (int) size;
    }

    /// A CompactSize that is a number of its own (service bits in BIP-0155): shortest form only, any value of
    /// 64 bits, unsigned.
    public long compactSizeUnlimited() {
        int first = u8();
        return switch (first) {
            case 0xfd -> atLeast(u16(), 0xfd);
            case 0xfe -> atLeast(u32(), 0x1_0000L);
            case 0xff -> atLeast(i64(), 0x1_0000_0000L);
            default -> first;
        };
    }

    private static long atLeast(long value, long least) {
        if (Long.compareUnsigned(value, least) < 0) {
            throw new MalformedBytes("non-canonical ReadCompactSize()");
        }
        return value;
    }

    /// A byte string after its CompactSize length, as a slice of the array that is read.
    ///
    /// @param max largest length allowed, in bytes
    public Bytes varBytes(int max) {
        int size = compactSize();
        if (size > max) {
            throw new MalformedBytes("length " + size + " over the limit of " + max);
        }
        return slice(size);
    }

    /// A byte string after its CompactSize length, of any length that the input has.
    public Bytes varBytes() {
        return varBytes(MAX_SIZE);
    }

    /// A text after its CompactSize length; each byte is one character (0 to 255).
    ///
    /// @param max largest length allowed, in bytes
    public String varString(int max) {
        return varBytes(max).toLatin1();
    }

    /// A list after its CompactSize count.
    ///
    /// @param max largest count allowed
    /// @param elementBytesMin smallest encoding of one element, at least 1; a count that the bytes at hand
    ///     cannot hold is refused before anything is allocated
    public <T> List<T> list(int max, int elementBytesMin, Function<ByteReader, T> element) {
        int count = compactSize();
        if (count > max) {
            throw new MalformedBytes("count " + count + " over the limit of " + max);
        }
        if (count > remaining() / elementBytesMin) {
            throw new MalformedBytes(
                    "end of data: "
                            + count
                            + " elements announced, "
                            + remaining()
                            + " bytes left");
        }
        // Most lists are short, and those of transactions are kept by the hundred thousand.
        if (count == 0) {
            return List.of();
        }
        if (count == 1) {
            return List.of(element.apply(this));
        }
        var elements = new ArrayList<T>(count);
        for (int i = 0; i < count; i++) {
            elements.add(element.apply(this));
        }
        return java.util.Collections.unmodifiableList(elements);
    }

    /// Throws unless every byte was read.
    public void expectEnd() {
        if (!isAtEnd()) {
            throw new MalformedBytes(remaining() + " bytes left over");
        }
    }
}
