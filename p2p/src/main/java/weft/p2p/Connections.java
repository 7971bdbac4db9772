package weft.p2p;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import weft.p2p.peers.BanList;
import weft.primitives.log.Log;
import weft.primitives.log.LogCategory;
import weft.wire.NetAddress;

/// Who is there, and the one place where connections are given up.
final class Connections implements PeerTable {
    private final NavigableMap<PeerId, Connection> all = new TreeMap<>();
    private final BanList bans;
    private final Log log;

    Connections(BanList bans, Log log) {
        this.bans = bans;
        this.log = log;
    }

    void add(Connection connection) {
        all.put(connection.id(), connection);
    }

    void remove(PeerId id) {
        all.remove(id);
    }

    @Nullable Connection get(PeerId id) {
        return all.get(id);
    }

    Collection<Connection> connections() {
        return all.values();
    }

    /// Those that we have not decided to close.
    List<Connection> open() {
        var open = new ArrayList<Connection>();
        for (Connection each : all.values()) {
            if (!each.peer.isDisconnecting()) {
                open.add(each);
            }
        }
        return open;
    }

    @Override
    public @Nullable Peer find(PeerId id) {
        Connection found = all.get(id);
        return found == null ? null : found.peer;
    }

    @Override
    public Collection<Peer> all() {
        var peers = new ArrayList<Peer>(all.size());
        all.values().forEach(each -> peers.add(each.peer));
        return peers;
    }

    @Override
    public void misbehaving(PeerId id, String why, Outbox out) {
        log.debug(
                LogCategory.NET,
                () -> "Misbehaving: peer=" + id + (why.isEmpty() ? "" : ": " + why));
        Peer peer = find(id);
        if (peer == null || peer.isDisconnecting()) {
            return;
        }
        if (peer.permissions().has(PeerPermissions.NO_BAN)) {
            log.info("Warning: not punishing noban peer " + id + "!");
        } else if (peer.type() == ConnectionType.MANUAL) {
            log.info("Warning: not punishing manually connected peer " + id + "!");
        } else if (peer.address().isLocal()) {
            log.debug(
                    LogCategory.NET,
                    () ->
                            "Warning: disconnecting but not discouraging "
                                    + (peer.onionBind() ? "inbound onion" : "local")
                                    + " peer "
                                    + id
                                    + "!");
            disconnect(id, why, out);
        } else {
            log.debug(LogCategory.NET, () -> "Disconnecting and discouraging peer " + id + "!");
            bans.discourage(peer.address());
            disconnectAddress(peer.address(), why, out);
        }
    }

    /// Closes all connections to one address, whatever their ports.
    void disconnectAddress(NetAddress address, String why, Outbox out) {
        for (Connection each : open()) {
            if (each.peer.address().withPort(0).equals(address.withPort(0))) {
                disconnect(each.id(), why, out);
            }
        }
    }

    @Override
    public void disconnect(PeerId id, String why, Outbox out) {
        Peer peer = find(id);
        if (peer != null && !peer.isDisconnecting()) {
            peer.disconnect();
            out.disconnect(id, why);
        }
    }
}
