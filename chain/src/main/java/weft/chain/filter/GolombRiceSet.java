package weft.chain.filter;

import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashSet;
import weft.crypto.SipHash;
import weft.primitives.Bytes;
import weft.primitives.Check;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;
import weft.primitives.codec.MalformedBytes;

/// A set of byte strings in few bits: it knows all its elements, and one in [#FALSE_POSITIVES] of the
/// others. The elements are hashed to numbers, and the differences of the sorted numbers are Golomb-Rice
/// coded. Parameters are those of basic filters. See BIP-0158.
public final class GolombRiceSet {
    /// Bits of a difference that are written as they are.
    public static final int REMAINDER_BITS = 19;

    /// One in so many strings that are not elements seems to be one.
    public static final long FALSE_POSITIVES = 784_931;

    /// Elements that one set may have.
    public static final long SIZE_MAX = 0xffff_ffffL;

    private final SipHash key;
    private final Bytes encoded;
    private final long size;
    private final int codeOffset;

    private GolombRiceSet(SipHash key, Bytes encoded, long size, int codeOffset) {
        this.key = key;
        this.encoded = encoded;
        this.size = size;
        this.codeOffset = codeOffset;
    }

    /// The set of some strings; repeated ones count once.
    public static GolombRiceSet of(SipHash key, Collection<Bytes> elements) {
        var distinct = new LinkedHashSet<>(elements);
        long[] numbers = numbers(key, distinct, distinct.size());
        var out = new ByteWriter();
        out.compactSize(numbers.length);
        int codeOffset = out.size();
        var bits = new BitWriter(out);
        long last = 0;
        for (long number : numbers) {
            bits.golombRice(number - last);
            last = number;
        }
        bits.finish();
        return new GolombRiceSet(key, out.toBytes(), numbers.length, codeOffset);
    }

    private static long[] numbers(SipHash key, Collection<Bytes> elements, long size) {
        long[] numbers = new long[elements.size()];
        int i = 0;
        for (Bytes element : elements) {
            numbers[i++] = number(key, element, size);
        }
        Arrays.sort(numbers);
        return numbers;
    }

    /// A number below `size` × [#FALSE_POSITIVES], which fits into 52 bits.
    private static long number(SipHash key, Bytes element, long size) {
        long hash = key.hash(element.backingArray(), element.backingOffset(), element.length());
        return Math.unsignedMultiplyHigh(hash, size * FALSE_POSITIVES);
    }

    /// Reads the number of elements and the code, and checks that both agree.
    ///
    /// @throws MalformedBytes if they do not, or bytes follow
    public static GolombRiceSet decode(SipHash key, Bytes encoded) {
        ByteReader in =
                ByteReader.of(encoded.backingArray(), encoded.backingOffset(), encoded.length());
        long size = in.compactSizeUnlimited();
        int codeOffset = encoded.length() - in.remaining();
        // Every element takes 20 bits at least: so a lie about the size is found at once.
        if (size < 0
                || size > SIZE_MAX
                || size > in.remaining() * (long) Byte.SIZE / (REMAINDER_BITS + 1)) {
            throw new MalformedBytes("a filter cannot have so many elements");
        }
        var set = new GolombRiceSet(key, encoded, size, codeOffset);
        var bits = new BitReader(encoded.from(codeOffset));
        for (long i = 0; i < size; i++) {
            bits.golombRice();
        }
        if (!bits.isInLastByte()) {
            throw new MalformedBytes("bytes follow the last element of a filter");
        }
        return set;
    }

    /// Number of elements.
    public long size() {
        return size;
    }

    /// The number of elements as a compact size, and the code.
    public Bytes encoded() {
        return encoded;
    }

    /// Whether a string is an element, or seems to be.
    public boolean matches(Bytes element) {
        return matchesAny(new long[] {size == 0 ? 0 : number(key, element, size)});
    }

    /// Whether any of some strings is an element, or seems to be. Costs one pass over the set.
    public boolean matchesAny(Collection<Bytes> elements) {
        return matchesAny(numbers(key, elements, size));
    }

    private boolean matchesAny(long[] wanted) {
        if (wanted.length == 0) {
            return false;
        }
        var bits = new BitReader(encoded.from(codeOffset));
        long number = 0;
        int at = 0;
        for (long i = 0; i < size; i++) {
            number += bits.golombRice();
            while (wanted[at] < number) {
                if (++at == wanted.length) {
                    return false;
                }
            }
            if (wanted[at] == number) {
                return true;
            }
        }
        return false;
    }

    /// Bits to bytes, the highest first.
    private static final class BitWriter {
        private final ByteWriter out;
        private int pending;
        private int count;

        BitWriter(ByteWriter out) {
            this.out = out;
        }

        private void bit(int bit) {
            pending = pending << 1 | bit;
            if (++count == Byte.SIZE) {
                out.u8(pending & 0xff);
                pending = 0;
                count = 0;
            }
        }

        void golombRice(long value) {
            for (long ones = value >>> REMAINDER_BITS; ones > 0; ones--) {
                bit(1);
            }
            bit(0);
            for (int i = REMAINDER_BITS - 1; i >= 0; i--) {
                bit((int) (value >>> i) & 1);
            }
        }

        void finish() {
            while (count != 0) {
                bit(0);
            }
        }
    }

    /// Bytes to bits, the highest first.
    private static final class BitReader {
        private final Bytes source;
        private final long end;
        private long at;

        BitReader(Bytes source) {
            this.source = source;
            this.end = source.length() * (long) Byte.SIZE;
        }

        private int bit() {
            if (at >= end) {
                throw new MalformedBytes("a filter ends within an element");
            }
            int bit = source.at((int) (at >>> 3)) >>> (7 - (int) (at & 7)) & 1;
            at++;
            return bit;
        }

        long golombRice() {
            long value = 0;
            while (bit() == 1) {
                value++;
            }
            for (int i = 0; i < REMAINDER_BITS; i++) {
                value = value << 1 | bit();
            }
            Check.state(value >= 0, "no filter is so long");
            return value;
        }

        boolean isInLastByte() {
            return end - at < Byte.SIZE;
        }
    }
}
