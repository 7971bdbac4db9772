package weft.crypto;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/// The stream cipher ChaCha20 (RFC 8439): 96-bit nonce, 32-bit block counter. Works on without a break over calls of
/// any length. Not safe for use by two threads.
public final class ChaCha20 {
    /// Length of a key in bytes.
    public static final int KEY_BYTES = 32;

    private static final int BLOCK_BYTES = 64;
    private static final VarHandle INT_LE = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    private final int[] state = new int[16];
    private final int[] work = new int[16];
    private final byte[] block = new byte[BLOCK_BYTES];
    private int used = BLOCK_BYTES;

    /// A cipher at block 0 of nonce 0.
    ///
    /// @param key 32 bytes, copied
    public ChaCha20(byte[] key) {
        state[0] = 0x61707865;
        state[1] = 0x3320646e;
        state[2] = 0x79622d32;
        state[3] = 0x6b206574;
        setKey(key);
    }

    void setKey(byte[] key) {
        if (key.length != KEY_BYTES) {
            throw new IllegalArgumentException("32 bytes wanted: " + key.length);
        }
        for (int i = 0; i < 8; i++) {
            state[4 + i] = (int) INT_LE.get(key, 4 * i);
        }
        seek(0, 0, 0);
    }

    /// Goes to the beginning of a block.
    ///
    /// @param nonceFirst first four bytes of the nonce, little-endian
    /// @param nonceLast last eight bytes of the nonce, little-endian
    /// @param counter the block
    public void seek(int nonceFirst, long nonceLast, int counter) {
        state[12] = counter;
        state[13] = nonceFirst;
        state[14] = (int) nonceLast;
        state[15] = (int) (nonceLast >>> 32);
        used = BLOCK_BYTES;
    }

    /// The next bytes of the key stream.
    public byte[] keystream(int length) {
        return crypt(new byte[length]);
    }

    /// Encrypts or decrypts, which is the same.
    ///
    /// @return a new array
    public byte[] crypt(byte[] input) {
        byte[] output = new byte[input.length];
        crypt(input, 0, output, 0, input.length);
        return output;
    }

    /// Encrypts or decrypts a part of an array into another, or into itself.
    public void crypt(byte[] input, int inputAt, byte[] output, int outputAt, int length) {
        for (int i = 0; i < length; ) {
            if (used == BLOCK_BYTES) {
                nextBlock();
            }
            int count = Math.min(length - i, BLOCK_BYTES - used);
            for (int k = 0; k < count; k++) {
                output[outputAt + i + k] = (byte) (input[inputAt + i + k] ^ block[used + k]);
            }
            used += count;
            i += count;
        }
    }

    private void nextBlock() {
        System.arraycopy(state, 0, work, 0, state.length);
        for (int i = 0; i < 10; i++) {
            quarter(0, 4, 8, 12);
            quarter(1, 5, 9, 13);
            quarter(2, 6, 10, 14);
            quarter(3, 7, 11, 15);
            quarter(0, 5, 10, 15);
            quarter(1, 6, 11, 12);
            quarter(2, 7, 8, 13);
            quarter(3, 4, 9, 14);
        }
        for (int i = 0; i < state.length; i++) {
            INT_LE.set(block, 4 * i, work[i] + state[i]);
        }
        state[12]++;
        // RFC 8439 ends after 256 GB; what comes here lets the counter run into the nonce, as Bitcoin Core does.
        if (state[12] == 0) {
            state[13]++;
        }
        used = 0;
    }

    private void quarter(int a, int b, int c, int d) {
        int[] w = work;
        w[a] += w[b];
        w[d] = Integer.rotateLeft(w[d] ^ w[a], 16);
        w[c] += w[d];
        w[b] = Integer.rotateLeft(w[b] ^ w[c], 12);
        w[a] += w[b];
        w[d] = Integer.rotateLeft(w[d] ^ w[a], 8);
        w[c] += w[d];
        w[b] = Integer.rotateLeft(w[b] ^ w[c], 7);
    }

    /// Overwrites the key and what was made of it.
    public void destroy() {
        Arrays.fill(state, 0);
        Arrays.fill(work, 0);
        Arrays.fill(block, (byte) 0);
    }
}
