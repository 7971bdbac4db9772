package weft.p2p.addr;

import org.jspecify.annotations.Nullable;

/// Buckets of [AddrMan#BUCKET_SIZE] places each, made when first used.
final class BucketTable {
    private final @Nullable Bucket[] buckets;

    private static final class Bucket {
        final @Nullable AddrManEntry[] places = new AddrManEntry[AddrMan.BUCKET_SIZE];
    }

    BucketTable(int count) {
        buckets = new Bucket[count];
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
        found.places[position] = entry;
    }

    boolean isUnused(int bucket) {
        return buckets[bucket] == null;
    }
}
