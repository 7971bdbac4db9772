package weft.chain;

import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;
import weft.primitives.codec.MalformedBytes;

/// Bitcoin Core's `VARINT`: seven bits a byte, the highest first, each number in one form only. Used on
/// disk, never on the wire.
final class VarInt {
    private VarInt() {}

    /// Writes an unsigned number.
    static void write(ByteWriter out, long value) {
        if (Long.compareUnsigned(value, 0x7f) > 0) {
            writeFront(out, (value >>> 7) - 1);
        }
        out.u8((int) (value & 0x7f));
    }

    /// Writes all digits in front of the last: at most nine, one a call.
    private static void writeFront(ByteWriter out, long value) {
        if (Long.compareUnsigned(value, 0x7f) > 0) {
            writeFront(out, (value >>> 7) - 1);
        }
        out.u8((int) (value & 0x7f) | 0x80);
    }

    /// Reads a number up to 2⁶³ − 1.
    static long read(ByteReader in) {
        long value = 0;
        while (true) {
            int digit = in.u8();
            if (value > (Long.MAX_VALUE >>> 7)) {
                throw new MalformedBytes("VARINT too large");
            }
            value = (value << 7) | (digit & 0x7f);
            if ((digit & 0x80) == 0) {
                return value;
            }
            if (value == Long.MAX_VALUE) {
                throw new MalformedBytes("VARINT too large");
            }
            value++;
        }
    }

    /// Reads a number up to 2³¹ − 1.
    static int readInt(ByteReader in) {
        long value = read(in);
        if (value > Integer.MAX_VALUE) {
            throw new MalformedBytes("VARINT too large");
        }
        return (int) value;
    }
}
