package weft.p2p.addr;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import weft.primitives.Bytes;
import weft.primitives.Check;
import weft.primitives.log.Log;
import weft.primitives.log.LogCategory;
import weft.wire.AddressEntry;
import weft.wire.NetAddress;
import weft.wire.NetworkId;

/// The address book: which nodes we have heard of, and which of them worked. The design is Bitcoin Core's.
///
/// - Two tables: *new* (heard of) and *tried* (a handshake succeeded), of 1,024 and 256 buckets of 64 places.
/// - The place of an address follows from a secret key, its group and, in *new*, the group of who told us.
///   *Rationale:* whoever controls few groups can fill few buckets, and cannot know which.
/// - An address has at most one place in *tried* and eight in *new*, each further one twice as hard to get.
/// - Before an address is driven out of *tried*, it is dialled once more (test before evict).
///
/// Memory is bounded by the tables: 65,536 and 16,384 addresses. Owned by one thread.
public final class AddrMan {
    /// Buckets for addresses that worked.
    public static final int TRIED_BUCKETS = 256;

    /// Buckets for addresses that we heard of.
    public static final int NEW_BUCKETS = 1024;

    /// Places in a bucket.
    public static final int BUCKET_SIZE = 64;

    static final int NEW_PLACES_MAX = 8;

    private static final int COLLISIONS_MAX = 10;
    private static final long HOUR_SECONDS = 3600;
    private static final long DAY_SECONDS = 24 * HOUR_SECONDS;
    private static final long UPDATE_SECONDS = 20 * 60;
    private static final double CHANCE_GROWTH = 1.2;

    final NetGroups groups;
    final Log log;
    final NavigableMap<Long, AddrManEntry> byId = new TreeMap<>();
    final Map<NetAddress, AddrManEntry> byAddress = new HashMap<>();
    final List<AddrManEntry> shuffled = new ArrayList<>();
    final Map<NetworkId, Counts> counts = new EnumMap<>(NetworkId.class);
    final NavigableMap<Long, AddrManEntry> collisions = new TreeMap<>();
    final BucketTable newTable = new BucketTable(NEW_BUCKETS);
    final BucketTable triedTable = new BucketTable(TRIED_BUCKETS);

    final TriedCollision collision = new TriedCollision(this);
    private final RandomGenerator random;
    Bytes key;
    long nextId;
    int newCount;
    int triedCount;
    private long lastGoodSeconds = 1;
    private int checkEvery;

    /// An empty book.
    ///
    /// @param key 32 secret bytes that decide where addresses stand; [#newKey] or [#DETERMINISTIC_KEY]
    /// @param random chooses among addresses
    public AddrMan(Bytes key, NetGroups groups, RandomGenerator random, Log log) {
        Check.argument(key.length() == 32, "key is not 32 bytes");
        this.key = key;
        this.groups = groups;
        this.random = random;
        this.log = log;
    }

    /// Checks the book at one in so many changes and questions from now on (`-checkaddrman`).
    ///
    /// @param ratio 0 for never
    public void checkEvery(int ratio) {
        checkEvery = ratio;
        check();
    }

    /// Whether who is in *tried* is dialled once more before it goes; experiments may switch it off.
    public void testFirst(boolean on) {
        collision.testsFirst = on;
    }

    private void check() {
        if (checkEvery == 0 || random.nextInt(checkEvery) != 0) {
            return;
        }
        log.debug(
                LogCategory.ADDRMAN,
                () ->
                        "CheckAddrman: new "
                                + newCount
                                + ", tried "
                                + triedCount
                                + ", total "
                                + size()
                                + " started");
        int fault = AddrManCheck.faultOf(this);
        log.debug(LogCategory.ADDRMAN, () -> "CheckAddrman: completed");
        Check.state(fault == 0, "the address book contradicts itself: " + fault);
    }

    /// The key for tests (`-test=addrman`): the number one.
    public static final Bytes DETERMINISTIC_KEY =
            Bytes.parse("01000000000000000000000000000000" + "00000000000000000000000000000000");

