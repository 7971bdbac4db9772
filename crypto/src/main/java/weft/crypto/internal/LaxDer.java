package weft.crypto.internal;

/// Reads ECDSA signatures as laxly as Bitcoin did before BIP-0066: wrong lengths of lengths, superfluous zeros,
/// negative numbers and trailing bytes pass. Consensus still needs it for old blocks.
final class LaxDer {
    private static final int NUMBER_BYTES = 32;

    private final byte[] input;
    private int position;

    private LaxDer(byte[] input) {
        this.input = input;
    }

    /// The two numbers of a signature.
    ///
    /// @return R and S, 64 bytes; zeros where a number is too large; empty if even lax rules find none
    static byte[] toCompact(byte[] signature) {
        return new LaxDer(signature).read();
    }

    private byte[] read() {
        if (!expect(0x30) || !skipLength()) {
            return new byte[0];
        }
        byte[] compact = new byte[2 * NUMBER_BYTES];
        int r = number();
        if (r < 0) {
            return new byte[0];
        }
        int rStart = position - r;
        int s = number();
        if (s < 0) {
            return new byte[0];
        }
        int sStart = position - s;
        boolean fits = copy(rStart, r, compact, 0) && copy(sStart, s, compact, NUMBER_BYTES);
        return fits ? compact : new byte[2 * NUMBER_BYTES];
    }

    private boolean expect(int tag) {
        return position < input.length && (input[position++] & 0xff) == tag;
    }

    /// The length of the whole is stepped over unread, as it always was.
    private boolean skipLength() {
        if (position == input.length) {
            return false;
        }
        int first = input[position++] & 0xff;
        if ((first & 0x80) == 0) {
            return true;
        }
        int count = first - 0x80;
        if (count > input.length - position) {
            return false;
        }
        position += count;
        return true;
    }

    /// Steps over one number; its length, or -1.
    private int number() {
        if (!expect(0x02) || position == input.length) {
            return -1;
        }
        int length = input[position++] & 0xff;
        if ((length & 0x80) != 0) {
            length = longLength(length - 0x80);
        }
        if (length < 0 || length > input.length - position) {
            return -1;
        }
        position += length;
        return length;
    }

    private int longLength(int countOfBytes) {
        int count = countOfBytes;
        if (count > input.length - position) {
            return -1;
        }
        while (count > 0 && input[position] == 0) {
            position++;
            count--;
        }
        if (count >= 4) {
            return -1;
        }
        int length = 0;
        while (count > 0) {
            length = (length << 8) + (input[position++] & 0xff);
            count--;
        }
        return length;
    }

    private boolean copy(int from, int length, byte[] target, int at) {
        int start = from;
        int rest = length;
        while (rest > 0 && input[start] == 0) {
            start++;
            rest--;
        }
        if (rest > NUMBER_BYTES) {
            return false;
        }
        System.arraycopy(input, start, target, at + NUMBER_BYTES - rest, rest);
        return true;
    }
}
