package weft.p2p;

import java.util.List;
import weft.p2p.defence.WorkQuota;
import weft.primitives.Now;
import weft.wire.NetAddress;
import weft.wire.NetworkId;

/// Makes what `getpeerinfo` shows.
final class Snapshots {
    private final EngineParts parts;
    private final WorkQuota quota;

    Snapshots(EngineParts parts, WorkQuota quota) {
        this.parts = parts;
        this.quota = quota;
    }

    /// All connections that we have not decided to close, in the order of their numbers.
    List<PeerSnapshot> all(Now now) {
        return parts.connections.open().stream().map(each -> of(each, now)).toList();
    }

    private PeerSnapshot of(Connection each, Now now) {
        Peer peer = each.peer;
        var version = peer.version();
        return new PeerSnapshot(
                peer.id(),
                new PeerSnapshot.Place(
                        each.dial.name(),
                        peer.address(),
                        peer.local(),
                        each.addrLocal,
                        peer.onionBind() ? "onion" : networkOf(peer.address())),
                peer.type(),
                peer.services(),
                version == null ? 0 : version.version(),
                new PeerSnapshot.Handshaken(
                        each.userAgent,
                        peer.isReady(),
                        each.connectedSeconds,
                        each.timeOffsetSeconds,
                        each.transport,
                        each.sessionId),
                new PeerSnapshot.TrafficCount(
                        each.sent.total(),
                        each.received.total(),
                        each.lastSentSeconds,
                        each.lastReceivedSeconds,
                        each.sent.byCommand(),
                        each.received.byCommand()),
                peer.permissions(),
                new PeerSnapshot.Stats(
                        parts.pings.stats(peer.id(), now),
                        parts.blocks.stats(peer.id()),
                        parts.txs.stats(peer.id()),
                        parts.addrs.stats(peer.id()),
                        new PeerSnapshot.Standing(
                                parts.connections.scoreOf(peer),
                                each.shadowed,
                                quota.waitedNanos(peer.id())),
                        parts.costs.of(peer.id())));
    }

    /// What stands for a name that a proxy looks up says nothing of the network behind it.
    private static String networkOf(NetAddress address) {
        return address.network() == NetworkId.INTERNAL
                ? NetAddress.UNSPECIFIED.networkLabel()
                : address.networkLabel();
    }
}
