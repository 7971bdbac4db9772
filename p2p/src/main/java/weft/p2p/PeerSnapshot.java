package weft.p2p;

import java.util.Map;
import weft.p2p.addr.AddrRelayStats;
import weft.p2p.defence.Cost;
import weft.p2p.peers.PingStats;
import weft.p2p.sync.BlockSyncStats;
import weft.p2p.tx.TxSyncStats;
import weft.primitives.Bytes;
import weft.wire.NetAddress;

/// Everything about one connection at one moment; what `getpeerinfo` shows.
///
/// @param services theirs
/// @param version 0 until their `version` came
/// @param handshake times and versions
/// @param traffic bytes
/// @param permissions of theirs
/// @param stats what the sub-protocols know
public record PeerSnapshot(
        PeerId id,
        Place place,
        ConnectionType type,
        long services,
        int version,
        Handshaken handshake,
        TrafficCount traffic,
        PeerPermissions permissions,
        Stats stats) {
    /// Both ends.
    ///
    /// @param name as the operator wrote it, or empty
    /// @param local our side of the connection
    /// @param addrLocal our address as they see it; [NetAddress#UNSPECIFIED] if they did not say
    /// @param network by which they are connected: `ipv4`, `onion`, `not_publicly_routable` …
    public record Place(
            String name,
            NetAddress address,
            NetAddress local,
            NetAddress addrLocal,
            String network) {}

    /// What the sub-protocols know.
    public record Stats(
            PingStats ping,
            BlockSyncStats blocks,
            TxSyncStats txs,
            AddrRelayStats addrs,
            Standing standing,
            Map<String, Cost> costs) {}

    /// What we think of it.
    ///
    /// @param score points of misbehaviour; 0 where they are not counted
    /// @param shadowed the connection is open, but neither heard nor served
    /// @param throttledNanos how long it was not heard because it made too much work
    public record Standing(int score, boolean shadowed, long throttledNanos) {}

    /// What the handshake brought.
    ///
    /// @param userAgent with safe characters only
    /// @param complete `verack` came
    /// @param connectedSeconds since 1970
    /// @param timeOffsetSeconds their clock minus ours
    /// @param sessionId of BIP-0324; empty for v1
    public record Handshaken(
            String userAgent,
            boolean complete,
            long connectedSeconds,
            long timeOffsetSeconds,
            TransportVersion transport,
            Bytes sessionId) {}

    /// Bytes on the wire.
    ///
    /// @param lastSentSeconds since 1970; 0 if never
    /// @param lastReceivedSeconds likewise
    /// @param sentByCommand sorted by name; unknown commands count as `*other*`
    /// @param receivedByCommand likewise
    public record TrafficCount(
            long sent,
            long received,
            long lastSentSeconds,
            long lastReceivedSeconds,
            Map<String, Long> sentByCommand,
            Map<String, Long> receivedByCommand) {}

    private static final long SILENT_NANOS = 30_000_000_000L;

    /// Whether the friend is there: `connecting` until the handshake is complete, `silent` while a ping waits
    /// for its answer for more than 30 seconds, else `online`.
    public String lastStatus() {
        if (!handshake.complete) {
            return "connecting";
        }
        return ping().waitingNanos() > SILENT_NANOS ? "silent" : "online";
    }

    /// As the operator wrote it, or empty.
    public String name() {
        return place.name;
    }

    /// Their address.
    public NetAddress address() {
        return place.address;
    }

    /// Our side of the connection.
    public NetAddress local() {
        return place.local;
    }

    /// Our address as they see it.
    public NetAddress addrLocal() {
        return place.addrLocal;
    }

    /// By which network they are connected.
    public String network() {
        return place.network;
    }

    /// Round trips.
    public PingStats ping() {
        return stats.ping;
    }

    /// Headers and blocks.
    public BlockSyncStats blocks() {
        return stats.blocks;
    }

    /// Transactions.
    public TxSyncStats txs() {
        return stats.txs;
    }

    /// What its messages cost us, by command.
    public Map<String, Cost> costs() {
        return stats.costs;
    }

    /// What we think of it.
    public Standing standing() {
        return stats.standing;
    }

    /// Addresses.
    public AddrRelayStats addrs() {
        return stats.addrs;
    }
}
