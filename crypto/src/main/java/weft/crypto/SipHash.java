package weft.crypto;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Objects;

/// SipHash-2-4: a fast hash with a secret key, for tables that strangers fill, short transaction ids
/// (BIP-0152) and block filters (BIP-0158). Safe for use by many threads.
///
/// @param k0 first half of the key, read little-endian
/// @param k1 second half of the key, read little-endian
public record SipHash(long k0, long k1) {
    private static final long C0 = 0x736f6d6570736575L;
    private static final long C1 = 0x646f72616e646f6dL;
    private static final long C2 = 0x6c7967656e657261L;
    private static final long C3 = 0x7465646279746573L;
    private static final VarHandle LONG_LE =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    /// Takes the key from 16 bytes.
    public static SipHash of(byte[] key16) {
        if (key16.length != 2 * Long.BYTES) {
            throw new IllegalArgumentException("16 bytes wanted: " + key16.length);
        }
        return new SipHash((long) LONG_LE.get(key16, 0), (long) LONG_LE.get(key16, Long.BYTES));
    }

    /// The hash of a whole array under a key that is used once.
    public static long hash(long k0, long k1, byte[] data) {
        return new SipHash(k0, k1).hash(data);
    }

    /// The hash of 32 bytes, given as four little-endian words, under a key that is used once.
    public static long hash(long k0, long k1, long w0, long w1, long w2, long w3) {
        return new SipHash(k0, k1).hash(w0, w1, w2, w3);
    }

    /// The hash of a whole array.
    public long hash(byte[] data) {
        return hash(data, 0, data.length);
    }

    /// The hash of a part of an array.
    public long hash(byte[] data, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, data.length);
        var state = new State(k0, k1);
        int whole = offset + (length & -Long.BYTES);
        for (int at = offset; at < whole; at += Long.BYTES) {
            state.word((long) LONG_LE.get(data, at));
        }
        long last = (long) length << 56;
        for (int i = 0; i < (length & (Long.BYTES - 1)); i++) {
            last |= (data[whole + i] & 0xffL) << (8 * i);
        }
        return state.word(last).finish();
    }

    /// The hash of 32 bytes, given as four little-endian words.
    public long hash(long w0, long w1, long w2, long w3) {
        return new State(k0, k1).word(w0).word(w1).word(w2).word(w3).word(32L << 56).finish();
    }

    /// The hash of 36 bytes: four little-endian words and four more bytes.
    ///
    /// @param extra the last four bytes, read little-endian
    public long hash(long w0, long w1, long w2, long w3, int extra) {
        long last = 36L << 56 | Integer.toUnsignedLong(extra);
        return new State(k0, k1).word(w0).word(w1).word(w2).word(w3).word(last).finish();
    }

    /// The four words in the middle of a hash; the compiler keeps them in registers.
    private static final class State {
        private long v0;
        private long v1;
        private long v2;
        private long v3;

        State(long k0, long k1) {
            v0 = C0 ^ k0;
            v1 = C1 ^ k1;
            v2 = C2 ^ k0;
            v3 = C3 ^ k1;
        }

        private void round() {
            v0 += v1;
            v2 += v3;
            v1 = Long.rotateLeft(v1, 13) ^ v0;
            v3 = Long.rotateLeft(v3, 16) ^ v2;
            v0 = Long.rotateLeft(v0, 32);
            v2 += v1;
            v0 += v3;
            v1 = Long.rotateLeft(v1, 17) ^ v2;
            v3 = Long.rotateLeft(v3, 21) ^ v0;
            v2 = Long.rotateLeft(v2, 32);
        }

        State word(long word) {
            v3 ^= word;
            round();
            round();
            v0 ^= word;
            return this;
        }

        long finish() {
            v2 ^= 0xff;
            for (int i = 0; i < 4; i++) {
                round();
            }
            return v0 ^ v1 ^ v2 ^ v3;
        }
    }
}
