package weft.p2p.addr;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;
import weft.wire.AddressEntry;
import weft.wire.NetAddress;

/// Nodes that we have known for long: those that we shook hands with first and that are still there, 256 at
/// most, each in a group of its own.
///
/// The [AddrMan] is full of what was heard last, and [Acquaintances] forget whom they saw longest ago:
/// whoever has addresses without number and weeks to tell of them washes both out. Here nobody has to go for
/// somebody new. A place becomes free only when its owner was dialled in vain on three days, and goes to who
/// shakes hands next. *Rationale:* who comes later can wait for honest nodes to leave, which takes them
/// weeks, but cannot drive them out.
///
/// In the order of the first handshake, whatever our clock said. Owned by one thread.
public final class LongKnown {
    /// Nodes that are remembered. *Rationale:* of 256 who each leave after 20 days on average, 31 are there
    /// after six weeks.
    public static final int MAX = 256;

    /// From when on a node is known for long. *Rationale:* an attack of a few days finds nobody of the
    /// attacker's here; and younger ones would be no other than those that the address book brings.
    public static final long LONG_SECONDS = 7 * 86_400;

    /// Those known for longest are so many, one of whom is chosen by chance. *Rationale:* all nodes know the
    /// first nodes of a network for longest; those shall not carry it.
    private static final int FIRST = 32;

    private static final int TRIES_MAX = 3;
    private static final long TRY_SECONDS = 86_400;
    private static final long UNCOUNTED_TRY_SECONDS = 600;

    /// A dial that takes longer than this has failed.
    private static final long ANSWER_SECONDS = 600;

    private final SequencedMap<NetAddress, One> byAddress = new LinkedHashMap<>();

    LongKnown() {}

    /// A node, as it was when we saw it last.
    ///
    /// @param services what it offers, by its own word
    /// @param sinceSeconds when it shook hands first
    /// @param seenSeconds when it was there last
    /// @param triedSeconds when we dialled it last, if it has not answered that; else 0
    /// @param tries on how many days we dialled it in vain
    public record One(
            NetAddress address,
            long services,
            long sinceSeconds,
            long seenSeconds,
            long triedSeconds,
            int tries) {
        private One seen(long newServices, long nowSeconds) {
            return new One(address, newServices, sinceSeconds, nowSeconds, 0, 0);
        }

        private One tried(boolean counts, long nowSeconds) {
            int now = Math.min(tries + (counts ? 1 : 0), TRIES_MAX);
            return new One(address, services, sinceSeconds, seenSeconds, nowSeconds, now);
        }

        private boolean isDue(long nowSeconds) {
            long pause = tries == 0 ? UNCOUNTED_TRY_SECONDS : TRY_SECONDS;
            return triedSeconds == 0 || passed(triedSeconds, nowSeconds) >= pause;
        }

        private boolean isGone(long nowSeconds) {
            return tries >= TRIES_MAX && passed(triedSeconds, nowSeconds) >= ANSWER_SECONDS;
        }

        /// As the address book writes it.
        public AddressEntry entry() {
            return new AddressEntry(seenSeconds, services, address);
        }
    }

    /// How long ago something was. A clock that was set back tells nothing: then it was long ago.
    private static long passed(long thenSeconds, long nowSeconds) {
        return nowSeconds < thenSeconds ? Long.MAX_VALUE : nowSeconds - thenSeconds;
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
        if (byAddress.size() < MAX && !hasGroup(address, groups)) {
            restore(new One(address, services, nowSeconds, nowSeconds, 0, 0));
        }
    }

    /// Puts one at the end, if there is a place.
    void restore(One one) {
        if (byAddress.size() < MAX) {
            byAddress.putIfAbsent(one.address, one);
        }
    }

    private boolean hasGroup(NetAddress address, NetGroups groups) {
        return switch (address.network()) {
            // Their addresses have no groups that say who is behind them.
            case TORV3, I2P, CJDNS -> false;
            case IPV4, IPV6, INTERNAL ->
                    byAddress.keySet().stream()
                            .anyMatch(each -> groups.groupOf(each).equals(groups.groupOf(address)));
        };
    }

    /// A node that we are connected to is there.
    public void there(NetAddress address, long nowSeconds) {
        byAddress.computeIfPresent(address, (any, known) -> known.seen(known.services, nowSeconds));
    }

    /// A node is dialled, in vain until it shakes hands.
    ///
    /// @param counts whether others answer: while we are offline, a failure says nothing of who was dialled
    public void tried(NetAddress address, boolean counts, long nowSeconds) {
        byAddress.computeIfPresent(
                address,
                (any, known) -> known.isDue(nowSeconds) ? known.tried(counts, nowSeconds) : known);
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

    /// Of those known for longest, who may be dialled: not those who were dialled in vain within a
    /// day, or ten minutes while we may have been offline.
    public List<One> candidates(long nowSeconds) {
        return first(nowSeconds).stream().filter(each -> each.isDue(nowSeconds)).toList();
    }

    /// Who has not been seen for a week, nor dialled for a day: of these who was seen longest ago. Null if
    /// nobody. *Rationale:* so that places of those who have left become free.
    public @Nullable One overdue(long nowSeconds) {
        forgetWhoIsGone(nowSeconds);
        One found = null;
        for (One each : byAddress.values()) {
            boolean due = nowSeconds - each.seenSeconds >= LONG_SECONDS && each.isDue(nowSeconds);
            if (due && (found == null || each.seenSeconds < found.seenSeconds)) {
                found = each;
            }
        }
        return found;
    }

    /// All, who was met first first.
    public Collection<One> all() {
        return Collections.unmodifiableCollection(byAddress.values());
    }
}
