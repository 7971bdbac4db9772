package weft.crypto;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// SipHash-2-4: a short keyed hash for tables whose keys strangers choose.
public final class SipHash {
    private static final VarHandle LONG_LE = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private long v0;
    private long v1;
    private long v2;
    private long v3;

    private SipHash(long k0, long k1) {
        v0 = k0 ^ 0x736f6d6570736575L;
        v1 = k1 ^ 0x646f72616e646f6dL;
        v2 = k0 ^ 0x6c7967656e657261L;
        v3 = k1 ^ 0x7465646279746573L;
    }

    /// Hashes a whole array.
    ///
    /// @param k0 first half of the key, little-endian
    /// @param k1 second half of the key, little-endian
    public static long hash(long k0, long k1, byte[] data) {
        var hash = new SipHash(k0, k1);
        int whole = data.length & ~7;
        for (int i = 0; i < whole; i += 8) {
            hash.word((long) LONG_LE.get(data, i));
        }
        long last = (long) data.length << 56;
        for (int i = whole; i < data.length; i++) {
            last |= (data[i] & 0xffL) << (8 * (i - whole));
        }
        return hash.finish(last);
    }

    /// Hashes 32 bytes that are given as four little-endian words.
    public static long hash(long k0, long k1, long w0, long w1, long w2, long w3) {
        var hash = new SipHash(k0, k1);
        hash.word(w0);
        hash.word(w1);
        hash.word(w2);
        hash.word(w3);
        return hash.finish(32L << 56);
    }

    private void word(long word) {
        v3 ^= word;
        round();
        round();
        v0 ^= word;
    }

    private long finish(long last) {
        word(last);
        v2 ^= 0xff;
        round();
        round();
        round();
        round();
        return v0 ^ v1 ^ v2 ^ v3;
    }

    private void round() {
        v0 += v1;
        v1 = Long.rotateLeft(v1, 13) ^ v0;
        v0 = Long.rotateLeft(v0, 32);
        v2 += v3;
        v3 = Long.rotateLeft(v3, 16) ^ v2;
        v0 += v3;
        v3 = Long.rotateLeft(v3, 21) ^ v0;
        v2 += v1;
        v1 = Long.rotateLeft(v1, 17) ^ v2;
        v2 = Long.rotateLeft(v2, 32);
    }
}
