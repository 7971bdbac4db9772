package weft.crypto.internal.pure;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// Big-endian words in byte arrays, and comparisons that do not branch.
final class Words {
    private static final VarHandle WORD =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private Words() {}

    static long get(byte[] bytes, int offset) {
        return (long) WORD.get(bytes, offset);
    }

    static void put(byte[] bytes, int offset, long word) {
        WORD.set(bytes, offset, word);
    }

    /// All ones if the words are the same, else 0.
    static long sameMask(long a, long b) {
        long difference = a ^ b;
        return (difference | -difference) >> 63 ^ -1L;
    }
}
