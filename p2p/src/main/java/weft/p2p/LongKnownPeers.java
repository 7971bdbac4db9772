package weft.p2p;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import weft.p2p.addr.AddrMan;
import weft.p2p.addr.LongKnown;
import weft.p2p.addr.NetGroups;
import weft.primitives.Now;
import weft.wire.NetAddress;
import weft.wire.NetworkId;
import weft.wire.ServiceFlags;

/// Sees to it that half of the full-relay peers are nodes that we have known for long, as far as there are
/// such nodes: when a place becomes free, and after a start, they are dialled before the address book is
/// asked; and where they are still too few, one is exchanged now and then, as [Variety] does it.
///
/// *Rationale:* whoever has addresses without number fills any book of addresses in weeks, and then only has
/// to wait until our peers leave one by one (Erebus, Tran and others, 2020). Whom we shook hands with before
/// he came, he cannot drive out. The other half comes from the book: who was there first shall not have us
/// alone either.
final class LongKnownPeers {
    /// What a pruned node offers, to be kept as a peer by whoever is not far behind. *Rationale:* while we
    /// catch up it is of no use, but it is there.
    private static final long OF_USE_LATER = ServiceFlags.NETWORK_LIMITED | ServiceFlags.WITNESS;

    private final EngineParts parts;
    private final LongKnown known;
    private final boolean isOn;

    LongKnownPeers(EngineParts parts, LongKnown known) {
        this.parts = parts;
        this.known = known;
        this.isOn = parts.options.defence().measures().variety();
        known.regroup(parts.options.sources().groups());
    }

    // ---- what we learn

    /// A node that we dialled told us of itself.
    void onVersion(Connection connection) {
        Peer peer = connection.peer;
        known.answered(parts.nowSeconds);
        if (!isOfOurChoice(peer)) {
            return;
        }
        if (parts.isDesirable(peer.services()) && !isBadPort(peer.address())) {
            NetGroups groups = parts.options.sources().groups();
            known.met(peer.address(), peer.services(), groups, parts.nowSeconds);
        } else if (ServiceFlags.has(peer.services(), OF_USE_LATER)) {
            known.there(peer.address(), parts.nowSeconds);
        }
    }

    /// Chosen by ourselves, and not one of the few whom every newcomer asks.
    private static boolean isOfOurChoice(Peer peer) {
        return switch (peer.type()) {
            case INBOUND, PRIVATE_BROADCAST, MANUAL, ADDR_FETCH -> false;
            case OUTBOUND_FULL_RELAY, BLOCK_RELAY_ONLY, FEELER -> true;
        };
    }

    private static boolean isBadPort(NetAddress address) {
        boolean ip = address.network() == NetworkId.IPV4 || address.network() == NetworkId.IPV6;
        return ip && BadPorts.contains(address.port());
    }

    /// A node is chosen to be dialled, or would be if it could.
    ///
    /// @param online whether others seem to answer
    void onTried(NetAddress address, boolean online, Now now) {
        known.tried(address, online, now.unixSeconds());
    }

    /// Who is connected to us is there.
    void onThere(NetAddress address, Now now) {
        known.there(address, now.unixSeconds());
    }

    // ---- whom we want

    private int wanted() {
        return isOn && parts.limits.best() == 0 ? parts.limits.fullRelay() / 2 : 0;
    }

    private List<NetAddress> fullRelay(Collection<Dial> underWay) {
        var found = new ArrayList<NetAddress>();
        for (Connection each : parts.connections.open()) {
            if (each.peer.type() == ConnectionType.OUTBOUND_FULL_RELAY) {
                found.add(each.peer.address());
            }
        }
        for (Dial each : underWay) {
            if (each.type() == ConnectionType.OUTBOUND_FULL_RELAY) {
                found.add(each.address());
            }
        }
        return found;
    }

    private int countOf(Set<NetAddress> first, Collection<Dial> underWay) {
        return (int) fullRelay(underWay).stream().filter(first::contains).count();
    }

    private Set<NetAddress> first() {
        var found = new HashSet<NetAddress>();
        known.first(parts.nowSeconds).forEach(each -> found.add(each.address()));
        return found;
    }

    /// Nodes known for longest, if we are connected to too few of them.
    List<AddrMan.Selected> candidates(Collection<Dial> underWay, Now now) {
        return wanted() == 0 || countOf(first(), underWay) >= wanted()
                ? List.of()
                : selected(known.candidates(now.unixSeconds()));
    }

    private static List<AddrMan.Selected> selected(List<LongKnown.One> some) {
        return some.stream()
                .map(each -> new AddrMan.Selected(each.entry(), each.triedSeconds()))
                .toList();
    }

    /// Who has not been seen for a week, to be tried out.
    List<AddrMan.Selected> overdue(Now now) {
        return isOn ? selected(known.overdue(now.unixSeconds())) : List.of();
    }

    /// Whether a peer is one of those known for longest, of which we have no more than are wanted.
    boolean isNeeded(Connection connection) {
        Set<NetAddress> first = first();
        return first.contains(connection.peer.address()) && countOf(first, List.of()) <= wanted();
    }
}
