package weft.p2p.addr;

import org.jspecify.annotations.Nullable;

/// Buckets of [AddrMan#BUCKET_SIZE] places each, made when first used. Those that hold something can be drawn
/// from. *Rationale:* to draw among all until one is not empty took thousands of random numbers for each
/// address in a small book, and comes to the same chances.
final class BucketTable {
    private final @Nullable Bucket[] buckets;

    /// Numbers of the buckets that hold something, in any order; the rest is not in use.
    private final int[] filled;

    private int filledCount;

    private static final class Bucket {
        final @Nullable AddrManEntry[] places = new AddrManEntry[AddrMan.BUCKET_SIZE];
        int count;

        /// Its place among those that hold something.
        int at;
    }

    BucketTable(int count) {
        buckets = new Bucket[count];
        filled = new int[count];
    }

    int count() {
        return buckets.length;
    }

    @Nullable AddrManEntry get(int bucket, int position) {
        Bucket found = buckets[bucket];
        return found == null ? null : found.places[position];
    }

    void set(int bucket, int position, @Nullable AddrManEntry entry) {
        Bucket found = buckets[bucket];
        if (found == null) {
            found = new Bucket();
            buckets[bucket] = found;
        }
        int before = found.places[position] == null ? 0 : 1;
        int after = entry == null ? 0 : 1;
        found.places[position] = entry;
        found.count += after - before;
        if (after > before && found.count == 1) {
            found.at = filledCount;
            filled[filledCount++] = bucket;
        } else if (after < before && found.count == 0) {
            int last = filled[--filledCount];
            filled[found.at] = last;
            Bucket moved = buckets[last];
            if (moved != null) {
                moved.at = found.at;
            }
        }
    }

    boolean isUnused(int bucket) {
        Bucket found = buckets[bucket];
        return found == null || found.count == 0;
    }

    /// How many buckets hold something.
    int filledCount() {
        return filledCount;
    }

    /// One of the buckets that hold something, by a number below [#filledCount].
    int filled(int number) {
        return filled[number];
    }
}
