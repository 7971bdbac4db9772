package weft.crypto;

import java.util.Arrays;

/// The one-time authenticator Poly1305 (RFC 8439). Not safe for use by two threads.
final class Poly1305 {
    static final int TAG_BYTES = 16;

    private static final int LIMB = 0x3ffffff;

    private final long r0;
    private final long r1;
    private final long r2;
    private final long r3;
    private final long r4;
    private final int[] pad = new int[4];
    private final byte[] buffer = new byte[16];
    private int buffered;
    private long h0;
    private long h1;
    private long h2;
    private long h3;
    private long h4;

    /// @param key 32 bytes, used for one message only
    Poly1305(byte[] key) {
        r0 = word(key, 0) & 0x3ffffff;
        r1 = (word(key, 3) >>> 2) & 0x3ffff03;
        r2 = (word(key, 6) >>> 4) & 0x3ffc0ff;
        r3 = (word(key, 9) >>> 6) & 0x3f03fff;
        r4 = (word(key, 12) >>> 8) & 0x00fffff;
        for (int i = 0; i < 4; i++) {
            pad[i] = (int) word(key, 16 + 4 * i);
        }
    }

    private static long word(byte[] bytes, int at) {
        return (bytes[at] & 0xffL)
                | (bytes[at + 1] & 0xffL) << 8
                | (bytes[at + 2] & 0xffL) << 16
                | (bytes[at + 3] & 0xffL) << 24;
    }

    void update(byte[] data, int offset, int length) {
        for (int i = 0; i < length; ) {
            int count = Math.min(length - i, 16 - buffered);
            System.arraycopy(data, offset + i, buffer, buffered, count);
            buffered += count;
            i += count;
            if (buffered == 16) {
                block(1L << 24);
                buffered = 0;
            }
        }
    }

    /// Zeros up to the next multiple of 16 bytes.
    void pad16() {
        if (buffered > 0) {
            Arrays.fill(buffer, buffered, 16, (byte) 0);
            block(1L << 24);
            buffered = 0;
        }
    }

    private void block(long high) {
        h0 += word(buffer, 0) & LIMB;
        h1 += (word(buffer, 3) >>> 2) & LIMB;
        h2 += (word(buffer, 6) >>> 4) & LIMB;
        h3 += (word(buffer, 9) >>> 6) & LIMB;
        h4 += (word(buffer, 12) >>> 8) | high;
        long s1 = r1 * 5;
        long s2 = r2 * 5;
        long s3 = r3 * 5;
        long s4 = r4 * 5;
        long d0 = h0 * r0 + h1 * s4 + h2 * s3 + h3 * s2 + h4 * s1;
        long d1 = h0 * r1 + h1 * r0 + h2 * s4 + h3 * s3 + h4 * s2;
        long d2 = h0 * r2 + h1 * r1 + h2 * r0 + h3 * s4 + h4 * s3;
        long d3 = h0 * r3 + h1 * r2 + h2 * r1 + h3 * r0 + h4 * s4;
        long d4 = h0 * r4 + h1 * r3 + h2 * r2 + h3 * r1 + h4 * r0;
        d1 += d0 >>> 26;
        d2 += d1 >>> 26;
        d3 += d2 >>> 26;
        d4 += d3 >>> 26;
        h0 = (d0 & LIMB) + (d4 >>> 26) * 5;
        h1 = (d1 & LIMB) + (h0 >>> 26);
        h0 &= LIMB;
        h2 = d2 & LIMB;
        h3 = d3 & LIMB;
        h4 = d4 & LIMB;
    }

    /// @return 16 bytes
    byte[] finish() {
        if (buffered > 0) {
            buffer[buffered] = 1;
            Arrays.fill(buffer, buffered + 1, 16, (byte) 0);
            block(0);
        }
        carry();
        long g0 = h0 + 5;
        long g1 = h1 + (g0 >>> 26);
        long g2 = h2 + (g1 >>> 26);
        long g3 = h3 + (g2 >>> 26);
        long g4 = h4 + (g3 >>> 26) - (1L << 26);
        // All ones if h is below the modulus, else zero: the choice takes the same time either way.
        long keep = g4 >> 63;
        h0 = (h0 & keep) | (g0 & LIMB & ~keep);
        h1 = (h1 & keep) | (g1 & LIMB & ~keep);
        h2 = (h2 & keep) | (g2 & LIMB & ~keep);
        h3 = (h3 & keep) | (g3 & LIMB & ~keep);
        h4 = (h4 & keep) | (g4 & LIMB & ~keep);
        long[] words = {
            (h0 | h1 << 26) & 0xffffffffL,
            (h1 >>> 6 | h2 << 20) & 0xffffffffL,
            (h2 >>> 12 | h3 << 14) & 0xffffffffL,
            (h3 >>> 18 | h4 << 8) & 0xffffffffL
        };
        byte[] tag = new byte[TAG_BYTES];
        long sum = 0;
        for (int i = 0; i < 4; i++) {
            sum = (sum >>> 32) + words[i] + Integer.toUnsignedLong(pad[i]);
            for (int k = 0; k < 4; k++) {
                tag[4 * i + k] = (byte) (sum >>> (8 * k));
            }
        }
        return tag;
    }

    private void carry() {
        h2 += h1 >>> 26;
        h1 &= LIMB;
        h3 += h2 >>> 26;
        h2 &= LIMB;
        h4 += h3 >>> 26;
        h3 &= LIMB;
        h0 += (h4 >>> 26) * 5;
        h4 &= LIMB;
        h1 += h0 >>> 26;
        h0 &= LIMB;
    }
}
