package weft.p2p.addr;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import weft.wire.AddressEntry;
import weft.wire.NetAddress;
import weft.wire.NetworkId;

/// Nodes that we have known for long: those that we shook hands with first and that are still there, 256 at
/// most, each in a group of its own.
///
/// The [AddrMan] is full of what was heard last, and [Acquaintances] forget whom they saw longest ago:
/// whoever has addresses without number and weeks to tell of them washes both out. Here nobody has to go for
/// somebody new. A place becomes free only when its owner was not seen for ten days and dialled in vain on
/// three, and goes to who shakes hands next. *Rationale:* who comes later can wait for honest nodes to leave,
/// which takes them weeks, but cannot drive them out.
///
/// In the order of the first handshake, whatever our clock said. Owned by one thread.
public final class LongKnown {
    /// Nodes that are remembered. *Rationale:* of 256 who each leave after 20 days on average, 31 are there
    /// after six weeks.
    public static final int MAX = 256;

    /// From when on a node is known for long. *Rationale:* an attack of a few days finds nobody of the
    /// attacker's here; and younger ones would be no other than those that the address book brings.
    public static final long LONG_SECONDS = 7 * 86_400;

    /// Of Tor, I2P and CJDNS each. *Rationale:* their addresses cost nothing, and have no groups.
    private static final int HIDDEN_MAX = MAX / 4;

    /// Those known for longest are so many, one of whom is chosen by chance. *Rationale:* all nodes know the
    /// first nodes of a network for longest; those shall not carry it.
    private static final int FIRST = 32;

    private static final int TRIES_MAX = 3;
    private static final long TRY_SECONDS = 86_400;

    /// *Rationale:* who shakes hands and hangs up shall not keep us from asking others.
    private static final long PAUSE_SECONDS = 600;

    /// *Rationale:* who is there is seen in that time, as whoever was not seen for a week is tried out: three
    /// days on which our own line failed are not enough.
    private static final long GONE_SECONDS = LONG_SECONDS + TRIES_MAX * TRY_SECONDS;

    private static final long HOUR_SECONDS = 3600;

    private final SequencedMap<NetAddress, One> byAddress = new LinkedHashMap<>();
    private long answeredSeconds;

    LongKnown() {}

    /// A node, as it was when we saw it last.
    ///
    /// @param services what it offers, by its own word
    /// @param sinceSeconds when it shook hands first
    /// @param seenSeconds when it was there last
    /// @param triedSeconds when it was chosen to be dialled last; 0 for never
    /// @param tries on how many days it was dialled in vain
    public record One(
            NetAddress address,
            long services,
            long sinceSeconds,
            long seenSeconds,
            long triedSeconds,
            int tries) {
        private One seen(long newServices, long nowSeconds) {
            // Times of a clock that was ahead are put right.
            long since = Math.min(sinceSeconds, nowSeconds);
            return new One(address, newServices, since, nowSeconds, triedSeconds, 0);
        }

        private One tried(boolean counts, long nowSeconds) {
            int now = Math.min(tries + (counts ? 1 : 0), TRIES_MAX);
            return new One(address, services, sinceSeconds, seenSeconds, nowSeconds, now);
        }

        private boolean isDue(long nowSeconds) {
            long pause = tries == 0 ? PAUSE_SECONDS : TRY_SECONDS;
            return triedSeconds == 0 || passed(triedSeconds, nowSeconds) >= pause;
        }

        private boolean isGone(long nowSeconds) {
            return tries >= TRIES_MAX
                    && passed(seenSeconds, nowSeconds) >= GONE_SECONDS
                    && passed(triedSeconds, nowSeconds) >= PAUSE_SECONDS;
        }

        /// As the address book writes it; before 1970 and after 2106 the time is what 32 bits hold of it.
        public AddressEntry entry() {
            return new AddressEntry(seenSeconds & 0xffff_ffffL, services, address);
        }
    }

    /// How long ago something was. A clock that was set back by more than an hour tells nothing: then it was
    /// long ago.
    private static long passed(long thenSeconds, long nowSeconds) {
        long passed = nowSeconds - thenSeconds;
        return passed < -HOUR_SECONDS ? Long.MAX_VALUE : Math.max(0, passed);
    }

