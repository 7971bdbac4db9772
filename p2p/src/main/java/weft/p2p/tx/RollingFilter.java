package weft.p2p.tx;

import java.util.random.RandomGenerator;
import weft.primitives.Hash256;

/// Remembers at least the last `n` hashes, and may think of one in half a million others that it was among
/// them.
/// Salted, so that nobody can choose hashes that collide.
final class RollingFilter {
    private static final int BITS_PER_ENTRY = 29;
    private static final int PROBES = 20;

    private final int capacity;
    private final int words;
    private final long salt0;
    private final long salt1;
    private long[] current = new long[0];
    private long[] previous = new long[0];
    private int count;

    RollingFilter(int capacity, RandomGenerator random) {
        this.capacity = capacity;
        this.words = (capacity * BITS_PER_ENTRY + 63) / 64;
        this.salt0 = random.nextLong();
        this.salt1 = random.nextLong();
    }

    void add(Hash256 hash) {
        if (contains(current, hash)) {
            return;
        }
        if (current.length == 0) {
            current = new long[words];
        } else if (count == capacity) {
            previous = current;
            current = new long[words];
            count = 0;
        }
        count++;
        long step = step(hash);
        long at = start(hash);
        for (int i = 0; i < PROBES; i++) {
            int bit = bit(at);
            current[bit >>> 6] |= 1L << bit;
            at += step;
        }
    }

    boolean contains(Hash256 hash) {
        return contains(current, hash) || contains(previous, hash);
    }

    private boolean contains(long[] bits, Hash256 hash) {
        if (bits.length == 0) {
            return false;
        }
        long step = step(hash);
        long at = start(hash);
        for (int i = 0; i < PROBES; i++) {
            int bit = bit(at);
            if ((bits[bit >>> 6] >>> bit & 1) == 0) {
                return false;
            }
            at += step;
        }
        return true;
    }

    void clear() {
        current = new long[0];
        previous = new long[0];
        count = 0;
    }

    private int bit(long at) {
        return (int) Long.remainderUnsigned(mix(at), words * 64L);
    }

    private long start(Hash256 hash) {
        return mix(mix(hash.w0() ^ salt0) + hash.w2());
    }

    private long step(Hash256 hash) {
        return mix(mix(hash.w1() ^ salt1) + hash.w3()) | 1;
    }

    /// A permutation of 64 bits that leaves no pattern (the finalizer of SplitMix64).
    private static long mix(long value) {
        long mixed = (value ^ (value >>> 30)) * 0xbf58476d1ce4e5b9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
        return mixed ^ (mixed >>> 31);
    }
}