    /// A new secret key.
    public static Bytes newKey(RandomGenerator random) {
        byte[] key = new byte[32];
        random.nextBytes(key);
        return Bytes.wrap(key);
    }

    /// How many addresses of a network are in each table.
    static final class Counts {
        int inNew;
        int inTried;
    }

    Counts countsOf(AddrManEntry entry) {
        return counts.computeIfAbsent(entry.address.network(), any -> new Counts());
    }

    /// An address and when we last tried it.
    public record Selected(AddressEntry entry, long lastTrySeconds) {}

    /// An entry and where it stands.
    public record Placed(AddrManEntry entry, AddressPosition position) {}

    // ---- what others ask

    /// Addresses in the book.
    public int size() {
        return shuffled.size();
    }

    /// Addresses of a network.
    ///
    /// @param network null for all
    /// @param inNew whether to count the table of those heard of or the other; null for both
    public int size(@Nullable NetworkId network, @Nullable Boolean inNew) {
        if (network == null) {
            return inNew == null ? size() : inNew ? newCount : triedCount;
        }
        Counts each = counts.getOrDefault(network, new Counts());
        return inNew == null ? each.inNew + each.inTried : inNew ? each.inNew : each.inTried;
    }

    /// An entry by its address; null if it is not in the book.
    public @Nullable AddrManEntry find(NetAddress address) {
        return byAddress.get(address);
    }

    /// Where an address stands, of several places the one by its first source; null if it is not in the book.
    public @Nullable AddressPosition positionOf(NetAddress address) {
        AddrManEntry entry = find(address);
        if (entry == null) {
            return null;
        }
        int bucket =
                entry.tried
                        ? entry.triedBucket(key, groups)
                        : entry.newBucket(key, entry.source, groups);
        int places = entry.tried ? 1 : entry.references;
        return new AddressPosition(
                entry.tried, places, bucket, entry.position(key, !entry.tried, bucket));
    }

    /// Everything in one table, bucket by bucket (`getrawaddrman`); once for each place.
    public List<Placed> entries(boolean tried) {
        BucketTable table = tried ? triedTable : newTable;
        var found = new ArrayList<Placed>();
        for (int bucket = 0; bucket < table.count(); bucket++) {
            for (int position = 0; position < BUCKET_SIZE && !table.isUnused(bucket); position++) {
                AddrManEntry entry = table.get(bucket, position);
                if (entry != null) {
                    int places = tried ? 1 : entry.references;
                    found.add(
                            new Placed(
                                    entry, new AddressPosition(tried, places, bucket, position)));
                }
            }
        }
        return found;
    }

    /// Who told us of all addresses, if that was only one; null if there are several, or no addresses.
    public @Nullable NetAddress onlySource() {
        NetAddress first = shuffled.isEmpty() ? null : shuffled.getFirst().source;
        boolean only = shuffled.stream().allMatch(each -> each.source.equals(first));
        return only ? first : null;
    }

    // ---- what happens

    /// Hears of addresses.
    ///
    /// @param source who told us
    /// @param penaltySeconds taken off their times, except from what the source says of itself
    /// @return whether anything new came in
    public boolean add(
            Collection<AddressEntry> heard,
            NetAddress source,
            long penaltySeconds,
            long nowSeconds) {
        check();
        int added = 0;
        for (AddressEntry each : heard) {
            if (addOne(each, source, penaltySeconds, nowSeconds)) {
                added++;
            }
        }
        check();
        int total = added;
        if (added > 0) {
            log.debug(
                    LogCategory.ADDRMAN,
                    () ->
                            "Added "
                                    + total
                                    + " addresses (of "
                                    + heard.size()
                                    + ") from "
                                    + source.addressText()
                                    + ": "
                                    + triedCount
                                    + " tried, "
                                    + newCount
                                    + " new");
        }
        return added > 0;
    }

