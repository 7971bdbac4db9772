package weft.p2p.peers;

import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import weft.p2p.addr.KeyedFilter;
import weft.primitives.Bytes;
import weft.wire.NetAddress;
import weft.wire.Subnet;

/// Two different things: addresses that the operator banned, and addresses that misbehaved and are
/// discouraged.
///
/// Banned addresses are not let in and not dialled. Discouraged ones are not dialled, and let in only while
/// there is room; they are remembered in a fixed amount of memory and forgotten at the end.
///
/// *Rationale:* attackers have many addresses, and sometimes share them with honest peers.
///
/// However many bans there are, a question costs a look-up for each length of mask among them
/// (CVE-2020-14198). Of hosts that banned themselves by their score no more than [#HOSTS_MAX] are kept; the
/// operator's own bans are never given up for them.
public final class BanList {
    /// Hosts banned for their score at most; beyond that the ban that ends first ends at once.
    public static final int HOSTS_MAX = 50_000;

    private static final int DISCOURAGED_MAX = 50_000;
    private static final int DISCOURAGED_BITS = 29;

    private final long banTimeSeconds;
    private final KeyedFilter discouraged;
    private final NavigableMap<Subnet, BanEntry> bans = new TreeMap<>();

    /// How many bans have which mask; networks without ranges share the empty one.
    private final NavigableMap<Bytes, Integer> masks = new TreeMap<>();

    /// By their end.
    private final NavigableSet<BanEntry> ofOperator = byEnd();

    private final NavigableSet<BanEntry> ofScores = byEnd();
    private boolean changed;
    private boolean discouragedAny;

    /// Nobody is banned.
    ///
    /// @param banTime how long a ban lasts where nothing else is said (`-bantime`)
    public BanList(Duration banTime, RandomGenerator random) {
        this.banTimeSeconds = banTime.toSeconds();
        this.discouraged = new KeyedFilter(DISCOURAGED_MAX, DISCOURAGED_BITS, random);
    }

    /// Takes bans from the last run.
    public void load(Collection<BanEntry> entries, long nowSeconds) {
        boolean was = changed;
        entries.forEach(this::put);
        changed = was;
        sweep(nowSeconds);
    }

    /// Bans a range; a shorter ban than the one in force changes nothing. A shadow of the same range ends at
    /// once, however long it would have lasted. *Rationale:* it lets in whom the operator wants kept out.
    ///
    /// @param seconds how long, or until when; 0 or less for the default, and a ban that would end later than
    ///     any number can say has no end
    /// @param absolute `seconds` is a time since 1970
    public void ban(Subnet subnet, long seconds, boolean absolute, long nowSeconds) {
        long until =
                seconds <= 0
                        ? end(nowSeconds, banTimeSeconds)
                        : absolute ? seconds : end(nowSeconds, seconds);
        sweep(nowSeconds);
        BanEntry old = bans.get(subnet);
        if (old == null || old.reason() == BanEntry.Reason.SHADOW || old.untilSeconds() < until) {
            put(new BanEntry(subnet, nowSeconds, until));
        }
    }

    private static long end(long nowSeconds, long seconds) {
        long end = nowSeconds + seconds;
        return seconds > 0 && end < nowSeconds ? BanEntry.WITHOUT_END : end;
    }

    /// Ends a ban.
    ///
    /// @return whether there was one of exactly this range
    public boolean unban(Subnet subnet) {
        BanEntry found = bans.get(subnet);
        if (found != null) {
            remove(found);
        }
        return found != null;
    }

    /// Ends all bans.
    public void clear() {
        changed = true;
        bans.clear();
        masks.clear();
        ofOperator.clear();
        ofScores.clear();
    }

    /// Whether an address is banned, and not to be let in.
    public boolean isBanned(NetAddress address, long nowSeconds) {
        return matches(address, nowSeconds, false);
    }

