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
        int max = parts.limits.inbound();
        if (!protectedFromBans && inbound + 1 >= max && parts.bans.isDiscouraged(address)) {
            return "connection from " + address + " dropped (discouraged)";
        }
        if (inbound >= max && !evict(now, out)) {
            return "failed to find an eviction candidate - connection dropped (full)";
        }
        return "";
    }

    /// Takes other limits, and closes what is too much: of outbound connections the youngest, of inbound ones
    /// those that would be evicted. What is said now takes the place of `-targetpeers`.
    void setLimits(PeerCommand.SetLimits wanted, Now now, Outbox out) {
        parts.limits =
                parts.limits
                        .withCounts(wanted.fullRelay(), wanted.blockRelay(), wanted.inbound())
                        .withBest(0);
        parts.log.info(
                "Limits of connections: "
                        + wanted.fullRelay()
                        + " full-relay, "
                        + wanted.blockRelay()
                        + " block-relay-only, "
                        + wanted.inbound()
                        + " inbound");
        closeYoungest(ConnectionType.OUTBOUND_FULL_RELAY, wanted.fullRelay(), out);
        closeYoungest(ConnectionType.BLOCK_RELAY_ONLY, wanted.blockRelay(), out);
        while (count(ConnectionType.INBOUND) > wanted.inbound() && evict(now, out)) {
            // Eviction spares the best; the next line takes who is left.
        }
        closeYoungest(ConnectionType.INBOUND, wanted.inbound(), out);
    }

    private int count(ConnectionType type) {
        int count = 0;
        for (Connection each : parts.connections.open()) {
            count += each.peer.type() == type ? 1 : 0;
        }
        return count;
    }

    private void closeYoungest(ConnectionType type, int max, Outbox out) {
        int excess = count(type) - max;
        for (Connection each : parts.connections.open().reversed()) {
            boolean protectedOne = each.peer.permissions().has(PeerPermissions.NO_BAN);
            if (excess > 0 && each.peer.type() == type && !protectedOne) {
                parts.connections.disconnect(each.id(), "fewer connections wanted", out);
                excess--;
            }
        }
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
            boolean isMeant = incoming ? each.incoming() : each.outgoing();
            if (isMeant && parts.meant(each.subnet()).contains(address)) {
                all = all.with(each.permissions());
            }
        }
        return all;
    }
}