    private boolean addOne(
            AddressEntry heard, NetAddress source, long penaltySeconds, long nowSeconds) {
        if (!groups.isRoutable(heard.address())) {
            return false;
        }
        long penalty = heard.address().addrBytes().equals(source.addrBytes()) ? 0 : penaltySeconds;
        AddrManEntry entry = byAddress.get(heard.address());
        if (entry == null) {
            entry = create(heard, source);
            entry.timeSeconds = Math.max(0, entry.timeSeconds - penalty);
        } else if (!mayGetAnotherPlace(entry, heard, penalty, nowSeconds)) {
            return false;
        }
        int bucket = entry.newBucket(key, source, groups);
        int position = entry.position(key, true, bucket);
        AddrManEntry holder = newTable.get(bucket, position);
        if (holder == entry) {
            return false;
        }
        if (holder != null
                && !holder.isTerrible(nowSeconds)
                && !(holder.references > 1 && entry.references == 0)) {
            if (entry.references == 0) {
                delete(entry);
            }
            return false;
        }
        clearNew(bucket, position);
        entry.references++;
        newTable.set(bucket, position, entry);
        log.debug(
                LogCategory.ADDRMAN,
                () -> "Added " + heard.address() + " to new[" + bucket + "][" + position + "]");
        return true;
    }

    private boolean mayGetAnotherPlace(
            AddrManEntry entry, AddressEntry heard, long penalty, long nowSeconds) {
        long interval = nowSeconds - heard.time() < DAY_SECONDS ? HOUR_SECONDS : DAY_SECONDS;
        if (entry.timeSeconds < heard.time() - interval - penalty) {
            entry.timeSeconds = Math.max(0, heard.time() - penalty);
        }
        entry.services |= heard.services();
        if (heard.time() <= entry.timeSeconds
                || entry.tried
                || entry.references == NEW_PLACES_MAX) {
            return false;
        }
        return entry.references == 0 || random.nextInt(1 << entry.references) == 0;
    }

    AddrManEntry create(AddressEntry heard, NetAddress source) {
        var entry = new AddrManEntry(nextId++, heard, source);
        byId.put(entry.id, entry);
        byAddress.put(entry.address, entry);
        entry.randomPosition = shuffled.size();
        shuffled.add(entry);
        newCount++;
        countsOf(entry).inNew++;
        return entry;
    }

    void delete(AddrManEntry entry) {
        Check.state(
                !entry.tried && entry.references == 0, "only entries without a place are deleted");
        swap(entry.randomPosition, shuffled.size() - 1);
        shuffled.removeLast();
        countsOf(entry).inNew--;
        byAddress.remove(entry.address);
        byId.remove(entry.id);
        newCount--;
    }

    private void swap(int first, int second) {
        Collections.swap(shuffled, first, second);
        shuffled.get(first).randomPosition = first;
        shuffled.get(second).randomPosition = second;
    }

    private void clearNew(int bucket, int position) {
        AddrManEntry entry = newTable.get(bucket, position);
        if (entry == null) {
            return;
        }
        newTable.set(bucket, position, null);
        entry.references--;
        log.debug(
                LogCategory.ADDRMAN,
                () -> "Removed " + entry.address + " from new[" + bucket + "][" + position + "]");
        if (entry.references == 0) {
            delete(entry);
        }
    }

    /// A handshake with an address succeeded: it moves to *tried*, or waits until the one in its place was
    /// tested.
    ///
    /// @return whether it moved
    public boolean good(NetAddress address, long nowSeconds) {
        check();
        boolean moved = good(address, collision.testsFirst, nowSeconds);
        check();
        return moved;
    }

