package weft.p2p.addr;

import weft.crypto.Sha256;
import weft.primitives.Bytes;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;
import weft.wire.AddressEntry;
import weft.wire.NetAddress;

/// One address in the book and what happened to it. Changed by [AddrMan] only.
public final class AddrManEntry {
    private static final long MINUTE_SECONDS = 60;
    private static final long HORIZON_SECONDS = 30 * 24 * 60 * MINUTE_SECONDS;
    private static final int RETRIES_BEFORE_FIRST_SUCCESS = 3;
    private static final int FAILURES_MAX = 10;
    private static final int FAILURE_CHARS_MAX = 100;
    private static final long FAILURES_MIN_SECONDS = 7 * 24 * 60 * MINUTE_SECONDS;
    private static final double CHANCE_AFTER_RECENT_TRY = 0.01;
    private static final double CHANCE_AFTER_FAILURE = 0.66;
    private static final int FAILURES_THAT_COUNT = 8;
    private static final int TRIED_BUCKETS_PER_GROUP = 8;
    private static final int NEW_BUCKETS_PER_SOURCE_GROUP = 64;

    /// The key and what is hashed with it: two groups, or an address.
    private static final int HASHED_BYTES_MAX = 80;

    final long id;
    final NetAddress address;
    final NetAddress source;
    long services;
    long timeSeconds;
    long lastTrySeconds;
    long lastCountedTrySeconds;
    long lastSuccessSeconds;
    int attempts;
    String lastFailure = "";
    int references;
    boolean tried;
    int randomPosition;

    AddrManEntry(long id, AddressEntry heard, NetAddress source) {
        this.id = id;
        this.address = heard.address();
        this.services = heard.services();
        this.timeSeconds = heard.time();
        this.source = source;
    }

    /// Where the node is.
    public NetAddress address() {
        return address;
    }

    /// Who told us first.
    public NetAddress source() {
        return source;
    }

    /// What it offers.
    public long services() {
        return services;
    }

    /// When it was last seen, in seconds since 1970.
    public long timeSeconds() {
        return timeSeconds;
    }

    /// When we last dialled it, in seconds since 1970; 0 if never since the start.
    public long lastTrySeconds() {
        return lastTrySeconds;
    }

    /// When a handshake with it last succeeded, in seconds since 1970; 0 if never.
    public long lastSuccessSeconds() {
        return lastSuccessSeconds;
    }

    /// Failed dials since the last success.
    public int attempts() {
        return attempts;
    }

    /// Whether it is in the table of those that worked (the seeds' *trusted*), not of those heard of
    /// (*potential*).
    public boolean isTried() {
        return tried;
    }

    /// What went wrong when it was last dialled, one line; empty if nothing did since the last success or
    /// the start.
    public String lastFailure() {
        return lastFailure;
    }

    /// Why it stands in its table, for people: what became of dialling it.
    public String reason(long nowSeconds) {
        if (tried) {
            return lastFailure.isEmpty()
                    ? "handshake completed"
                    : "handshake completed, then: " + lastFailure;
        }
        if (!lastFailure.isEmpty()) {
            return lastFailure;
        }
        if (attempts > 0) {
            return "did not answer";
        }
        return isTerrible(nowSeconds) ? "not seen for long" : "never tried";
    }

    void failed(String why) {
        lastFailure = why.substring(0, Math.min(why.length(), FAILURE_CHARS_MAX));
    }

    /// The form that gossip has.
    public AddressEntry toEntry() {
        return new AddressEntry(timeSeconds & 0xffff_ffffL, services, address);
    }

    /// Whether nothing is lost when it goes: stale, from the future, or failing for long.
    public boolean isTerrible(long nowSeconds) {
        if (nowSeconds - lastTrySeconds <= MINUTE_SECONDS) {
            return false;
        }
        if (timeSeconds > nowSeconds + 10 * MINUTE_SECONDS
                || nowSeconds - timeSeconds > HORIZON_SECONDS) {
            return true;
        }
        if (lastSuccessSeconds == 0 && attempts >= RETRIES_BEFORE_FIRST_SUCCESS) {
            return true;
        }
        return nowSeconds - lastSuccessSeconds > FAILURES_MIN_SECONDS && attempts >= FAILURES_MAX;
    }

    /// How eagerly it is chosen, 0 to 1.
    double chance(long nowSeconds) {
        // A try after now was before the clock was set back: nobody knows how long ago. To take it
        // for recent would leave us with ourselves, the one address that we never try.
        long since = nowSeconds - lastTrySeconds;
        boolean recent = since >= 0 && since < 10 * MINUTE_SECONDS;
        double chance = recent ? CHANCE_AFTER_RECENT_TRY : 1;
        return chance * Math.pow(CHANCE_AFTER_FAILURE, Math.min(attempts, FAILURES_THAT_COUNT));
    }

    int triedBucket(Bytes key, NetGroups groups) {
        long first = cheapHash(new ByteWriter(HASHED_BYTES_MAX).bytes(key).varBytes(address.key()));
        long spread = Long.remainderUnsigned(first, TRIED_BUCKETS_PER_GROUP);
        long second =
                cheapHash(
                        new ByteWriter(HASHED_BYTES_MAX)
                                .bytes(key)
                                .varBytes(groups.groupOf(address))
                                .i64(spread));
        return (int) Long.remainderUnsigned(second, AddrMan.TRIED_BUCKETS);
    }

    int newBucket(Bytes key, NetAddress from, NetGroups groups) {
        Bytes sourceGroup = groups.groupOf(from);
        long first =
                cheapHash(
                        new ByteWriter(HASHED_BYTES_MAX)
                                .bytes(key)
                                .varBytes(groups.groupOf(address))
                                .varBytes(sourceGroup));
        long spread = Long.remainderUnsigned(first, NEW_BUCKETS_PER_SOURCE_GROUP);
        long second =
                cheapHash(
                        new ByteWriter(HASHED_BYTES_MAX)
                                .bytes(key)
                                .varBytes(sourceGroup)
                                .i64(spread));
        return (int) Long.remainderUnsigned(second, AddrMan.NEW_BUCKETS);
    }

    int position(Bytes key, boolean inNew, int bucket) {
        long hash =
                cheapHash(
                        new ByteWriter(HASHED_BYTES_MAX)
                                .bytes(key)
                                .u8(inNew ? 'N' : 'K')
                                .i32(bucket)
                                .varBytes(address.key()));
        return (int) Long.remainderUnsigned(hash, AddrMan.BUCKET_SIZE);
    }

    private static long cheapHash(ByteWriter data) {
        return ByteReader.of(Sha256.hashTwice(data.toByteArray())).i64();
    }
}
