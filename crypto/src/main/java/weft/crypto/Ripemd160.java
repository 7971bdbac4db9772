package weft.crypto;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Objects;

/// RIPEMD-160, which the JDK does not have. Pure functions, safe for use by many threads.
public final class Ripemd160 {
    /// Length of a digest in bytes.
    public static final int BYTES = 20;

    private static final int BLOCK_BYTES = 64;
    private static final int LENGTH_BYTES = 8;
    private static final int ROUND_STEPS = 16;
    private static final int STEPS = 80;
    private static final VarHandle INT_LE =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG_LE =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    /// Message words of the two lines of 80 steps, one hexadecimal digit a step, 16 steps a round.
    private static final int[] LEFT_ORDER =
            digits(
                    "0123456789abcdef"
                            + "74d1a6f3c0952eb8"
                            + "3ae49f812706db5c"
                            + "19ba08c4d37fe562"
                            + "40597c2ae138b6fd");

    private static final int[] RIGHT_ORDER =
            digits(
                    "5e7092b4d6f81a3c"
                            + "6b370d5aef8c4912"
                            + "f5137e69b8c2a04d"
                            + "86413bf05c2d97ae"
                            + "cfa4158762de039b");

    /// What is added in each round.
    private static final int[] LEFT_ADDED = {0, 0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xa953fd4e};

    private static final int[] RIGHT_ADDED = {0x50a28be6, 0x5c4dd124, 0x6d703ef3, 0x7a6d76e9, 0};

    /// By how much each step rotates.
    private static final int[] LEFT_ROTATIONS =
            digits(
                    "befc5879bdef6798"
                            + "768db97f7cf9b7dc"
                            + "bd67e9dfe8d65c75"
                            + "bcefef989e56865c"
                            + "9f5b68dc5cdeb856");

    private static final int[] RIGHT_ROTATIONS =
            digits(
                    "899bdff5778beec6"
                            + "9df7c89b77c76fdb"
                            + "97fb866ecd5edd75"
                            + "f58bee6e69c9c5f8"
                            + "85c9c5e68d65fdbb");

    private Ripemd160() {}

    /// The digest of a whole array.
    ///
    /// @return 20 bytes
    public static byte[] hash(byte[] data) {
        return hash(data, 0, data.length);
    }

    /// The digest of a part of an array.
    ///
    /// @return 20 bytes
    public static byte[] hash(byte[] data, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, data.length);
        int[] state = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
        int[] words = new int[ROUND_STEPS];
        int whole = length / BLOCK_BYTES * BLOCK_BYTES;
        for (int done = 0; done < whole; done += BLOCK_BYTES) {
            compress(state, words, data, offset + done);
        }
        int left = length - whole;
        byte[] tail =
                new byte[left + 1 + LENGTH_BYTES <= BLOCK_BYTES ? BLOCK_BYTES : 2 * BLOCK_BYTES];
        System.arraycopy(data, offset + whole, tail, 0, left);
        tail[left] = (byte) 0x80;
        LONG_LE.set(tail, tail.length - LENGTH_BYTES, 8L * length);
        for (int at = 0; at < tail.length; at += BLOCK_BYTES) {
            compress(state, words, tail, at);
        }
        byte[] digest = new byte[BYTES];
        for (int i = 0; i < state.length; i++) {
            INT_LE.set(digest, Integer.BYTES * i, state[i]);
        }
        return digest;
    }

    private static int[] digits(String hex) {
        return hex.chars().map(digit -> Character.digit(digit, 16)).toArray();
    }

    /// Both lines side by side. *Rationale:* neither waits for the other, so the processor does two steps in
    /// the time of one.
    private static void compress(int[] state, int[] words, byte[] data, int offset) {
        for (int i = 0; i < words.length; i++) {
            words[i] = (int) INT_LE.get(data, offset + Integer.BYTES * i);
        }
        int a = state[0];
        int b = state[1];
        int c = state[2];
        int d = state[3];
        int e = state[4];
        int v = a;
        int w = b;
        int x = c;
        int y = d;
        int z = e;
        for (int step = 0; step < STEPS; step++) {
            int round = step / ROUND_STEPS;
            int left = a + mix(round, b, c, d) + words[LEFT_ORDER[step]] + LEFT_ADDED[round];
            int right = v + mix(4 - round, w, x, y) + words[RIGHT_ORDER[step]] + RIGHT_ADDED[round];
            a = e;
            v = z;
            int nextLeft = Integer.rotateLeft(left, LEFT_ROTATIONS[step]) + e;
            int nextRight = Integer.rotateLeft(right, RIGHT_ROTATIONS[step]) + z;
            e = d;
            z = y;
            d = Integer.rotateLeft(c, 10);
            y = Integer.rotateLeft(x, 10);
            c = b;
            x = w;
            b = nextLeft;
            w = nextRight;
        }
        int first = state[1] + c + y;
        state[1] = state[2] + d + z;
        state[2] = state[3] + e + v;
        state[3] = state[4] + a + w;
        state[4] = state[0] + b + x;
        state[0] = first;
    }

    private static int mix(int which, int x, int y, int z) {
        return switch (which) {
            case 0 -> x ^ y ^ z;
            case 1 -> (x & y) | (~x & z);
            case 2 -> (x | ~y) ^ z;
            case 3 -> (x & z) | (y & ~z);
            default -> x ^ (y | ~z);
        };
    }
}
