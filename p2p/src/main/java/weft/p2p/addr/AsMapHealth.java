package weft.p2p.addr;

import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.TreeSet;
import weft.primitives.Now;
import weft.primitives.log.Log;
import weft.wire.NetAddress;
import weft.wire.NetworkId;

/// Says once a day how well the map of operators fits the address book. *Rationale:* a map that is years old
/// knows fewer and fewer addresses.
public final class AsMapHealth {
    private static final long DAY_NANOS = Duration.ofDays(1).toNanos();

    private final AddrMan book;
    private final NetGroups groups;
    private final Log log;
    private long nextNanos = Long.MIN_VALUE;

    /// For a book and the view that it has of groups.
    public AsMapHealth(AddrMan book, NetGroups groups, Log log) {
        this.book = book;
        this.groups = groups;
        this.log = log;
    }

    /// Time passed.
    public void onTick(Now now) {
        if (groups.asMap() == null || now.monotonicNanos() < nextNanos) {
            return;
        }
        nextNanos = now.monotonicNanos() + DAY_NANOS;
        List<NetAddress> clear =
                book.shuffled.stream()
                        .map(AddrManEntry::address)
                        .filter(AsMapHealth::isClear)
                        .toList();
        var operators = new TreeSet<Integer>();
        int unmapped = 0;
        for (NetAddress each : clear) {
            int asn = groups.asnOf(each);
            if (asn == 0) {
                unmapped++;
            } else {
                operators.add(asn);
            }
        }
        log.info(
                "ASMap Health Check: "
                        + clear.size()
                        + " clearnet peers are mapped to "
                        + operators.size()
                        + " ASNs with "
                        + unmapped
                        + " peers being unmapped");
    }

    private static boolean isClear(NetAddress address) {
        return address.network() == NetworkId.IPV4 || address.network() == NetworkId.IPV6;
    }

    /// When [#onTick] is wanted, on the monotonic clock.
    public OptionalLong nextDeadlineNanos() {
        return groups.asMap() == null ? OptionalLong.empty() : OptionalLong.of(nextNanos);
    }
}
