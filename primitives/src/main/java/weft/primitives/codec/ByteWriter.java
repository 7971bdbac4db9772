package weft.primitives.codec;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.function.BiConsumer;
import weft.primitives.Bytes;

/// Writes Bitcoin's wire types into an array that grows. Not safe for use by two threads.
public final class ByteWriter {
    private static final VarHandle SHORT_LE =
            MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle SHORT_BE =
            MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle INT_LE =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG_LE =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private byte[] array;
    private int size;

    /// An empty writer.
    public ByteWriter() {
        this(256);
    }

    /// An empty writer with room for `capacity` bytes before it must grow.
    public ByteWriter(int capacity) {
        array = new byte[Math.max(capacity, 16)];
    }

    private int room(int count) {
        int at = size;
        int needed = Math.addExact(at, count);
        if (needed > array.length) {
            array =
                    Arrays.copyOf(
                            array, Math.max(needed, Math.max(array.length, array.length << 1)));
        }
        size = needed;
        return at;
    }

    /// Bytes written so far.
    public int size() {
        return size;
    }

    /// A copy of the bytes written so far.
    public byte[] toByteArray() {
        return Arrays.copyOf(array, size);
    }

    /// The bytes written so far, which are no copy: good until the writer is used again.
    public Bytes toBytes() {
        return Bytes.wrap(array, 0, size);
    }

    /// Forgets what was written and keeps the memory.
    public void reset() {
        size = 0;
    }

    /// One byte; the upper bits are dropped.
    public ByteWriter u8(int value) {
        int at = room(1);
        array[at] = (byte) value;
        return this;
    }

    /// One byte, 0 or 1.
    public ByteWriter bool(boolean value) {
        return u8(value ? 1 : 0);
    }

    /// Two bytes, little-endian.
    public ByteWriter u16(int value) {
        int at = room(2);
        SHORT_LE.set(array, at, (short) value);
        return this;
    }

    /// Two bytes, big-endian.
    public ByteWriter u16BigEndian(int value) {
        int at = room(2);
        SHORT_BE.set(array, at, (short) value);
        return this;
    }

    /// Four bytes, little-endian.
    public ByteWriter i32(int value) {
        int at = room(4);
        INT_LE.set(array, at, value);
        return this;
    }

    /// Four bytes, little-endian; the upper 32 bits are dropped.
    public ByteWriter u32(long value) {
        return i32((int) value);
    }

    /// Eight bytes, little-endian.
    public ByteWriter i64(long value) {
        int at = room(8);
        LONG_LE.set(array, at, value);
        return this;
    }

    /// All bytes of an array, without a length.
    public ByteWriter bytes(byte[] value) {
        return bytes(value, 0, value.length);
    }

    /// A part of an array, without a length.
    public ByteWriter bytes(byte[] value, int offset, int length) {
        int at = room(length);
        System.arraycopy(value, offset, array, at, length);
        return this;
    }

    /// All bytes of a slice, without a length.
    public ByteWriter bytes(Bytes value) {
        int at = room(value.length());
        value.copyTo(array, at);
        return this;
    }

    /// An unsigned number in the shortest CompactSize form.
    public ByteWriter compactSize(long value) {
        if (Long.compareUnsigned(value, 0xfd) < 0) {
            return u8((int) value);
        }
        if (Long.compareUnsigned(value, 0xffff) <= 0) {
            return u8(0xfd).u16((int) value);
        }
        if (Long.compareUnsigned(value, 0xffff_ffffL) <= 0) {
            return u8(0xfe).u32(value);
        }
        return u8(0xff).i64(value);
    }

    /// A byte string after its length.
    public ByteWriter varBytes(Bytes value) {
        return compactSize(value.length()).bytes(value);
    }

    /// A text after its length, one byte a character.
    public ByteWriter varString(String value) {
        byte[] latin1 = value.getBytes(StandardCharsets.ISO_8859_1);
        return compactSize(latin1.length).bytes(latin1);
    }

    /// A list after its count.
    public <T> ByteWriter list(
            Collection<? extends T> elements, BiConsumer<T, ByteWriter> element) {
        compactSize(elements.size());
        for (T each : elements) {
            element.accept(each, this);
        }
        return this;
    }

    /// Length of a number's CompactSize form: 1, 3, 5 or 9.
    public static int compactSizeBytes(long value) {
        if (Long.compareUnsigned(value, 0xfd) < 0) {
            return 1;
        }
        if (Long.compareUnsigned(value, 0xffff) <= 0) {
            return 3;
        }
        return Long.compareUnsigned(value, 0xffff_ffffL) <= 0 ? 5 : 9;
    }
}
