package weft.net;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import weft.p2p.PeerId;
import weft.p2p.defence.WorkQuota;

/// Peers that made too much work, until others had their share. What is not read costs nothing and takes no
/// room: of a peer with a debt no large message is read to its end, and of one whose message must wait for
/// its turn nothing at all. Not thread-safe.
final class Debtors {
    private final WorkQuota quota;
    private final Map<PeerId, PeerConnection> owing = new LinkedHashMap<>();
    private final Map<PeerId, PeerConnection> held = new LinkedHashMap<>();

    /// Nobody.
    Debtors(WorkQuota quota) {
        this.quota = quota;
    }

    /// A message of a connection was heard, and charged.
    void onHandled(PeerConnection from) {
        if (quota.isOver(from.id()) && owing.putIfAbsent(from.id(), from) == null) {
            from.owe(true);
        }
    }

    /// A message of a connection has to wait, and all after it.
    void onHeld(PeerConnection from) {
        if (quota.isOver(from.id())) {
            from.throttle(true);
            held.put(from.id(), from);
        }
    }

    void onGone(PeerId peer) {
        owing.remove(peer);
        held.remove(peer);
    }

    /// Whether all of a peer waits.
    boolean isHeld(PeerId peer) {
        return held.containsKey(peer);
    }

    boolean isEmpty() {
        return owing.isEmpty() && held.isEmpty();
    }

    /// Gives all peers their shares of the time that passed, and lets go on who has no debt any more.
    ///
    /// @param nanos since the last call
    /// @param release hears whose messages need not wait any more
    void pass(long nanos, Consumer<PeerId> release) {
        held.keySet().forEach(each -> quota.onWaited(each, nanos));
        quota.pass(nanos);
        takePaid(owing).forEach(each -> each.owe(false));
        for (PeerConnection each : takePaid(held)) {
            each.throttle(false);
            release.accept(each.id());
        }
    }

    private List<PeerConnection> takePaid(Map<PeerId, PeerConnection> waiting) {
        List<PeerConnection> paid =
                waiting.values().stream().filter(each -> !quota.isOver(each.id())).toList();
        paid.forEach(each -> waiting.remove(each.id()));
        return paid;
    }
}
