package weft.p2p;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import weft.p2p.addr.AddrMan;
import weft.p2p.addr.LongKnown;
import weft.p2p.addr.NetGroups;
import weft.primitives.Now;
import weft.wire.NetAddress;

/// Sees to it that half of the full-relay peers are nodes that we have known for long, as far as there are
/// such nodes: when a place becomes free, and after a start, they are dialled before the address book is
/// asked; and where they are still too few, one is exchanged now and then, as [Variety] does it.
///
/// *Rationale:* whoever has addresses without number fills any book of addresses in weeks, and then only has
/// to wait until our peers leave one by one (Erebus, Tran and others, 2020). Whom we shook hands with before
/// he came, he cannot drive out. The other half comes from the book: who was there first shall not have us
/// alone either.
final class LongKnownPeers {
    private final EngineParts parts;
    private final LongKnown known;
    private final boolean isOn;

    LongKnownPeers(EngineParts parts, LongKnown known) {
        this.parts = parts;
        this.known = known;
        this.isOn = parts.options.defence().measures().variety();
    }

    // ---- what we learn

    /// A node that we dialled told us of itself.
    void onVersion(Connection connection) {
        Peer peer = connection.peer;
        if (mayBeLongKnown(peer.type())) {
            NetGroups groups = parts.options.sources().groups();
            known.met(peer.address(), peer.services(), groups, parts.nowSeconds);
        }
    }

    /// Chosen by ourselves, and not one of the few whom every newcomer asks.
    private static boolean mayBeLongKnown(ConnectionType type) {
        return switch (type) {
            case INBOUND, PRIVATE_BROADCAST, MANUAL, ADDR_FETCH -> false;
            case OUTBOUND_FULL_RELAY, BLOCK_RELAY_ONLY, FEELER -> true;
        };
    }

    /// A node is dialled.
    void onTried(Dial dial, Now now) {
        known.tried(dial.address(), dial.countFailure(), now.unixSeconds());
    }

    /// Who is connected to us is there.
    void onThere(NetAddress address, Now now) {
        known.there(address, now.unixSeconds());
    }

    /// We hang up, such as for a chain that lags behind ours. Who is known for long is left alone for a day
    /// then, like who did not answer.
    void onHangUp(Peer peer) {
        if (peer.type() == ConnectionType.OUTBOUND_FULL_RELAY) {
            known.tried(peer.address(), true, parts.nowSeconds);
        }
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

    /// Nodes known for longest, by chance, if we are connected to too few of them; the first that is fit is
    /// to be dialled.
    List<AddrMan.Selected> candidates(Collection<Dial> underWay, Now now) {
        var found = new ArrayList<AddrMan.Selected>();
        if (wanted() == 0 || countOf(first(), underWay) >= wanted()) {
            return found;
        }
        for (LongKnown.One each : known.candidates(now.unixSeconds())) {
            found.add(selected(each));
        }
        if (!found.isEmpty()) {
            Collections.rotate(found, parts.random.nextInt(found.size()));
        }
        return found;
    }

    private static AddrMan.Selected selected(LongKnown.One one) {
        return new AddrMan.Selected(one.entry(), one.triedSeconds());
    }

    /// Who has not been seen for a week, to be tried out; null if nobody.
    AddrMan.@Nullable Selected overdue(Now now) {
        LongKnown.One one = isOn ? known.overdue(now.unixSeconds()) : null;
        if (one == null) {
            return null;
        }
        if (!parts.isReachable(one.address()) || parts.isUnwanted(one.address())) {
            // Whom we cannot or would not dial shall not keep a place for ever.
            known.tried(one.address(), true, now.unixSeconds());
            return null;
        }
        return selected(one);
    }

    /// Whether a peer is one of those known for longest, of which we have no more than are wanted.
    boolean isNeeded(Connection connection) {
        Set<NetAddress> first = first();
        return first.contains(connection.peer.address()) && countOf(first, List.of()) <= wanted();
    }
}