    /// Somebody whom we dialled answered, whoever it was: we are not offline.
    public void answered(long nowSeconds) {
        answeredSeconds = nowSeconds;
    }

    /// A node that we dialled, for a lasting connection or to try its address out, shook hands.
    ///
    /// @param groups the groups of addresses; who is of one that has its place already does not get in
    public void met(NetAddress address, long services, NetGroups groups, long nowSeconds) {
        One known = byAddress.get(address);
        if (known != null) {
            byAddress.put(address, known.seen(services, nowSeconds));
            return;
        }
        forgetWhoIsGone(nowSeconds);
        if (hasPlace(address, groups)) {
            restore(new One(address, services, nowSeconds, nowSeconds, 0, 0));
        }
    }

    /// Puts one at the end, if there is a place and it can be dialled at all.
    void restore(One one) {
        if (byAddress.size() < MAX && one.address.isValid()) {
            byAddress.putIfAbsent(one.address, one);
        }
    }

    private boolean hasPlace(NetAddress address, NetGroups groups) {
        return byAddress.size() < MAX
                && switch (address.network()) {
                    case TORV3, I2P, CJDNS -> countOf(address.network()) < HIDDEN_MAX;
                    case IPV4, IPV6, INTERNAL ->
                            byAddress.keySet().stream()
                                    .map(groups::groupOf)
                                    .noneMatch(groups.groupOf(address)::equals);
                };
    }

    /// Keeps of each group who was met first. *Rationale:* who is given a map of operators may have met many
    /// nodes of a few.
    ///
    /// @param groups as they are from now on
    public void regroup(NetGroups groups) {
        List<One> before = List.copyOf(byAddress.values());
        byAddress.clear();
        for (One each : before) {
            if (hasPlace(each.address, groups)) {
                restore(each);
            }
        }
    }

    private long countOf(NetworkId network) {
        return byAddress.keySet().stream().filter(each -> each.network() == network).count();
    }

    /// A node that we are connected to is there.
    public void there(NetAddress address, long nowSeconds) {
        byAddress.computeIfPresent(address, (any, known) -> known.seen(known.services, nowSeconds));
    }

    /// A node is chosen to be dialled, in vain until it shakes hands.
    ///
    /// @param online whether others seem to answer. It counts only if somebody did since it was tried last:
    ///     while we are offline, a failure says nothing of who was dialled
    public void tried(NetAddress address, boolean online, long nowSeconds) {
        One known = byAddress.get(address);
        if (known != null && known.isDue(nowSeconds)) {
            boolean counts = online && answeredSeconds > known.triedSeconds;
            byAddress.put(address, known.tried(counts, nowSeconds));
        }
    }

    private void forgetWhoIsGone(long nowSeconds) {
        byAddress.values().removeIf(each -> each.isGone(nowSeconds));
    }

    /// Those known for longest, 32 at most, of all who are known for a week.
    public List<One> first(long nowSeconds) {
        forgetWhoIsGone(nowSeconds);
        var found = new ArrayList<One>();
        for (One each : byAddress.values()) {
            if (found.size() < FIRST && nowSeconds - each.sinceSeconds >= LONG_SECONDS) {
                found.add(each);
            }
        }
        return found;
    }

    /// Of those known for longest, who may be dialled: not those chosen within ten minutes, nor who was
    /// dialled in vain within a day.
    public List<One> candidates(long nowSeconds) {
        return first(nowSeconds).stream().filter(each -> each.isDue(nowSeconds)).toList();
    }

    /// Who has not been seen for a week and may be dialled, who was seen longest ago first. *Rationale:* so
    /// that places of those who have left become free.
    public List<One> overdue(long nowSeconds) {
        forgetWhoIsGone(nowSeconds);
        return byAddress.values().stream()
                .filter(each -> passed(each.seenSeconds, nowSeconds) >= LONG_SECONDS)
                .filter(each -> each.isDue(nowSeconds))
                .sorted(Comparator.comparingLong(One::seenSeconds))
                .toList();
    }

    /// All, who was met first first.
    public Collection<One> all() {
        return Collections.unmodifiableCollection(byAddress.values());
    }
}
