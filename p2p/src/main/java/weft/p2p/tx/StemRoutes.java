package weft.p2p.tx;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import weft.p2p.ConnectionType;
import weft.p2p.PeerId;
import weft.primitives.Now;

/// Where stems go on from here: two outbound peers, and which of them for what each inbound peer hands to
/// us, and for our own. See BIP-0156.
///
/// All is drawn anew every ten minutes on average. *Rationale:* who learns the routes could follow stems
/// back.
final class StemRoutes {
    static final int DESTINATIONS_MAX = 2;
    static final long EPOCH_MEAN_NANOS = 600_000_000_000L;

    /// Stands for ourselves among those who hand us transactions.
    private static final PeerId SELF = new PeerId(-1);

    private final TxContext context;
    private final List<TxPeer> destinations = new ArrayList<>();
    private final Map<PeerId, TxPeer> routes = new TreeMap<>();
    private long endNanos = Long.MIN_VALUE;

    StemRoutes(TxContext context) {
        this.context = context;
    }

    /// Where to hand our own.
    ///
    /// @return null if nobody takes stems
    @Nullable TxPeer ofOwn(Now now) {
        return of(SELF, now);
    }

    /// Where to hand what a peer handed to us.
    ///
    /// @return null if nobody takes stems
    @Nullable TxPeer of(PeerId from, Now now) {
        if (now.monotonicNanos() >= endNanos) {
            destinations.clear();
            routes.clear();
            endNanos = now.monotonicNanos() + context.exponentialNanos(EPOCH_MEAN_NANOS);
        }
        TxPeer known = routes.get(from);
        if (known != null) {
            return known;
        }
        fill();
        List<TxPeer> least = leastUsed();
        if (least.isEmpty()) {
            return null;
        }
        TxPeer chosen = least.get(context.random.nextInt(least.size()));
        routes.put(from, chosen);
        return chosen;
    }

    private void fill() {
        var candidates = new ArrayList<TxPeer>();
        for (TxPeer each : context.all()) {
            if (isCandidate(each) && !destinations.contains(each)) {
                candidates.add(each);
            }
        }
        while (destinations.size() < DESTINATIONS_MAX && !candidates.isEmpty()) {
            destinations.add(candidates.remove(context.random.nextInt(candidates.size())));
        }
    }

    private static boolean isCandidate(TxPeer peer) {
        boolean lasting =
                peer.peer.type() == ConnectionType.OUTBOUND_FULL_RELAY
                        || peer.peer.type() == ConnectionType.MANUAL;
        return lasting && peer.takesStems && peer.peer.isReady();
    }

    private List<TxPeer> leastUsed() {
        long fewest = Long.MAX_VALUE;
        var least = new ArrayList<TxPeer>();
        for (TxPeer each : destinations) {
            long count = routes.values().stream().filter(route -> route == each).count();
            if (count < fewest) {
                fewest = count;
                least.clear();
            }
            if (count == fewest) {
                least.add(each);
            }
        }
        return least;
    }

    void onGone(PeerId peer) {
        destinations.removeIf(each -> each.id().equals(peer));
        routes.remove(peer);
        routes.values().removeIf(each -> each.id().equals(peer));
    }
}