    boolean good(NetAddress address, boolean testBeforeEvict, long nowSeconds) {
        lastGoodSeconds = nowSeconds;
        AddrManEntry entry = find(address);
        if (entry == null) {
            return false;
        }
        entry.lastSuccessSeconds = nowSeconds;
        entry.lastTrySeconds = nowSeconds;
        entry.attempts = 0;
        entry.lastFailure = "";
        if (entry.tried || entry.references == 0) {
            return false;
        }
        int bucket = entry.triedBucket(key, groups);
        int position = entry.position(key, false, bucket);
        AddrManEntry holder = triedTable.get(bucket, position);
        if (testBeforeEvict && holder != null) {
            if (collisions.size() < COLLISIONS_MAX) {
                collisions.put(entry.id, entry);
            }
            log.debug(
                    LogCategory.ADDRMAN,
                    () ->
                            "Collision with "
                                    + holder.address
                                    + " while attempting to move "
                                    + address
                                    + " to tried table. Collisions="
                                    + collisions.size());
            return false;
        }
        makeTried(entry, bucket, position);
        log.debug(
                LogCategory.ADDRMAN,
                () -> "Moved " + address + " to tried[" + bucket + "][" + position + "]");
        return true;
    }

    private void makeTried(AddrManEntry entry, int bucket, int position) {
        leaveNew(entry);
        AddrManEntry old = triedTable.get(bucket, position);
        if (old != null) {
            backToNew(old, bucket, position);
        }
        triedTable.set(bucket, position, entry);
        entry.tried = true;
        triedCount++;
        countsOf(entry).inTried++;
    }

    private void leaveNew(AddrManEntry entry) {
        int start = entry.newBucket(key, entry.source, groups);
        for (int i = 0; i < NEW_BUCKETS && entry.references > 0; i++) {
            int bucket = (start + i) % NEW_BUCKETS;
            // Where nothing is, the place need not be worked out.
            int position = newTable.isUnused(bucket) ? -1 : entry.position(key, true, bucket);
            if (position >= 0 && newTable.get(bucket, position) == entry) {
                newTable.set(bucket, position, null);
                entry.references--;
            }
        }
        Check.state(entry.references == 0, "every place in the new table was found");
        newCount--;
        countsOf(entry).inNew--;
    }

    private void backToNew(AddrManEntry old, int triedBucket, int triedPosition) {
        old.tried = false;
        triedTable.set(triedBucket, triedPosition, null);
        triedCount--;
        countsOf(old).inTried--;
        int bucket = old.newBucket(key, old.source, groups);
        int position = old.position(key, true, bucket);
        clearNew(bucket, position);
        old.references = 1;
        newTable.set(bucket, position, old);
        newCount++;
        countsOf(old).inNew++;
        log.debug(
                LogCategory.ADDRMAN,
                () ->
                        "Moved "
                                + old.address
                                + " from tried["
                                + triedBucket
                                + "]["
                                + triedPosition
                                + "] to new["
                                + bucket
                                + "]["
                                + position
                                + "] to make space");
    }

    /// We dialled an address.
    ///
    /// @param countFailure a failure would say something about the address; false while we may be offline
    public void attempt(NetAddress address, boolean countFailure, long nowSeconds) {
        check();
        AddrManEntry entry = find(address);
        if (entry == null) {
            return;
        }
        entry.lastTrySeconds = nowSeconds;
        if (countFailure && entry.lastCountedTrySeconds < lastGoodSeconds) {
            entry.lastCountedTrySeconds = nowSeconds;
            entry.attempts++;
        }
    }

    /// A dial, or the handshake after it, came to nothing.
    public void failed(NetAddress address, String why) {
        AddrManEntry entry = find(address);
        if (entry != null) {
            entry.failed(why);
        }
    }

    /// A connection to an address ended well: it was there until now.
    public void connected(NetAddress address, long nowSeconds) {
        check();
        AddrManEntry entry = find(address);
        if (entry != null && nowSeconds - entry.timeSeconds > UPDATE_SECONDS) {
            entry.timeSeconds = nowSeconds;
        }
    }

    /// The node at an address told us itself what it offers.
    public void setServices(NetAddress address, long services) {
        check();
        AddrManEntry entry = find(address);
        if (entry != null) {
            entry.services = services;
        }
    }

    /// Ends collisions in *tried* whose outcome is known by now.
    public void resolveCollisions(long nowSeconds) {
        check();
        for (AddrManEntry entry : List.copyOf(collisions.values())) {
            if (byId.get(entry.id) != entry || collision.isResolved(entry, nowSeconds)) {
                collisions.remove(entry.id);
            }
        }
    }

