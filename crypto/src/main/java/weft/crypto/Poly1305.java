package weft.crypto;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Objects;

/// The one-time authenticator of RFC 8439: a key must be used for one message only. No branch and no
/// address depends on the key or the message. Not safe for use by two threads.
///
/// The running sum is kept modulo 2¹³⁰ − 5 in five limbs of 26 bits, so that every product fits a `long`.
public final class Poly1305 {
    /// Length of a key in bytes.
    public static final int KEY_BYTES = 32;

    /// Length of a tag in bytes.
    public static final int TAG_BYTES = 16;

    private static final int BLOCK_BYTES = 16;
    private static final long LIMB = 0x3ffffff;
    private static final VarHandle INT_LE =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    private final long r0;
    private final long r1;
    private final long r2;
    private final long r3;
    private final long r4;
    private final byte[] key;
    private final byte[] block = new byte[BLOCK_BYTES];
    private int filled;
    private long h0;
    private long h1;
    private long h2;
    private long h3;
    private long h4;

    /// An authenticator of nothing yet.
    ///
    /// @param key 32 bytes
    public Poly1305(byte[] key) {
        if (key.length != KEY_BYTES) {
            throw new IllegalArgumentException("32 bytes wanted: " + key.length);
        }
        this.key = key.clone();
        r0 = word(key, 0) & 0x3ffffff;
        r1 = word(key, 3) >>> 2 & 0x3ffff03;
        r2 = word(key, 6) >>> 4 & 0x3ffc0ff;
        r3 = word(key, 9) >>> 6 & 0x3f03fff;
        r4 = word(key, 12) >>> 8 & 0x00fffff;
    }

    /// The tag of the parts, one after the other.
    ///
    /// @return 16 bytes
    public static byte[] tag(byte[] key, byte[]... parts) {
        var poly = new Poly1305(key);
        for (byte[] part : parts) {
            poly.update(part, 0, part.length);
        }
        return poly.finish();
    }

    private static long word(byte[] from, int at) {
        return Integer.toUnsignedLong((int) INT_LE.get(from, at));
    }

    /// Appends a part of an array.
    ///
    /// @return this
    public Poly1305 update(byte[] data, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, data.length);
        int at = offset;
        int end = offset + length;
        if (filled > 0) {
            int more = Math.min(BLOCK_BYTES - filled, length);
            System.arraycopy(data, at, block, filled, more);
            filled += more;
            at += more;
            if (filled < BLOCK_BYTES) {
                return this;
            }
            blocks(block, 0, BLOCK_BYTES, 1L << 24);
            filled = 0;
        }
        int whole = (end - at) & -BLOCK_BYTES;
        blocks(data, at, whole, 1L << 24);
        filled = end - at - whole;
        System.arraycopy(data, at + whole, block, 0, filled);
        return this;
    }

    /// Appends zeros up to the next multiple of 16 bytes (RFC 8439, 2.8).
    ///
    /// @return this
    public Poly1305 pad() {
        return filled == 0 ? this : update(new byte[BLOCK_BYTES], 0, BLOCK_BYTES - filled);
    }

    /// Adds whole blocks; `high` is the bit above each block's 128.
    private void blocks(byte[] data, int offset, int length, long high) {
        long s1 = r1 * 5;
        long s2 = r2 * 5;
        long s3 = r3 * 5;
        long s4 = r4 * 5;
        long a0 = h0;
        long a1 = h1;
        long a2 = h2;
        long a3 = h3;
        long a4 = h4;
        for (int at = offset; at < offset + length; at += BLOCK_BYTES) {
            a0 += word(data, at) & LIMB;
            a1 += word(data, at + 3) >>> 2 & LIMB;
            a2 += word(data, at + 6) >>> 4 & LIMB;
            a3 += word(data, at + 9) >>> 6;
            a4 += word(data, at + 12) >>> 8 | high;
            long d0 = a0 * r0 + a1 * s4 + a2 * s3 + a3 * s2 + a4 * s1;
            long d1 = a0 * r1 + a1 * r0 + a2 * s4 + a3 * s3 + a4 * s2 + (d0 >>> 26);
            long d2 = a0 * r2 + a1 * r1 + a2 * r0 + a3 * s4 + a4 * s3 + (d1 >>> 26);
            long d3 = a0 * r3 + a1 * r2 + a2 * r1 + a3 * r0 + a4 * s4 + (d2 >>> 26);
            long d4 = a0 * r4 + a1 * r3 + a2 * r2 + a3 * r1 + a4 * r0 + (d3 >>> 26);
            a0 = (d0 & LIMB) + (d4 >>> 26) * 5;
            a1 = (d1 & LIMB) + (a0 >>> 26);
            a0 &= LIMB;
            a2 = d2 & LIMB;
            a3 = d3 & LIMB;
            a4 = d4 & LIMB;
        }
        h0 = a0;
        h1 = a1;
        h2 = a2;
        h3 = a3;
        h4 = a4;
    }

    /// The tag of all that was appended; the object must not be used any more, its key is gone.
    ///
    /// @return 16 bytes
    public byte[] finish() {
        if (filled > 0) {
            Arrays.fill(block, filled, BLOCK_BYTES, (byte) 0);
            block[filled] = 1;
            blocks(block, 0, BLOCK_BYTES, 0);
        }
        carry();
        carry();
        // h − p, kept where it is not negative, chosen without a branch.
        long g0 = h0 + 5;
        long g1 = h1 + (g0 >>> 26);
        long g2 = h2 + (g1 >>> 26);
        long g3 = h3 + (g2 >>> 26);
        long g4 = h4 + (g3 >>> 26) - (1L << 26);
        long keep = g4 >> 63;
        long t0 = choose(keep, h0, g0 & LIMB);
        long t1 = choose(keep, h1, g1 & LIMB);
        long t2 = choose(keep, h2, g2 & LIMB);
        long t3 = choose(keep, h3, g3 & LIMB);
        long t4 = choose(keep, h4, g4 & LIMB);
        byte[] tag = new byte[TAG_BYTES];
        long sum = ((t0 | t1 << 26) & 0xffff_ffffL) + word(key, 16);
        INT_LE.set(tag, 0, (int) sum);
        sum = ((t1 >>> 6 | t2 << 20) & 0xffff_ffffL) + word(key, 20) + (sum >>> 32);
        INT_LE.set(tag, 4, (int) sum);
        sum = ((t2 >>> 12 | t3 << 14) & 0xffff_ffffL) + word(key, 24) + (sum >>> 32);
        INT_LE.set(tag, 8, (int) sum);
        sum = ((t3 >>> 18 | t4 << 8) & 0xffff_ffffL) + word(key, 28) + (sum >>> 32);
        INT_LE.set(tag, 12, (int) sum);
        Arrays.fill(key, (byte) 0);
        return tag;
    }

    private static long choose(long ifOnes, long a, long b) {
        return (a & ifOnes) | (b & ~ifOnes);
    }

    private void carry() {
        h1 += h0 >>> 26;
        h0 &= LIMB;
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
