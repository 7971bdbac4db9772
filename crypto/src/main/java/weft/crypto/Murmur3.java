package weft.crypto;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// MurmurHash3 in its 32-bit form, which Bloom filters use (BIP-0037). Not a cryptographic hash.
public final class Murmur3 {
    private static final int C1 = 0xcc9e2d51;
    private static final int C2 = 0x1b873593;
    private static final VarHandle INT_LE =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    private Murmur3() {}

    private static int scramble(int word) {
        return Integer.rotateLeft(word * C1, 15) * C2;
    }

    /// The hash of a whole array; all 32 bits count, read it unsigned.
    public static int hash(int seed, byte[] data) {
        int h = seed;
        int whole = data.length & -Integer.BYTES;
        for (int at = 0; at < whole; at += Integer.BYTES) {
            h = Integer.rotateLeft(h ^ scramble((int) INT_LE.get(data, at)), 13) * 5 + 0xe6546b64;
        }
        int last = 0;
        for (int i = whole; i < data.length; i++) {
            last |= (data[i] & 0xff) << (8 * (i - whole));
        }
        h ^= scramble(last);
        h ^= data.length;
        h = (h ^ h >>> 16) * 0x85ebca6b;
        h = (h ^ h >>> 13) * 0xc2b2ae35;
        return h ^ h >>> 16;
    }
}