    /// An address in *tried* that must be dialled because another wants its place; null if there is none.
    public @Nullable Selected selectTriedCollision() {
        if (collisions.isEmpty()) {
            return null;
        }
        var waiting = List.copyOf(collisions.values());
        AddrManEntry entry = waiting.get(random.nextInt(waiting.size()));
        if (byId.get(entry.id) != entry) {
            collisions.remove(entry.id);
            return null;
        }
        AddrManEntry old = collision.rivalOf(entry);
        return old == null ? null : new Selected(old.toEntry(), old.lastTrySeconds);
    }

    /// Chooses an address to dial: from both tables alike, rather those not tried lately that did not fail.
    ///
    /// @param newOnly from those heard of only
    /// @param network of this network only; null for any
    /// @return null if there is none
    public @Nullable Selected select(
            boolean newOnly, @Nullable NetworkId network, long nowSeconds) {
        check();
        int fresh = size(network, true);
        int tried = newOnly ? 0 : size(network, false);
        if (fresh + tried == 0) {
            return null;
        }
        return choose(tried > 0 && (fresh == 0 || random.nextBoolean()), network, nowSeconds);
    }

    /// Chooses one of those that a handshake was made with.
    ///
    /// @return null if there is none
    public @Nullable Selected selectTried(@Nullable NetworkId network, long nowSeconds) {
        return size(network, false) == 0 ? null : choose(true, network, nowSeconds);
    }

    /// The table holds at least one.
    private Selected choose(boolean fromTried, @Nullable NetworkId network, long nowSeconds) {
        BucketTable table = fromTried ? triedTable : newTable;
        double factor = 1;
        while (true) {
            int bucket = table.filled(random.nextInt(table.filledCount()));
            int start = random.nextInt(BUCKET_SIZE);
            AddrManEntry entry = firstFrom(table, bucket, start, network);
            if (entry == null) {
                continue;
            }
            if (random.nextDouble() < factor * entry.chance(nowSeconds)) {
                log.debug(
                        LogCategory.ADDRMAN,
                        () ->
                                "Selected "
                                        + entry.address
                                        + " from "
                                        + (fromTried ? "tried" : "new"));
                return new Selected(entry.toEntry(), entry.lastTrySeconds);
            }
            factor *= CHANCE_GROWTH;
        }
    }

    private static @Nullable AddrManEntry firstFrom(
            BucketTable table, int bucket, int start, @Nullable NetworkId network) {
        for (int i = 0; i < BUCKET_SIZE; i++) {
            AddrManEntry entry = table.get(bucket, (start + i) % BUCKET_SIZE);
            if (entry != null && (network == null || entry.address.network() == network)) {
                return entry;
            }
        }
        return null;
    }

    /// A random sample for a peer or the operator.
    ///
    /// @param max most addresses; 0 for no limit
    /// @param maxPercent most of all addresses; 0 for no limit
    /// @param network of this network only; null for any
    /// @param filtered without those that are terrible
    public List<AddressEntry> sample(
            int max,
            int maxPercent,
            @Nullable NetworkId network,
            boolean filtered,
            long nowSeconds) {
        check();
        int count = maxPercent == 0 ? size() : (int) ((long) maxPercent * size() / 100);
        if (max != 0) {
            count = Math.min(count, max);
        }
        var found = new ArrayList<AddressEntry>();
        for (int i = 0; i < shuffled.size() && found.size() < count; i++) {
            swap(i, i + random.nextInt(shuffled.size() - i));
            AddrManEntry entry = shuffled.get(i);
            boolean wanted = network == null || entry.address.network() == network;
            if (wanted && !(filtered && entry.isTerrible(nowSeconds))) {
                found.add(entry.toEntry());
            }
        }
        log.debug(
                LogCategory.ADDRMAN,
                () -> "GetAddr returned " + found.size() + " random addresses");
        return found;
    }
}
