package weft.p2p.addr;

import java.util.ArrayDeque;
import java.util.Optional;
import java.util.OptionalInt;
import weft.crypto.Sha256;
import weft.primitives.Bytes;
import weft.primitives.codec.ByteWriter;
import weft.wire.NetAddress;
import weft.wire.NetworkId;

/// Tells which operator of networks (autonomous system) an address belongs to.
///
/// *Rationale:* one operator has addresses in many /16 ranges; by ranges alone it could be all our peers.
///
/// A map is a program for each address, in bits, the lowest of each byte first: it ends with a number
/// (RETURN), goes on elsewhere if the next bit of the address is set (JUMP), ends with the number that was
/// set last unless the next bits are certain ones (MATCH), or sets that number (DEFAULT). The form is Bitcoin
/// Core's. A map is checked whole before it is used, so that no address can lead a program astray. Immutable.
public final class AsMap {
    private static final int INVALID = -1;
    private static final int ADDRESS_BITS = 128;
    private static final int PADDING_MAX = 7;
    private static final int FULL_MATCH_BITS = 8;

    private static final int RETURN = 0;
    private static final int JUMP = 1;
    private static final int MATCH = 2;
    private static final int DEFAULT = 3;

    private static final int NUMBER_BITS = 15;
    private static final int NUMBER_CLASSES = 10;
    private static final int MATCH_BITS = 1;
    private static final int MATCH_CLASSES = 8;
    private static final int JUMP_BITS = 5;
    private static final int JUMP_CLASSES = 26;

    private final byte[] program;
    private final Bytes version;

    private AsMap(byte[] program) {
        this.program = program;
        this.version = hash(program);
    }

    /// A map from the bytes of its file.
    ///
    /// @return empty if it is none
    public static Optional<AsMap> parse(Bytes file) {
        byte[] program = file.toByteArray();
        return new Check(program).isSound() ? Optional.of(new AsMap(program)) : Optional.empty();
    }

    /// Double SHA-256 of the bits, one a byte, after their number.
    private static Bytes hash(byte[] program) {
        int bits = program.length * Byte.SIZE;
        var all = new ByteWriter(bits + 9).compactSize(bits);
        for (int i = 0; i < bits; i++) {
            all.u8((program[i >>> 3] >>> (i & 7)) & 1);
        }
        return Bytes.wrap(Sha256.hashTwice(all.toByteArray()));
    }

    /// The bytes of its file.
    public Bytes file() {
        return Bytes.copyOf(program);
    }

    /// What tells this map from others, 32 bytes in the order of the hash function; [NetGroups] keeps it with
    /// the address book.
    public Bytes version() {
        return version;
    }

    /// The number of the autonomous system that an address belongs to; 0 if the map does not know it, or it
    /// is neither an IPv4 nor an IPv6 address of the public network. Unsigned.
    public int asnOf(NetAddress address) {
        boolean ip = address.network() == NetworkId.IPV4 || address.network() == NetworkId.IPV6;
        return ip && address.isRoutable() ? run(lookup(address)) : 0;
    }

    /// An IPv4 address, also one that lies in an IPv6 address, in the form `::ffff:a.b.c.d`.
    private static byte[] lookup(NetAddress address) {
        OptionalInt linked = address.linkedIpv4();
        if (linked.isEmpty()) {
            return address.address().toByteArray();
        }
        byte[] bytes = new byte[16];
        bytes[10] = (byte) 0xff;
        bytes[11] = (byte) 0xff;
        for (int i = 0; i < 4; i++) {
            bytes[12 + i] = (byte) (linked.getAsInt() >>> (24 - 8 * i));
        }
        return bytes;
    }

    private int run(byte[] address) {
        var in = new Bits(program);
        int used = 0;
        int byDefault = 0;
        while (true) {
            switch (in.instruction()) {
                case RETURN -> {
                    return in.number();
                }
                case JUMP -> {
                    int distance = in.distance();
                    in.position += bit(address, used++) ? distance : 0;
                }
                case MATCH -> {
                    int pattern = in.pattern();
                    int count = lengthOf(pattern);
                    for (int i = count - 1; i >= 0; i--) {
                        if (bit(address, used++) != (((pattern >>> i) & 1) != 0)) {
                            return byDefault;
                        }
                    }
                }
                case DEFAULT -> byDefault = in.number();
                default -> throw new IllegalStateException("the map was checked");
            }
        }
    }

    private static boolean bit(byte[] address, int index) {
        return ((address[index >>> 3] >>> (7 - (index & 7))) & 1) != 0;
    }

