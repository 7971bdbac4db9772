package weft.p2p.addr;

import java.util.random.RandomGenerator;
import weft.crypto.SipHash;
import weft.primitives.Bytes;

/// Remembers at least the last `capacity` keys in a fixed amount of memory, and is sometimes wrong about
/// others. Keyed by a secret, so that nobody can choose keys that collide.
public final class KeyedFilter {
    private final int capacity;
    private final int words;
    private final int probes;
    private final long key0;
    private final long key1;
    private long[] current = new long[0];
    private long[] previous = new long[0];
    private int count;

    /// An empty filter.
    ///
    /// @param capacity keys that are certainly remembered, at least 1
    /// @param bitsPerKey memory for each; 15 make one error in a thousand, 29 one in a million
    /// @param random makes the secret
    public KeyedFilter(int capacity, int bitsPerKey, RandomGenerator random) {
        this.capacity = capacity;
        this.words = (int) (((long) capacity * bitsPerKey + 63) / 64);
        this.probes = Math.max(1, (int) Math.round(bitsPerKey * Math.log(2)));
        this.key0 = random.nextLong();
        this.key1 = random.nextLong();
    }

    /// Remembers a key.
    public void add(Bytes key) {
        long hash = hash(key);
        if (contains(current, hash)) {
            return;
        }
        if (count == capacity) {
            previous = current;
            current = new long[0];
            count = 0;
        }
        if (current.length == 0) {
            current = new long[words];
        }
        count++;
        for (int i = 0; i < probes; i++) {
            int bit = bit(hash, i);
            current[bit >>> 6] |= 1L << bit;
        }
    }

    /// Whether a key was added, or seems to have been.
    public boolean contains(Bytes key) {
        long hash = hash(key);
        return contains(current, hash) || contains(previous, hash);
    }

    private boolean contains(long[] bits, long hash) {
        if (bits.length == 0) {
            return false;
        }
        for (int i = 0; i < probes; i++) {
            int bit = bit(hash, i);
            if (((bits[bit >>> 6] >>> bit) & 1) == 0) {
                return false;
            }
        }
        return true;
    }

    /// Forgets everything.
    public void clear() {
        current = new long[0];
        previous = new long[0];
        count = 0;
    }

    private long hash(Bytes key) {
        return SipHash.hash(key0, key1, key.toByteArray());
    }

    private int bit(long hash, int probe) {
        long low = hash & 0xffff_ffffL;
        long high = (hash >>> 32) | 1;
        return (int) ((low + probe * high) % (words * 64L));
    }
}
