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
    private static final VarHandle INT_LE =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG_LE =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private static final Line LEFT =
            new Line(
                    "0123456789abcdef"
                            + "74d1a6f3c0952eb8"
                            + "3ae49f812706db5c"
                            + "19ba08c4d37fe562"
                            + "40597c2ae138b6fd",
                    "befc5879bdef6798"
                            + "768db97f7cf9b7dc"
                            + "bd67e9dfe8d65c75"
                            + "bcefef989e56865c"
                            + "9f5b68dc5cdeb856",
                    new int[] {0, 0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xa953fd4e},
                    true);
    private static final Line RIGHT =
            new Line(
                    "5e7092b4d6f81a3c"
                            + "6b370d5aef8c4912"
                            + "f5137e69b8c2a04d"
                            + "86413bf05c2d97ae"
                            + "cfa4158762de039b",
                    "899bdff5778beec6"
                            + "9df7c89b77c76fdb"
                            + "97fb866ecd5edd75"
                            + "f58bee6e69c9c5f8"
                            + "85c9c5e68d65fdbb",
                    new int[] {0x50a28be6, 0x5c4dd124, 0x6d703ef3, 0x7a6d76e9, 0},
                    false);

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

    private static void compress(int[] state, int[] words, byte[] data, int offset) {
        for (int i = 0; i < words.length; i++) {
            words[i] = (int) INT_LE.get(data, offset + Integer.BYTES * i);
        }
        int[] left = state.clone();
        int[] right = state.clone();
        LEFT.run(left, words);
        RIGHT.run(right, words);
        int first = state[1] + left[2] + right[3];
        state[1] = state[2] + left[3] + right[4];
        state[2] = state[3] + left[4] + right[0];
        state[3] = state[4] + left[0] + right[1];
        state[4] = state[0] + left[1] + right[2];
        state[0] = first;
    }

    /// One of the two lines of 80 steps. Message word and rotation are one hexadecimal digit a step, 16
    /// steps a round.
    private static final class Line {
        private final int[] order;
        private final int[] rotations;
        private final int[] constants;
        private final boolean ascending;

        Line(String order, String rotations, int[] constants, boolean ascending) {
            this.order = digits(order);
            this.rotations = digits(rotations);
            this.constants = constants;
            this.ascending = ascending;
        }

        private static int[] digits(String hex) {
            return hex.chars().map(digit -> Character.digit(digit, 16)).toArray();
        }

        void run(int[] line, int[] words) {
            int a = line[0];
            int b = line[1];
            int c = line[2];
            int d = line[3];
            int e = line[4];
            for (int round = 0; round < constants.length; round++) {
                int mix = ascending ? round : constants.length - 1 - round;
                int constant = constants[round];
                int end = (round + 1) * ROUND_STEPS;
                for (int step = round * ROUND_STEPS; step < end; step++) {
                    int sum = a + mix(mix, b, c, d) + words[order[step]] + constant;
                    a = e;
                    int next = Integer.rotateLeft(sum, rotations[step]) + e;
                    e = d;
                    d = Integer.rotateLeft(c, 10);
                    c = b;
                    b = next;
                }
            }
            line[0] = a;
            line[1] = b;
            line[2] = c;
            line[3] = d;
            line[4] = e;
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
}