    /// Whether exactly this range is banned, and not to be let in.
    public boolean isBanned(Subnet subnet, long nowSeconds) {
        BanEntry found = bans.get(subnet);
        return found != null
                && found.reason() != BanEntry.Reason.SHADOW
                && nowSeconds < found.untilSeconds();
    }

    /// All bans in force, in the order of their ranges.
    public List<BanEntry> entries(long nowSeconds) {
        return bans.values().stream().filter(each -> nowSeconds <= each.untilSeconds()).toList();
    }

    /// Bans the host of an address whose score is full. A ban of the operator's that is in force stays as it
    /// is.
    ///
    /// @param reason [BanEntry.Reason#SCORE] or [BanEntry.Reason#SHADOW]
    public void banHost(NetAddress address, long seconds, BanEntry.Reason reason, long nowSeconds) {
        Subnet host = Subnet.of(address.withPort(0));
        long until = end(nowSeconds, seconds);
        BanEntry old = bans.get(host);
        boolean isOperators =
                old != null
                        && old.reason() == BanEntry.Reason.OPERATOR
                        && nowSeconds < old.untilSeconds();
        if (!isOperators && (old == null || old.untilSeconds() < until)) {
            put(new BanEntry(host, nowSeconds, until, reason));
        }
    }

    /// Whether an address is to be let in and not heard.
    public boolean isShadowed(NetAddress address, long nowSeconds) {
        return matches(address, nowSeconds, true);
    }

    private boolean matches(NetAddress address, long nowSeconds, boolean shadow) {
        if (bans.isEmpty() || !address.isValid()) {
            return false;
        }
        int maskBytes = Subnet.of(address).mask().length();
        for (Bytes mask : masks.keySet()) {
            BanEntry found =
                    mask.length() == maskBytes ? bans.get(new Subnet(address, mask)) : null;
            if (found != null
                    && nowSeconds < found.untilSeconds()
                    && (found.reason() == BanEntry.Reason.SHADOW) == shadow) {
                return true;
            }
        }
        return false;
    }

    private void put(BanEntry entry) {
        BanEntry old = bans.get(entry.subnet());
        if (old != null) {
            remove(old);
        }
        bans.put(entry.subnet(), entry);
        masks.merge(entry.subnet().mask(), 1, Integer::sum);
        kindOf(entry).add(entry);
        limit();
        changed = true;
    }

    private void limit() {
        while (ofScores.size() > HOSTS_MAX) {
            remove(ofScores.first());
        }
    }

    private void remove(BanEntry entry) {
        bans.remove(entry.subnet());
        kindOf(entry).remove(entry);
        masks.computeIfPresent(
                entry.subnet().mask(), (mask, count) -> count == 1 ? null : count - 1);
        changed = true;
    }

    private void sweep(long nowSeconds) {
        sweep(ofOperator, nowSeconds);
        sweep(ofScores, nowSeconds);
    }

    private void sweep(NavigableSet<BanEntry> some, long nowSeconds) {
        while (!some.isEmpty() && nowSeconds > some.first().untilSeconds()) {
            remove(some.first());
        }
    }

    private NavigableSet<BanEntry> kindOf(BanEntry entry) {
        return entry.reason() == BanEntry.Reason.OPERATOR ? ofOperator : ofScores;
    }

    private static NavigableSet<BanEntry> byEnd() {
        return new TreeSet<>(
                Comparator.comparingLong(BanEntry::untilSeconds).thenComparing(BanEntry::subnet));
    }

    /// Whether the list differs from what was last saved; asking makes it the same.
    public boolean takeChanged() {
        boolean was = changed;
        changed = false;
        return was;
    }

    /// An address misbehaved.
    public void discourage(NetAddress address) {
        discouragedAny = true;
        discouraged.add(address.addrBytes());
    }

    /// Whether nobody was ever banned or misbehaved, as far as is remembered.
    public boolean isSpotless() {
        return bans.isEmpty() && !discouragedAny;
    }

    /// Whether an address misbehaved lately.
    public boolean isDiscouraged(NetAddress address) {
        return discouragedAny && discouraged.contains(address.addrBytes());
    }
}
