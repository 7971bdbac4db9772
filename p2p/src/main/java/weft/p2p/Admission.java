package weft.p2p;

import java.util.ArrayList;
import java.util.Optional;
import weft.p2p.peers.Eviction;
import weft.p2p.peers.EvictionCandidate;
import weft.p2p.peers.PingStats;
import weft.p2p.sync.BlockSyncStats;
import weft.p2p.tx.TxSyncStats;
import weft.primitives.Now;
import weft.primitives.log.LogCategory;
import weft.wire.NetAddress;
import weft.wire.NetworkId;

/// Who may come in.
final class Admission {
    private final EngineParts parts;

    Admission(EngineParts parts) {
        this.parts = parts;
    }

    /// What speaks against an inbound connection; empty if nothing does, and then there is room for it.
    String refusal(
            NetAddress address,
            PeerPermissions permissions,
            boolean networkActive,
            Now now,
            Outbox out) {
        if (!networkActive) {
            return "connection from " + address + " dropped: not accepting new connections";
        }
        boolean protectedFromBans = permissions.has(PeerPermissions.NO_BAN);
        if (!protectedFromBans && parts.bans.isBanned(address, now.unixSeconds())) {
            return "connection from " + address + " dropped (banned)";
        }
        int inbound = 0;
        for (Connection each : parts.connections.open()) {
            inbound += each.peer.isInbound() ? 1 : 0;
        }
        int max = parts.options.limits().inbound();
        if (!protectedFromBans && inbound + 1 >= max && parts.bans.isDiscouraged(address)) {
            return "connection from " + address + " dropped (discouraged)";
        }
        if (inbound >= max && !evict(now, out)) {
            return "failed to find an eviction candidate - connection dropped (full)";
        }
        return "";
    }

    private boolean evict(Now now, Outbox out) {
        var candidates = new ArrayList<EvictionCandidate>();
        parts.connections.open().forEach(each -> candidates.add(candidate(each, now)));
        Optional<PeerId> chosen = Eviction.select(candidates);
        chosen.ifPresent(
                id -> {
                    parts.log.debug(
                            LogCategory.NET,
                            () ->
                                    "selected inbound connection for eviction peer="
                                            + id
                                            + "; disconnecting");
                    parts.connections.disconnect(id, "evicted", out);
                });
        return chosen.isPresent();
    }

    private EvictionCandidate candidate(Connection connection, Now now) {
        Peer peer = connection.peer;
        BlockSyncStats blocks = parts.blocks.stats(peer.id());
        TxSyncStats txs = parts.txs.stats(peer.id());
        PingStats pings = parts.pings.stats(peer.id(), now);
        return new EvictionCandidate(
                peer.id(),
                peer.connectedAtNanos(),
                new EvictionCandidate.Merits(
                        pings.minNanos(),
                        blocks.lastBlockSeconds(),
                        txs.lastTransactionSeconds(),
                        connection.hasWantedServices,
                        connection.relaysTxs,
                        peer.bloomFilter() != null),
                connection.keyedNetGroup,
                connection.preferEvict,
                peer.address().isLocal(),
                peer.onionBind() ? NetworkId.TORV3 : peer.address().network(),
                peer.isInbound(),
                peer.permissions().has(PeerPermissions.NO_BAN));
    }

    /// What the operator allows who comes in from, or is dialled manually at, an address.
    PeerPermissions permissionsOf(NetAddress address, boolean incoming) {
        PeerPermissions all = PeerPermissions.NONE;
        for (P2pOptions.Whitelisted each : parts.options.access().whitelist()) {
            if ((incoming ? each.incoming() : each.outgoing()) && each.subnet().contains(address)) {
                all = all.with(each.permissions());
            }
        }
        return all;
    }
}
