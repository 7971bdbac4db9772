package weft.crypto;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Objects;

/// The stream cipher of RFC 8439: 32-byte key, 96-bit nonce, 32-bit block counter. The keystream goes on
/// from one call to the next, whatever the lengths. No branch and no address depends on the key. Not safe
/// for use by two threads.
///
/// The JDK's cipher is not used because it forbids what BIP-0324 needs: a keystream that goes on, and a seek.
public final class ChaCha20 {
    /// Length of a key in bytes.
    public static final int KEY_BYTES = 32;

    /// Length of a block of keystream in bytes.
    public static final int BLOCK_BYTES = 64;

    private static final VarHandle INT_LE =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG_LE =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final int[] state = new int[16];
    private final byte[] block = new byte[BLOCK_BYTES];
    private int left;

    /// A cipher at block 0 of nonce 0.
    ///
    /// @param key 32 bytes
    public ChaCha20(byte[] key) {
        state[0] = 0x61707865;
        state[1] = 0x3320646e;
        state[2] = 0x79622d32;
        state[3] = 0x6b206574;
        setKey(key);
    }

    /// Takes another key; nonce and block counter become 0.
    ///
    /// @param key 32 bytes
    public void setKey(byte[] key) {
        if (key.length != KEY_BYTES) {
            throw new IllegalArgumentException("32 bytes wanted: " + key.length);
        }
        for (int i = 0; i < 8; i++) {
            state[4 + i] = (int) INT_LE.get(key, Integer.BYTES * i);
        }
        seek(0, 0, 0);
    }

    /// Overwrites the key; the cipher must not be used any more.
    public void destroy() {
        Arrays.fill(state, 0);
        Arrays.fill(block, (byte) 0);
    }

    /// Goes to the begin of a block.
    ///
    /// @param nonceFirst the first four bytes of the nonce, read little-endian
    /// @param nonceRest the other eight bytes, read little-endian
    /// @param counter the block, unsigned
    public void seek(int nonceFirst, long nonceRest, int counter) {
        state[12] = counter;
        state[13] = nonceFirst;
        state[14] = (int) nonceRest;
        state[15] = (int) (nonceRest >>> 32);
        left = 0;
        Arrays.fill(block, (byte) 0);
    }

    /// The next `length` bytes of keystream.
    public byte[] keystream(int length) {
        byte[] stream = new byte[length];
        crypt(stream, 0, length);
        return stream;
    }

    /// Encrypts or decrypts in place with the next `length` bytes of keystream.
    public void crypt(byte[] data, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, data.length);
        int at = offset;
        int end = offset + length;
        while (at < end && left > 0) {
            data[at++] ^= block[BLOCK_BYTES - left--];
        }
        while (end - at >= BLOCK_BYTES) {
            nextBlock();
            for (int i = 0; i < BLOCK_BYTES; i += Long.BYTES) {
                LONG_LE.set(
                        data,
                        at + i,
                        (long) LONG_LE.get(data, at + i) ^ (long) LONG_LE.get(block, i));
            }
            at += BLOCK_BYTES;
        }
        if (at < end) {
            nextBlock();
            left = BLOCK_BYTES;
            while (at < end) {
                data[at++] ^= block[BLOCK_BYTES - left--];
            }
        }
    }

    private void nextBlock() {
        int[] s = state;
        int x0 = s[0], x1 = s[1], x2 = s[2], x3 = s[3];
        int x4 = s[4], x5 = s[5], x6 = s[6], x7 = s[7];
        int x8 = s[8], x9 = s[9], x10 = s[10], x11 = s[11];
        int x12 = s[12], x13 = s[13], x14 = s[14], x15 = s[15];
        for (int i = 0; i < 10; i++) {
            x12 = Integer.rotateLeft(x12 ^ (x0 += x4), 16);
            x13 = Integer.rotateLeft(x13 ^ (x1 += x5), 16);
            x14 = Integer.rotateLeft(x14 ^ (x2 += x6), 16);
            x15 = Integer.rotateLeft(x15 ^ (x3 += x7), 16);
            x4 = Integer.rotateLeft(x4 ^ (x8 += x12), 12);
            x5 = Integer.rotateLeft(x5 ^ (x9 += x13), 12);
            x6 = Integer.rotateLeft(x6 ^ (x10 += x14), 12);
            x7 = Integer.rotateLeft(x7 ^ (x11 += x15), 12);
            x12 = Integer.rotateLeft(x12 ^ (x0 += x4), 8);
            x13 = Integer.rotateLeft(x13 ^ (x1 += x5), 8);
            x14 = Integer.rotateLeft(x14 ^ (x2 += x6), 8);
            x15 = Integer.rotateLeft(x15 ^ (x3 += x7), 8);
            x4 = Integer.rotateLeft(x4 ^ (x8 += x12), 7);
            x5 = Integer.rotateLeft(x5 ^ (x9 += x13), 7);
            x6 = Integer.rotateLeft(x6 ^ (x10 += x14), 7);
            x7 = Integer.rotateLeft(x7 ^ (x11 += x15), 7);
            x15 = Integer.rotateLeft(x15 ^ (x0 += x5), 16);
            x12 = Integer.rotateLeft(x12 ^ (x1 += x6), 16);
            x13 = Integer.rotateLeft(x13 ^ (x2 += x7), 16);
            x14 = Integer.rotateLeft(x14 ^ (x3 += x4), 16);
            x5 = Integer.rotateLeft(x5 ^ (x10 += x15), 12);
            x6 = Integer.rotateLeft(x6 ^ (x11 += x12), 12);
            x7 = Integer.rotateLeft(x7 ^ (x8 += x13), 12);
            x4 = Integer.rotateLeft(x4 ^ (x9 += x14), 12);
            x15 = Integer.rotateLeft(x15 ^ (x0 += x5), 8);
            x12 = Integer.rotateLeft(x12 ^ (x1 += x6), 8);
            x13 = Integer.rotateLeft(x13 ^ (x2 += x7), 8);
            x14 = Integer.rotateLeft(x14 ^ (x3 += x4), 8);
            x5 = Integer.rotateLeft(x5 ^ (x10 += x15), 7);
            x6 = Integer.rotateLeft(x6 ^ (x11 += x12), 7);
            x7 = Integer.rotateLeft(x7 ^ (x8 += x13), 7);
            x4 = Integer.rotateLeft(x4 ^ (x9 += x14), 7);
        }
        store(0, x0);
        store(1, x1);
        store(2, x2);
        store(3, x3);
        store(4, x4);
        store(5, x5);
        store(6, x6);
        store(7, x7);
        store(8, x8);
        store(9, x9);
        store(10, x10);
        store(11, x11);
        store(12, x12);
        store(13, x13);
        store(14, x14);
        store(15, x15);
        s[12]++;
        if (s[12] == 0) {
            // As in Bitcoin Core, the counter carries into the nonce.
            s[13]++;
        }
    }

    private void store(int word, int value) {
        INT_LE.set(block, Integer.BYTES * word, value + state[word]);
    }
}
