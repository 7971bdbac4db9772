package weft.sim;

import java.util.BitSet;
import java.util.function.IntUnaryOperator;
import weft.p2p.addr.AsMap;
import weft.primitives.Bytes;

/// Writes maps of operators in the form of Bitcoin Core, which [AsMap] reads, for experiments whose operators
/// are made up.
final class AsMapWriter {
    private static final int RANGE_BITS = 16;

    /// The prefix of an IPv4 address in IPv6, `::ffff:0:0/96`: so many bytes of zeros, and so many of ones.
    private static final int MAPPED_ZEROS = 10;

    private static final int MAPPED_ONES = 2;

    private static final int NUMBER_BITS = 15;
    private static final int NUMBER_BITS_MAX = 24;
    private static final int JUMP_BITS = 5;
    private static final int JUMP_BITS_MAX = 30;
    private static final int JUMP_MIN = 17;
    private static final int MATCH_BITS = 1;
    private static final int MATCH_BITS_MAX = 8;
    private static final int MATCH_MIN = 2;

    private AsMapWriter() {}

    /// A program of some bits.
    private static final class Code {
        private final BitSet bits = new BitSet();
        private int length;

        private Code bit(boolean one) {
            bits.set(length++, one);
            return this;
        }

        /// A number, in classes of more and more bits. After the last class none has to be told from.
        private Code number(long value, int firstBits, int lastBits) {
            long rest = value;
            int width = firstBits;
            while (rest >= 1L << width) {
                rest -= 1L << width++;
                bit(true);
            }
            if (width < lastBits) {
                bit(false);
            }
            for (int i = width - 1; i >= 0; i--) {
                bit((rest >>> i & 1) != 0);
            }
            return this;
        }

        private Code all(Code other) {
            for (int i = 0; i < other.length; i++) {
                bit(other.bits.get(i));
            }
            return this;
        }

        private boolean isLeaf() {
            return !bits.get(0);
        }

        private boolean isSame(Code other) {
            return length == other.length && bits.equals(other.bits);
        }
    }

    private static Code leaf(int operator) {
        return new Code().bit(false).number(operator - 1, NUMBER_BITS, NUMBER_BITS_MAX);
    }

    /// Where the next bit of the address tells. Two equal leaves become one; two equal branches may not, as a
    /// bit of the address has to be passed.
    private static Code branch(Code zero, Code one) {
        return zero.isLeaf() && zero.isSame(one)
                ? zero
                : new Code()
                        .bit(true)
                        .bit(false)
                        .number(zero.length - JUMP_MIN, JUMP_BITS, JUMP_BITS_MAX)
                        .all(zero)
                        .all(one);
    }

    /// Where all others than those with this byte next are unknown.
    private static Code match(int wanted) {
        return new Code()
                .bit(true)
                .bit(true)
                .bit(false)
                .number(0x100 + wanted - MATCH_MIN, MATCH_BITS, MATCH_BITS_MAX);
    }

    private static Code ranges(IntUnaryOperator operatorOf, int first, int bits) {
        if (bits == 0) {
            return leaf(operatorOf.applyAsInt(first));
        }
        int half = 1 << (bits - 1);
        return branch(
                ranges(operatorOf, first, bits - 1), ranges(operatorOf, first + half, bits - 1));
    }

    /// A map of IPv4 alone.
    ///
    /// @param operatorOf the number, from 1 on, of the operator of a /16 range, by its first two bytes
    static AsMap ofRanges(IntUnaryOperator operatorOf) {
        var code = new Code();
        for (int i = 0; i < MAPPED_ZEROS + MAPPED_ONES; i++) {
            code.all(match(i < MAPPED_ZEROS ? 0 : 0xff));
        }
        code.all(ranges(operatorOf, 0, RANGE_BITS));
        byte[] bytes = new byte[(code.length + Byte.SIZE - 1) / Byte.SIZE];
        code.bits.stream().forEach(at -> bytes[at / Byte.SIZE] |= (byte) (1 << (at % Byte.SIZE)));
        return AsMap.parse(Bytes.wrap(bytes)).orElseThrow();
    }
}
