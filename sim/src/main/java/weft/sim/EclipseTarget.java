package weft.sim;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Predicate;
import weft.consensus.ChainParams;
import weft.consensus.Network;
import weft.p2p.ConnectionType;
import weft.p2p.Outbox;
import weft.p2p.P2pOptions;
import weft.p2p.PeerEngine;
import weft.p2p.PeerId;
import weft.p2p.PeerInput;
import weft.p2p.PeerOutput;
import weft.p2p.PeerPermissions;
import weft.p2p.PeerSnapshot;
import weft.p2p.TransportVersion;
import weft.p2p.sync.SyncRules;
import weft.primitives.Bytes;
import weft.primitives.Now;
import weft.primitives.log.Log;
import weft.wire.Message;
import weft.wire.Negotiated;
import weft.wire.NetAddress;
import weft.wire.Ping;
import weft.wire.Pong;
import weft.wire.ServiceFlags;
import weft.wire.Verack;
import weft.wire.VersionAddress;
import weft.wire.VersionMessage;
import weft.wire.WtxidRelay;

/// The peer engine of one node, whose every connection is in the hands of an experiment: whoever it dials
/// answers at once if there is anybody, makes the handshake, and answers pings.
final class EclipseTarget {
    private static final long SERVICES = ServiceFlags.NETWORK | ServiceFlags.WITNESS;
    private static final NetAddress HERE = NetAddress.parse("99.1.1.1:8333", 8333);
    private static final int HEADER_BYTES = 24;
    private static final long STEP_NANOS = 1_000_000;

    private final PeerEngine engine;
    private final Predicate<NetAddress> isThere;
    private final Outbox out = new Outbox();
    private final Map<PeerId, Boolean> inbound = new TreeMap<>();
    private long nanos;
    private long nextPeer;

    /// @param isThere whether somebody answers at an address
    /// @param nanos when it starts, on the clock of the experiment
    EclipseTarget(
            P2pOptions options,
            PeerEngine.Memory memory,
            Predicate<NetAddress> isThere,
            SplittableRandom random,
            long nanos) {
        ChainParams params = ChainParams.of(Network.MAIN);
        this.engine =
                new PeerEngine(
                        options,
                        memory,
                        SyncRules.of(params, java.math.BigInteger.ZERO),
                        random,
                        Log.NONE);
        this.isThere = isThere;
        this.nanos = nanos;
    }

    PeerEngine engine() {
        return engine;
    }

    Now now() {
        return at(nanos);
    }

    long nanos() {
        return nanos;
    }

    static Now at(long nanos) {
        return new Now(nanos, World.BEGIN.plusNanos(nanos));
    }

    /// Outbound connections that last.
    List<PeerSnapshot> outbound() {
        return engine.peersSnapshot(now()).stream()
                .filter(
                        each ->
                                each.type() == ConnectionType.OUTBOUND_FULL_RELAY
                                        || each.type() == ConnectionType.BLOCK_RELAY_ONLY)
                .toList();
    }

    /// Somebody dials, and makes the handshake.
    PeerId accept(NetAddress from) {
        var peer = new PeerId(nextPeer++);
        inbound.put(peer, true);
        input(new PeerInput.Accepted(peer, from, HERE, false, PeerPermissions.NONE));
        input(new PeerInput.TransportReady(peer, TransportVersion.V1, Bytes.EMPTY));
        send(peer, version(peer.value()));
        send(peer, new WtxidRelay());
        send(peer, new Verack());
        return peer;
    }

    /// Somebody hangs up.
    void close(PeerId peer) {
        if (inbound.remove(peer) != null) {
            input(new PeerInput.Disconnected(peer, "gone", false));
        }
    }

    void send(PeerId from, Message message) {
        int bytes = message.payload().length();
        input(new PeerInput.Received(from, message, bytes, bytes + HEADER_BYTES));
    }

    /// What somebody says of himself first.
    static VersionMessage version(long number) {
        var nowhere = new VersionAddress(0, NetAddress.UNSPECIFIED);
        return new VersionMessage(
                Negotiated.PROTOCOL_VERSION,
                SERVICES,
                World.BEGIN.getEpochSecond(),
                nowhere,
                nowhere,
                number + 1,
                "/node:" + number % 7 + "/",
                0,
                true);
    }

    private void input(PeerInput input) {
        engine.handle(input, now(), out);
        for (PeerOutput each = out.poll(); each != null; each = out.poll()) {
            apply(each);
        }
    }

    private void apply(PeerOutput output) {
        switch (output) {
            case PeerOutput.Send(PeerId to, Message message) -> hear(to, message);
            case PeerOutput.Connect dial -> connect(dial);
            case PeerOutput.Disconnect(PeerId peer, String why) -> {
                if (inbound.remove(peer) != null) {
                    input(new PeerInput.Disconnected(peer, why, false));
                }
            }
            case PeerOutput.Resolve(String name, int _) ->
                    input(new PeerInput.Resolved(name, List.of()));
            case PeerOutput.Emit _, PeerOutput.PauseReading _, PeerOutput.Chain _ -> {}
        }
    }

    private void hear(PeerId peer, Message message) {
        Boolean dialledUs = inbound.get(peer);
        if (dialledUs == null) {
            return;
        }
        int bytes = message.payload().length() + HEADER_BYTES;
        input(new PeerInput.Sent(peer, message.command(), bytes, 0));
        if (message instanceof Ping ping) {
            send(peer, Pong.of(ping.nonce().orElse(0)));
        } else if (message instanceof VersionMessage && !dialledUs) {
            send(peer, version(peer.value()));
            send(peer, new WtxidRelay());
            send(peer, new Verack());
        }
    }

    private void connect(PeerOutput.Connect dial) {
        if (!isThere.test(dial.address())) {
            input(new PeerInput.DialFailed(dial.dial(), "no answer"));
            return;
        }
        var peer = new PeerId(nextPeer++);
        inbound.put(peer, false);
        input(new PeerInput.Connected(peer, dial.dial(), dial.address(), HERE));
    }

    /// Lets time pass, with a tick whenever the engine wants one.
    void advance(Duration time) {
        long end = nanos + time.toNanos();
        while (nanos < end) {
            long due = engine.nextDeadlineNanos().orElse(Long.MAX_VALUE);
            nanos = Math.min(end, Math.max(due, nanos + STEP_NANOS));
            input(new PeerInput.Tick());
        }
    }
}
