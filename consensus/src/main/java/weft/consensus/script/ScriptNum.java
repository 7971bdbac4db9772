package weft.consensus.script;

/// Numbers on the stack: little-endian, the sign in the highest bit, no byte for 0.
public final class ScriptNum {
    /// Longest form that arithmetic reads.
    public static final int BYTES_MAX = 4;

    private static final byte[] ZERO = {};

    private ScriptNum() {}

    /// The shortest form of a number.
    ///
    /// @param value of at most seven bytes
    public static byte[] encode(long value) {
        if (value == 0) {
            return ZERO;
        }
        long magnitude = Math.abs(value);
        int length = (64 - Long.numberOfLeadingZeros(magnitude) + 8) / 8;
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (magnitude >>> (8 * i));
        }
        if (value < 0) {
            bytes[length - 1] |= (byte) 0x80;
        }
        return bytes;
    }

    /// Whether a form is the shortest of its number.
    public static boolean isMinimal(byte[] bytes) {
        int length = bytes.length;
        if (length == 0 || (bytes[length - 1] & 0x7f) != 0) {
            return true;
        }
        return length > 1 && (bytes[length - 2] & 0x80) != 0;
    }

    /// The number of a form, the shortest or not.
    ///
    /// @param bytes at most eight
    public static long decode(byte[] bytes) {
        if (bytes.length == 0) {
            return 0;
        }
        int last = bytes.length - 1;
        long value = (long) (bytes[last] & 0x7f) << (8 * last);
        for (int i = 0; i < last; i++) {
            value |= (bytes[i] & 0xffL) << (8 * i);
        }
        return bytes[last] < 0 ? -value : value;
    }

    /// The number of a form; the script ends if it is too long, or not the shortest where it must be.
    static long read(byte[] bytes, boolean minimal, int bytesMax) {
        if (bytes.length > bytesMax || (minimal && !isMinimal(bytes))) {
            throw new ScriptAbort(ScriptError.UNKNOWN_ERROR);
        }
        return decode(bytes);
    }
}
