package weft.p2p.defence;

import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import weft.p2p.PeerId;
import weft.p2p.peers.PeerMap;

/// Who costs us what: messages, bytes and time of the processor, by peer and command. What is spent on a peer
/// between its messages (announcing, serving a queue) is not its own here.
public final class CostLedger {
    private final PeerMap<Map<String, Cost>> peers = new PeerMap<>();
    private final NavigableMap<String, Cost> gone = new TreeMap<>();

    /// Nobody cost anything yet.
    public CostLedger() {}

    /// A message was handled.
    ///
    /// @param command a known one, or one name for all others: the ledger keeps what it is given
    public void add(PeerId peer, String command, Cost cost) {
        Map<String, Cost> known = peers.get(peer);
        if (known == null) {
            known = new HashMap<>();
            peers.put(peer, known);
        }
        known.merge(command, cost, Cost::plus);
    }

    /// A connection is gone; its costs stay in the sum.
    public void onGone(PeerId peer) {
        Map<String, Cost> last = peers.get(peer);
        if (last != null) {
            peers.remove(peer);
            last.forEach((command, cost) -> gone.merge(command, cost, Cost::plus));
        }
    }

    /// Costs of a peer by command.
    public Map<String, Cost> of(PeerId peer) {
        Map<String, Cost> known = peers.get(peer);
        return known == null ? Map.of() : new TreeMap<>(known);
    }

    /// Costs of all peers since the start, by command.
    public Map<String, Cost> all() {
        var sum = new TreeMap<>(gone);
        peers.values()
                .forEach(each -> each.forEach((name, cost) -> sum.merge(name, cost, Cost::plus)));
        return sum;
    }

    /// The sum of costs.
    public static Cost sum(Map<String, Cost> costs) {
        return costs.values().stream().reduce(Cost.NONE, Cost::plus);
    }
}
