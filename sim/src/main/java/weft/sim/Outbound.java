package weft.sim;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import weft.p2p.ConnectionType;
import weft.p2p.Peer;
import weft.p2p.PeerEngine;
import weft.p2p.PeerInput;
import weft.p2p.PeerOutput;
import weft.p2p.addr.NetGroups;
import weft.primitives.Bytes;
import weft.wire.AddressEntry;
import weft.wire.NetAddress;

/// Whom a node dials, and whom it keeps.
///
/// - Who was for blocks only in the last run is dialled first for that again: no other is, while one of them
///   was not tried, unless its group is taken.
/// - Feelers, and peers for blocks only beside those of the last run, are dialled when there are enough
///   full-relay peers; feelers when there are enough for blocks only too.
/// - A feeler is hung up on as soon as it says who it is; who is only asked for addresses, in time.
final class Outbound {
    /// A minute for the handshake, and some.
    private static final long FEELER_NANOS = 90_000_000_000L;

    /// Five minutes, and some.
    private static final long ADDR_FETCH_NANOS = 330_000_000_000L;

    /// After it was held up, a node has so long to do what it missed.
    private static final long RECOVERY_NANOS = 30_000_000_000L;

    /// Whom each node has dialled for blocks only, in this life.
    private final Map<Integer, Set<NetAddress>> dialled = new HashMap<>();

    private long checks;

    Outbound() {}

    /// How often something was looked at.
    long checks() {
        return checks;
    }

    /// A node begins a life.
    void onStart(SimNode node) {
        dialled.remove(node.index());
    }

    /// A node dials.
    void onDial(SimNode node, PeerOutput.Connect wanted) {
        switch (wanted.type()) {
            case FEELER -> {
                checks++;
                Invariants.hold(
                        isFull(node, ConnectionType.OUTBOUND_FULL_RELAY)
                                && isFull(node, ConnectionType.BLOCK_RELAY_ONLY),
                        node,
                        "tries an address while it lacks peers: ",
                        wanted.address());
            }
            case BLOCK_RELAY_ONLY -> checkBlockRelay(node, wanted.address());
            case OUTBOUND_FULL_RELAY, ADDR_FETCH, INBOUND, MANUAL, PRIVATE_BROADCAST -> {}
        }
    }

    private static boolean isFull(SimNode node, ConnectionType type) {
        return !node.node().peers().mayOpen(type);
    }

    private void checkBlockRelay(SimNode node, NetAddress address) {
        checks++;
        Set<NetAddress> before = dialled.computeIfAbsent(node.index(), _ -> new HashSet<>());
        PeerEngine engine = node.node().peers();
        boolean isAnchor = false;
        for (AddressEntry each : engine.options().sources().anchors()) {
            isAnchor |= each.address().equals(address);
        }
        if (!isAnchor) {
            Invariants.hold(
                    isFull(node, ConnectionType.OUTBOUND_FULL_RELAY),
                    node,
                    "dials for blocks only while it lacks full-relay peers: ",
                    address);
            for (AddressEntry each : engine.options().sources().anchors()) {
                Invariants.hold(
                        before.contains(each.address()) || isTaken(engine, each.address()),
                        node,
                        "dials another before a peer of the last run: ",
                        address);
            }
        }
        before.add(address);
    }

    private static boolean isTaken(PeerEngine engine, NetAddress address) {
        Bytes group = NetGroups.PUBLIC.groupOf(address);
        return engine.all().stream()
                .filter(each -> each.type().isOutbound())
                .anyMatch(each -> NetGroups.PUBLIC.groupOf(each.address()).equals(group));
    }

    /// A node has dealt with a message.
    void onHandled(SimNode node, PeerInput.Received input) {
        Peer peer = node.node().peers().find(input.peer());
        if (peer != null && peer.type() == ConnectionType.FEELER) {
            checks++;
            Invariants.hold(
                    peer.isDisconnecting() || peer.version() == null,
                    node,
                    "keeps a feeler that said who it is: ",
                    peer.address());
        }
    }

    /// Looks whether a node has anybody for longer than for what it dialled him.
    void checkPassing(SimNode node) {
        checks++;
        long now = node.world().scheduler().nowNanos();
        if (node.wasHeldUp(now - RECOVERY_NANOS)) {
            return;
        }
        for (Peer each : node.node().peers().all()) {
            long most =
                    switch (each.type()) {
                        case FEELER -> FEELER_NANOS;
                        case ADDR_FETCH -> ADDR_FETCH_NANOS;
                        default -> Long.MAX_VALUE;
                    };
            Invariants.hold(
                    now - each.connectedAtNanos() <= most || each.isDisconnecting(),
                    node,
                    "keeps who was to pass: ",
                    each.address());
        }
    }
}
