package weft.p2p.peers;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import weft.p2p.addr.KeyedFilter;
import weft.wire.NetAddress;
import weft.wire.Subnet;

/// Two different things: addresses that the operator banned, and addresses that misbehaved and are
/// discouraged.
///
/// Banned addresses are not let in and not dialled. Discouraged ones are not dialled, and let in only while
/// there is room; they are remembered in a fixed amount of memory and forgotten at the end.
///
/// *Rationale:* attackers have many addresses, and sometimes share them with honest peers.
public final class BanList {
    private static final int DISCOURAGED_MAX = 50_000;
    private static final int DISCOURAGED_BITS = 29;

    private final long banTimeSeconds;
    private final KeyedFilter discouraged;
    private final NavigableMap<Subnet, BanEntry> bans = new TreeMap<>();
    private boolean changed;

    /// Nobody is banned.
    ///
    /// @param banTime how long a ban lasts where nothing else is said (`-bantime`)
    public BanList(Duration banTime, RandomGenerator random) {
        this.banTimeSeconds = banTime.toSeconds();
        this.discouraged = new KeyedFilter(DISCOURAGED_MAX, DISCOURAGED_BITS, random);
    }

    /// Takes bans from the last run.
    public void load(Collection<BanEntry> entries, long nowSeconds) {
        entries.forEach(each -> bans.put(each.subnet(), each));
        sweep(nowSeconds);
    }

    /// Bans a range; a shorter ban than the one in force changes nothing.
    ///
    /// @param seconds how long, or until when; 0 or less for the default
    /// @param absolute `seconds` is a time since 1970
    public void ban(Subnet subnet, long seconds, boolean absolute, long nowSeconds) {
        long until =
                seconds <= 0
                        ? nowSeconds + banTimeSeconds
                        : absolute ? seconds : nowSeconds + seconds;
        BanEntry old = bans.get(subnet);
        if (old == null || old.untilSeconds() < until) {
            bans.put(subnet, new BanEntry(subnet, nowSeconds, until));
            changed = true;
        }
    }

    /// Ends a ban.
    ///
    /// @return whether there was one of exactly this range
    public boolean unban(Subnet subnet) {
        boolean found = bans.remove(subnet) != null;
        changed |= found;
        return found;
    }

    /// Ends all bans.
    public void clear() {
        changed = true;
        bans.clear();
    }

    /// Whether an address is banned.
    public boolean isBanned(NetAddress address, long nowSeconds) {
        for (BanEntry each : bans.values()) {
            if (nowSeconds < each.untilSeconds() && each.subnet().contains(address)) {
                return true;
            }
        }
        return false;
    }

    /// Whether exactly this range is banned.
    public boolean isBanned(Subnet subnet, long nowSeconds) {
        BanEntry found = bans.get(subnet);
        return found != null && nowSeconds < found.untilSeconds();
    }

    /// All bans in force, in the order of their ranges.
    public List<BanEntry> entries(long nowSeconds) {
        sweep(nowSeconds);
        return List.copyOf(bans.values());
    }

    private void sweep(long nowSeconds) {
        changed |= bans.values().removeIf(each -> nowSeconds > each.untilSeconds());
    }

    /// Whether the list differs from what was last saved; asking makes it the same.
    public boolean takeChanged() {
        boolean was = changed;
        changed = false;
        return was;
    }

    /// An address misbehaved.
    public void discourage(NetAddress address) {
        discouraged.add(address.addrBytes());
    }

    /// Whether an address misbehaved lately.
    public boolean isDiscouraged(NetAddress address) {
        return discouraged.contains(address.addrBytes());
    }
}
