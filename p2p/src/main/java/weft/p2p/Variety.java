package weft.p2p;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import weft.p2p.addr.Acquaintance;
import weft.p2p.addr.Acquaintances;
import weft.p2p.addr.AddrMan;
import weft.p2p.addr.AddrManEntry;
import weft.p2p.defence.Mixture;
import weft.p2p.defence.Traits;
import weft.primitives.Now;

/// Keeps the outbound peers mixed: one at least that runs another program than the others, two that are there
/// when most are not, as far as such nodes are known.
///
/// It goes about it as Bitcoin Core does about networks without a peer: every five minutes or so one more
/// connection than usual is opened, to a node that the mixture lacks; then [ExtraPeers] drops the worst one
/// that is not needed. Everything else that is asked of an address holds as ever, its group above all.
/// *Rationale:* what a node says of itself shall not win more than those few places.
final class Variety {
    private static final long SECOND_NANOS = 1_000_000_000L;
    private static final long LOOK_NANOS = 600 * SECOND_NANOS;
    private static final long EXTRA_NANOS = 300 * SECOND_NANOS;

    /// *Rationale:* of fewer, one who is different is a large part.
    private static final int PEERS_MIN = 8;

    /// Peers that may be exchanged at once, and how long until one more may. *Rationale:* who came for what
    /// he says of himself, leaves when another has gone for him, and comes again, shall not get all others
    /// exchanged.
    private static final int EXCHANGES_MAX = 6;

    private static final long EXCHANGE_NANOS = 3600 * SECOND_NANOS;

    private final EngineParts parts;
    private final Acquaintances known;
    private final boolean isOn;
    private long nextLookNanos = Long.MIN_VALUE;
    private long nextExtraNanos = Long.MAX_VALUE;

    /// By when all exchanges so far are made up for.
    private long exchangedNanos = Long.MIN_VALUE;

    Variety(EngineParts parts, Acquaintances known) {
        this.parts = parts;
        this.known = known;
        this.isOn = parts.options.defence().measures().variety();
    }

    /// What we saw of nodes.
    Acquaintances known() {
        return known;
    }

    /// A node that we dialled told us of itself.
    void onVersion(Connection connection) {
        Peer peer = connection.peer;
        if (isNoted(peer) && parts.book.find(peer.address()) != null) {
            known.met(peer.address(), connection.userAgent, parts.nowSeconds);
        }
    }

    /// Whom we gave something in private shall not be found on our disk.
    private static boolean isNoted(Peer peer) {
        return switch (peer.type()) {
            case INBOUND, PRIVATE_BROADCAST -> false;
            case OUTBOUND_FULL_RELAY, MANUAL, FEELER, BLOCK_RELAY_ONLY, ADDR_FETCH -> true;
        };
    }

    /// Looks every ten minutes who is there.
    void onTick(Now now) {
        long nanos = now.monotonicNanos();
        if (nextExtraNanos == Long.MAX_VALUE) {
            nextExtraNanos = nanos + EXTRA_NANOS;
        }
        if (nanos < nextLookNanos) {
            return;
        }
        nextLookNanos = nanos + LOOK_NANOS;
        for (Connection each : parts.connections.open()) {
            if (each.peer.isReady() && isNoted(each.peer)) {
                known.there(each.peer.address(), now.unixSeconds());
                parts.longKnown.onThere(each.peer.address(), now);
            }
        }
    }

    long nextDeadlineNanos() {
        return nextLookNanos;
    }

    private List<Connection> fullRelay() {
        var found = new ArrayList<Connection>();
        for (Connection each : parts.connections.open()) {
            if (each.peer.type() == ConnectionType.OUTBOUND_FULL_RELAY && each.peer.isReady()) {
                found.add(each);
            }
        }
        return found;
    }

    private List<Traits> traits(List<Connection> all) {
        var found = new ArrayList<Traits>();
        for (Connection each : all) {
            Acquaintance one = known.find(each.peer.address());
            int windows = one == null ? 0 : one.windows(parts.nowSeconds);
            found.add(new Traits(Acquaintance.programOf(each.userAgent), windows));
        }
        return found;
    }

    /// Whether it is time to look for one more, and what we have may be mixed at all.
    boolean isDue(Now now) {
        return isOn
                && now.monotonicNanos() > nextExtraNanos
                && exchangedNanos <= now.monotonicNanos() + (EXCHANGES_MAX - 1) * EXCHANGE_NANOS
                && parts.limits.best() == 0
                && fullRelay().size() >= PEERS_MIN;
    }

    /// A peer had to go for another one that is needed.
    void onExchanged(long nanos) {
        exchangedNanos = Math.max(exchangedNanos, nanos) + EXCHANGE_NANOS;
    }

    /// Addresses that would make our peers more mixed, by chance; the first that is fit is to be dialled.
    List<AddrMan.Selected> candidates(Now now) {
        List<Traits> ours = traits(fullRelay());
        var found = new ArrayList<AddrMan.Selected>();
        for (Acquaintance each : known.all()) {
            var theirs = new Traits(each.program(), each.windows(now.unixSeconds()));
            AddrManEntry entry =
                    Mixture.gains(ours, theirs) ? parts.book.find(each.address()) : null;
            if (entry != null && !entry.isTerrible(now.unixSeconds())) {
                found.add(new AddrMan.Selected(entry.toEntry(), entry.lastTrySeconds()));
            }
        }
        nextExtraNanos = now.monotonicNanos() + EXTRA_NANOS;
        if (found.isEmpty()) {
            return found;
        }
        nextExtraNanos =
                now.monotonicNanos() + (long) (parts.random.nextExponential() * EXTRA_NANOS);
        Collections.rotate(found, parts.random.nextInt(found.size()));
        return found;
    }

    /// Whether the peers are less mixed without this one.
    boolean isNeeded(Connection connection) {
        List<Connection> all = fullRelay();
        int index = all.indexOf(connection);
        return isOn && index >= 0 && Mixture.needs(traits(all), index);
    }
}
