package weft.p2p.addr;

import org.jspecify.annotations.Nullable;

/// Buckets of [AddrMan#BUCKET_SIZE] places each, made when first used.
final class BucketTable {
    private final @Nullable AddrManEntry @Nullable [][] buckets;

    BucketTable(int count) {
        buckets = new AddrManEntry[count][];
    }

    int count() {
        return buckets.length;
    }

    @Nullable AddrManEntry get(int bucket, int position) {
        @Nullable AddrManEntry[] row = buckets[bucket];
        return row == null ? null : row[position];
    }

    void set(int bucket, int position, @Nullable AddrManEntry entry) {
        @Nullable AddrManEntry[] row = buckets[bucket];
        if (row == null) {
            row = new AddrManEntry[AddrMan.BUCKET_SIZE];
            buckets[bucket] = row;
        }
        row[position] = entry;
    }

    boolean isUnused(int bucket) {
        return buckets[bucket] == null;
    }
}