    /// A pattern has a leading one.
    private static int lengthOf(int pattern) {
        return Integer.SIZE - 1 - Integer.numberOfLeadingZeros(pattern);
    }

    /// Reads the parts of instructions.
    private static final class Bits {
        private final byte[] program;
        private final int end;
        int position;

        Bits(byte[] program) {
            this.program = program;
            this.end = program.length * Byte.SIZE;
        }

        boolean hasMore() {
            return position < end;
        }

        int left() {
            return end - position;
        }

        int next() {
            int bit = (program[position >>> 3] >>> (position & 7)) & 1;
            position++;
            return bit;
        }

        /// A number in a class of its own size: each set bit skips a class, and the bits of the number
        /// follow, the highest first.
        private int value(int least, int firstBits, int classes) {
            int value = least;
            for (int i = 0; i < classes; i++) {
                int bits = firstBits + i;
                boolean last = i == classes - 1;
                if (!last && !hasMore()) {
                    return INVALID;
                }
                if (!last && next() != 0) {
                    value += 1 << bits;
                    continue;
                }
                return mantissa(value, bits);
            }
            return INVALID;
        }

        private int mantissa(int least, int bits) {
            int value = least;
            for (int i = bits - 1; i >= 0; i--) {
                if (!hasMore()) {
                    return INVALID;
                }
                value += next() << i;
            }
            return value;
        }

        /// One bit for [#RETURN], two for [#JUMP], three for the others.
        int instruction() {
            if (!hasMore()) {
                return INVALID;
            }
            if (next() == 0) {
                return RETURN;
            }
            if (!hasMore()) {
                return INVALID;
            }
            if (next() == 0) {
                return JUMP;
            }
            return hasMore() ? MATCH + next() : INVALID;
        }

        int number() {
            return value(1, NUMBER_BITS, NUMBER_CLASSES);
        }

        int pattern() {
            return value(2, MATCH_BITS, MATCH_CLASSES);
        }

        int distance() {
            return value(17, JUMP_BITS, JUMP_CLASSES);
        }
    }

    /// Where a jump leads, and how many bits of the address are left there.
    private record Target(int position, int left) {}

    /// Goes through a whole program once, whatever an address may be.
    private static final class Check {
        private final Bits in;
        private final ArrayDeque<Target> targets = new ArrayDeque<>();
        private int left = ADDRESS_BITS;
        private int previous = JUMP;
        private boolean partialMatch;
        private boolean ended;

        Check(byte[] program) {
            in = new Bits(program);
        }

        boolean isSound() {
            while (in.hasMore()) {
                if (!targets.isEmpty() && in.position >= targets.peek().position) {
                    return false;
                }
                int instruction = in.instruction();
                boolean sound =
                        switch (instruction) {
                            case RETURN -> isReturnSound();
                            case JUMP -> isJumpSound();
                            case MATCH -> isMatchSound();
                            case DEFAULT -> previous != DEFAULT && in.number() != INVALID;
                            default -> false;
                        };
                if (!sound || ended) {
                    return sound;
                }
                previous = instruction == RETURN ? JUMP : instruction;
            }
            return false;
        }

        private boolean isReturnSound() {
            if (previous == DEFAULT || in.number() == INVALID) {
                return false;
            }
            if (targets.isEmpty()) {
                ended = true;
                return isPaddingSound();
            }
            Target target = targets.pop();
            left = target.left;
            return in.position == target.position;
        }

        private boolean isPaddingSound() {
            if (in.left() > PADDING_MAX) {
                return false;
            }
            while (in.hasMore()) {
                if (in.next() != 0) {
                    return false;
                }
            }
            return true;
        }

        private boolean isJumpSound() {
            int distance = in.distance();
            if (distance == INVALID || distance > in.left() || left == 0) {
                return false;
            }
            left--;
            int position = in.position + distance;
            if (!targets.isEmpty() && position >= targets.peek().position) {
                return false;
            }
            targets.push(new Target(position, left));
            return true;
        }

        private boolean isMatchSound() {
            int pattern = in.pattern();
            if (pattern == INVALID) {
                return false;
            }
            int count = lengthOf(pattern);
            if (previous != MATCH) {
                partialMatch = false;
            }
            if (count < FULL_MATCH_BITS && partialMatch) {
                return false;
            }
            partialMatch = count < FULL_MATCH_BITS;
            left -= count;
            return left >= 0;
        }
    }
}
