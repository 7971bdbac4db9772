package weft.p2p;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;
import weft.p2p.defence.MisbehaviourPolicy;
import weft.p2p.defence.Scores;
import weft.p2p.peers.BanEntry;
import weft.p2p.peers.BanList;
import weft.p2p.peers.PeerMap;
import weft.primitives.Now;
import weft.primitives.log.Log;
import weft.primitives.log.LogCategory;
import weft.wire.AddressEntry;
import weft.wire.NetAddress;

/// Who is there, and the one place where connections are given up.
final class Connections implements PeerTable {
    private static final int ANCHORS_MAX = 2;

    private final PeerMap<Connection> all = new PeerMap<>();
    private final BanList bans;
    private final MisbehaviourPolicy policy;
    private final Log log;
    private @Nullable List<Connection> open;
    private long changes;
    private final Scores scores = new Scores();
    private final List<Connection> newlyShadowed = new ArrayList<>();
    private long nowSeconds;
    private Runnable onChange = () -> {};

    Connections(BanList bans, MisbehaviourPolicy policy, Log log) {
        this.bans = bans;
        this.policy = policy;
        this.log = log;
    }

    void add(Connection connection) {
        all.put(connection.id(), connection);
        forgetOpen();
    }

    void remove(PeerId id) {
        all.remove(id);
        forgetOpen();
    }

    private void forgetOpen() {
        open = null;
        changes++;
        onChange.run();
    }

    /// Names who must know at once that somebody came, went, or is about to go.
    void onChange(Runnable listener) {
        onChange = listener;
    }

    /// How often somebody came or went so far.
    long changes() {
        return changes;
    }

    @Nullable Connection get(PeerId id) {
        return all.get(id);
    }

    Collection<Connection> connections() {
        return all.values();
    }

    /// Those that we have not decided to close, as they are now.
    List<Connection> open() {
        List<Connection> known = open;
        if (known == null) {
            known = all.values().stream().filter(each -> !each.peer.isDisconnecting()).toList();
            open = known;
        }
        return known;
    }

    /// Block-relay-only peers to dial first after the next start.
    List<AddressEntry> anchors(Now now) {
        var found = new ArrayList<AddressEntry>();
        for (Connection each : open()) {
            if (each.peer.type() == ConnectionType.BLOCK_RELAY_ONLY && found.size() < ANCHORS_MAX) {
                found.add(
                        new AddressEntry(
                                now.unixSeconds() & 0xffff_ffffL,
                                each.peer.services(),
                                each.peer.address()));
            }
        }
        return found;
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

    /// A message came before `version`: no offence as Bitcoin Core sees it, a trifle where points count.
    void tooEarly(Peer peer, Outbox out) {
        if (policy.counts()) {
            misbehaving(peer.id(), "missing version", Scores.TRIFLE, out);
        }
    }

    @Override
    public void misbehaving(PeerId id, String why, Outbox out) {
        misbehaving(id, why, Scores.SEVERE, out);
    }

    /// The peer broke the protocol.
    ///
    /// @param points how bad that is; see [Scores]
    void misbehaving(PeerId id, String why, int points, Outbox out) {
        Connection connection = get(id);
        if (connection != null && connection.shadowed) {
            return;
        }
        Peer peer = find(id);
        int score = Scores.LIMIT;
        String sum = "";
        if (policy.counts() && peer != null) {
            score = scores.add(blamed(peer), points, nowSeconds);
            sum = " (" + (score - points) + " -> " + score + ")";
        }
        String text = id + sum + (why.isEmpty() ? "" : ": " + why);
        log.debug(LogCategory.NET, () -> "Misbehaving: peer=" + text);
        if (peer == null || peer.isDisconnecting() || score < Scores.LIMIT) {
            return;
        }
        if (peer.permissions().has(PeerPermissions.NO_BAN)) {
            log.info("Warning: not punishing noban peer " + id + "!");
        } else if (peer.type() == ConnectionType.MANUAL) {
            log.info("Warning: not punishing manually connected peer " + id + "!");
        } else if (peer.address().isLocal() || peer.onionBind()) {
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
            punish(peer, why, out);
        }
    }

    /// Whose points they are. Who comes through our onion service has the address of the Tor daemon, as all
    /// others who do.
    private static NetAddress blamed(Peer peer) {
        return peer.onionBind() ? NetAddress.internal("onion peer " + peer.id()) : peer.address();
    }

    private void punish(Peer peer, String why, Outbox out) {
        NetAddress address = peer.address();
        switch (policy) {
            case CORE -> {
                log.debug(
                        LogCategory.NET,
                        () -> "Disconnecting and discouraging peer " + peer.id() + "!");
                bans.discourage(address);
                disconnectAddress(address, why, out);
            }
            case SCORE -> {
                log.info("Banning peer " + peer.id() + " for a day: " + why);
                bans.banHost(address, Scores.BAN_SECONDS, BanEntry.Reason.SCORE, nowSeconds);
                scores.forget(address);
                disconnectAddress(address, why, out);
            }
            case SHADOW -> {
                log.info("Not serving peer " + peer.id() + " for a day: " + why);
                bans.banHost(address, Scores.BAN_SECONDS, BanEntry.Reason.SHADOW, nowSeconds);
                scores.forget(address);
                for (Connection each : open()) {
                    if (each.peer.address().withPort(0).equals(address.withPort(0))) {
                        shadow(each, why, out);
                    }
                }
            }
        }
    }

    /// Connections of theirs stay, for all that they can see; ours are of no use any more.
    private void shadow(Connection connection, String why, Outbox out) {
        if (connection.peer.isInbound()) {
            connection.shadowed = true;
            newlyShadowed.add(connection);
        } else {
            disconnect(connection.id(), why, out);
        }
    }

    /// Connections that are not served any more since the last call: the sub-protocols must forget them, but
    /// not while one of them is at work.
    List<Connection> takeNewlyShadowed() {
        if (newlyShadowed.isEmpty()) {
            return List.of();
        }
        List<Connection> all = List.copyOf(newlyShadowed);
        newlyShadowed.clear();
        return all;
    }

    /// Points of a peer, all its connections together.
    int scoreOf(Peer peer) {
        return scores.of(blamed(peer), nowSeconds);
    }

    void tellTime(long seconds) {
        nowSeconds = seconds;
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
            forgetOpen();
            out.disconnect(id, why);
        }
    }
}
