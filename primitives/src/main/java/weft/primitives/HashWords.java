package weft.primitives;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// The four words of a hash between bytes or text and the types.
record HashWords(long w0, long w1, long w2, long w3) {
    static final VarHandle LONG_LE =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    static HashWords of(byte[] bytes, int offset) {
        return new HashWords(
                (long) LONG_LE.get(bytes, offset),
                (long) LONG_LE.get(bytes, offset + 8),
                (long) LONG_LE.get(bytes, offset + 16),
                (long) LONG_LE.get(bytes, offset + 24));
    }

    static HashWords parse(String hex) {
        if (hex.length() != 64
                || !hex.chars().allMatch(c -> Character.digit(c, 16) >= 0 && c < 128)) {
            throw new IllegalArgumentException("not 64 hexadecimal digits: " + hex);
        }
        return new HashWords(
                Long.parseUnsignedLong(hex, 48, 64, 16),
                Long.parseUnsignedLong(hex, 32, 48, 16),
                Long.parseUnsignedLong(hex, 16, 32, 16),
                Long.parseUnsignedLong(hex, 0, 16, 16));
    }

    static void append(StringBuilder text, long word) {
        String digits = Long.toHexString(word);
        text.repeat('0', 16 - digits.length()).append(digits);
    }
}
