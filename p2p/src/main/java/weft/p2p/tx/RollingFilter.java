package weft.p2p.tx;

import java.util.HashSet;
import java.util.Set;
import java.util.random.RandomGenerator;
import weft.primitives.Digest256;
import weft.primitives.Hash256;

/// Remembers at least the last `n` hashes, and may think of one in a third of a million others that it was
/// among them.
/// Salted, so that nobody can choose hashes that collide.
final class RollingFilter {
    private static final int BITS_PER_ENTRY = 29;
    private static final int PROBES = 20;

    /// One that fills and two that are full, each of half the capacity. *Rationale:* two of the whole
    /// capacity take a third more memory.
    private static final int GENERATIONS = 3;

    /// So few are kept as they are. *Rationale:* a filter takes 90 to 270 kB for each peer, and with most it
    /// is hardly used.
    private static final int FEW = 300;

    private final int perGeneration;
    private final int words;
    private final long salt0;
    private final long salt1;

    /// The youngest first.
    private final long[][] generations = new long[GENERATIONS][0];

    private Set<Digest256> few = new HashSet<>();
    private int count;

    RollingFilter(int capacity, RandomGenerator random) {
        this.perGeneration = Math.ceilDiv(capacity, GENERATIONS - 1);
        this.words = (perGeneration * BITS_PER_ENTRY + 63) / 64;
        this.salt0 = random.nextLong();
        this.salt1 = random.nextLong();
    }

    void add(Hash256 hash) {
        if (generations[0].length > 0) {
            set(hash);
            return;
        }
        few.add(MempoolMirror.plain(hash));
        if (few.size() > Math.min(FEW, perGeneration)) {
            generations[0] = new long[words];
            few.forEach(this::set);
            few = new HashSet<>();
        }
    }

    private void set(Hash256 hash) {
        if (contains(generations[0], hash)) {
            return;
        }
        if (count == perGeneration) {
            for (int i = GENERATIONS - 1; i > 0; i--) {
                generations[i] = generations[i - 1];
            }
            generations[0] = new long[words];
            count = 0;
        }
        count++;
        long step = step(hash);
        long at = start(hash);
        for (int i = 0; i < PROBES; i++) {
            int bit = bit(at);
            generations[0][bit >>> 6] |= 1L << bit;
            at += step;
        }
    }

    boolean contains(Hash256 hash) {
        for (long[] each : generations) {
            if (contains(each, hash)) {
                return true;
            }
        }
        return few.contains(MempoolMirror.plain(hash));
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
        for (int i = 0; i < GENERATIONS; i++) {
            generations[i] = new long[0];
        }
        few = new HashSet<>();
        count = 0;
    }

    private int bit(long at) {
        // The upper half of the product is as even as a remainder, without a division.
        return (int) Math.unsignedMultiplyHigh(mix(at), words * 64L);
    }

    private long start(Hash256 hash) {
        return mix(mix(hash.w0() ^ salt0) + hash.w2());
    }

    private long step(Hash256 hash) {
        return mix(mix(hash.w1() ^ salt1) + hash.w3()) | 1;
    }

    /// A permutation of 64 bits that leaves no pattern (the finalizer of SplitMix64).
    static long mix(long value) {
        long mixed = (value ^ (value >>> 30)) * 0xbf58476d1ce4e5b9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
        return mixed ^ (mixed >>> 31);
    }
}
