package weft.chain;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicReferenceArray;

/// A set of digests in bounded memory that forgets: where a bucket is full, a newcomer takes the place of
/// some other. Safe for use by any number of threads, without locks.
///
/// Digests must come from a hash with a secret salt, so that nobody can aim at a bucket or at another's
/// digest. Two threads that write one place at once may leave words of both there: that is a digest which
/// nothing hashes to, so the answer is never a false "there".
final class DigestSet {
    /// Length of a digest in bytes.
    static final int DIGEST_BYTES = 32;

    private static final int WORDS = DIGEST_BYTES / Long.BYTES;
    private static final int WAYS = 8;
    private static final int BUCKET_BYTES = WAYS * DIGEST_BYTES;
    private static final int CHUNK_BUCKETS = 256;
    private static final VarHandle LONG_LE =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle PLACE = MethodHandles.arrayElementVarHandle(long[].class);

    private final long buckets;
    private final AtomicReferenceArray<long[]> chunks;
    private volatile boolean used;

    /// An empty set. Memory is taken as the set fills, a chunk at a time.
    ///
    /// @param bytesMax bound on the memory of all digests; less than one bucket (256 bytes) means a set that
    ///     stays empty
    DigestSet(long bytesMax) {
        buckets = Math.max(0, bytesMax / BUCKET_BYTES);
        chunks =
                new AtomicReferenceArray<>(
                        Math.toIntExact(-Math.floorDiv(-buckets, CHUNK_BUCKETS)));
    }

    /// Number of digests that find room at most.
    long capacity() {
        return buckets * WAYS;
    }

    /// Whether no digest was ever added.
    boolean isEmpty() {
        return !used;
    }

    /// Whether a digest was added and is not yet forgotten.
    boolean contains(byte[] digest) {
        if (buckets == 0) {
            return false;
        }
        long bucket = bucket(digest);
        long[] chunk = chunks.get(chunkOf(bucket));
        if (chunk == null) {
            return false;
        }
        int first = placeOf(bucket);
        for (int way = 0; way < WAYS; way++) {
            if (holds(chunk, first + way * WORDS, digest)) {
                return true;
            }
        }
        return false;
    }

    /// Adds a digest.
    void add(byte[] digest) {
        if (buckets == 0) {
            return;
        }
        if (!used) {
            used = true;
        }
        long bucket = bucket(digest);
        long[] chunk = chunk(chunkOf(bucket));
        int first = placeOf(bucket);
        // Of a full bucket, chance (the digest's own) says who goes.
        int place = first + (digest[DIGEST_BYTES - 1] & (WAYS - 1)) * WORDS;
        for (int way = 0; way < WAYS; way++) {
            int at = first + way * WORDS;
            if (holds(chunk, at, digest)) {
                return;
            }
            if (isEmpty(chunk, at)) {
                place = at;
                break;
            }
        }
        for (int i = 0; i < WORDS; i++) {
            PLACE.setOpaque(chunk, place + i, word(digest, i));
        }
    }

    private long bucket(byte[] digest) {
        return Math.unsignedMultiplyHigh(word(digest, 0), buckets);
    }

    private static int chunkOf(long bucket) {
        return (int) (bucket / CHUNK_BUCKETS);
    }

    private static int placeOf(long bucket) {
        return (int) (bucket % CHUNK_BUCKETS) * WAYS * WORDS;
    }

    private long[] chunk(int index) {
        long[] chunk = chunks.get(index);
        if (chunk != null) {
            return chunk;
        }
        long left = buckets - (long) index * CHUNK_BUCKETS;
        long[] fresh = new long[(int) Math.min(left, CHUNK_BUCKETS) * WAYS * WORDS];
        long[] before = chunks.compareAndExchange(index, null, fresh);
        return before == null ? fresh : before;
    }

    private static long word(byte[] digest, int index) {
        return (long) LONG_LE.get(digest, index * Long.BYTES);
    }

    private static boolean holds(long[] chunk, int at, byte[] digest) {
        for (int i = 0; i < WORDS; i++) {
            if ((long) PLACE.getOpaque(chunk, at + i) != word(digest, i)) {
                return false;
            }
        }
        return true;
    }

    private static boolean isEmpty(long[] chunk, int at) {
        long any = 0;
        for (int i = 0; i < WORDS; i++) {
            any |= (long) PLACE.getOpaque(chunk, at + i);
        }
        return any == 0;
    }
}
