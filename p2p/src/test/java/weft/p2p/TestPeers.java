package weft.p2p;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import weft.wire.Negotiated;
import weft.wire.NetAddress;
import weft.wire.ServiceFlags;
import weft.wire.VersionAddress;
import weft.wire.VersionMessage;

/// Peers without an engine: a table, and peers as a finished handshake leaves them.
public final class TestPeers implements PeerTable {
    /// A full node.
    public static final long FULL = ServiceFlags.NETWORK | ServiceFlags.WITNESS;

    /// What happened to peers, as text: `misbehaving 3: why`, `disconnect 3: why`.
    public final List<String> actions = new ArrayList<>();

    private final NavigableMap<PeerId, Peer> peers = new TreeMap<>();

    /// What a peer is made of.
    ///
    /// @param startHeight as its `version` says
    public record Spec(
            ConnectionType type, long services, int startHeight, boolean relay, int permissions) {
        /// An ordinary full node.
        public static Spec of(ConnectionType type) {
            return new Spec(type, FULL, 0, true, 0);
        }

        /// With these services.
        public Spec services(long bits) {
            return new Spec(type, bits, startHeight, relay, permissions);
        }

        /// With this height in its `version`.
        public Spec height(int height) {
            return new Spec(type, services, height, relay, permissions);
        }

        /// With these permissions.
        public Spec permissions(int bits) {
            return new Spec(type, services, startHeight, relay, bits);
        }
    }

    /// Adds a peer whose handshake is complete.
    public Peer add(long id, Spec spec) {
        Peer peer = addOld(id, spec);
        peer.negotiateWtxidRelay();
        return peer;
    }

    /// Adds one that names transactions by txid only.
    public Peer addOld(long id, Spec spec) {
        var peer =
                new Peer.Builder(
                                new PeerId(id),
                                spec.type(),
                                NetAddress.UNSPECIFIED,
                                NetAddress.UNSPECIFIED,
                                false,
                                new PeerPermissions(spec.permissions()),
                                0)
                        .build();
        var nowhere = new VersionAddress(0, NetAddress.UNSPECIFIED);
        peer.versionReceived(
                new VersionMessage(
                        Negotiated.PROTOCOL_VERSION,
                        spec.services(),
                        0,
                        nowhere,
                        nowhere,
                        1,
                        "",
                        spec.startHeight(),
                        spec.relay()),
                Negotiated.PROTOCOL_VERSION);
        peer.becomeReady();
        peers.put(peer.id(), peer);
        return peer;
    }

    /// Adds a peer as it is when its connection opens, before the handshake.
    public Peer add(Peer.Builder opened) {
        Peer peer = opened.build();
        peers.put(peer.id(), peer);
        return peer;
    }

    /// The peer said in its handshake that it wants `addrv2`.
    public static void wantAddrV2(Peer peer) {
        peer.negotiateAddrV2();
    }

    /// Forgets a peer.
    public void remove(PeerId id) {
        peers.remove(id);
    }

    @Override
    public @Nullable Peer find(PeerId peer) {
        return peers.get(peer);
    }

    @Override
    public Collection<Peer> all() {
        return peers.values();
    }

    @Override
    public void misbehaving(PeerId peer, String why, Outbox out) {
        actions.add("misbehaving " + peer + ": " + why);
        close(peer);
    }

    @Override
    public void disconnect(PeerId peer, String why, Outbox out) {
        actions.add("disconnect " + peer + ": " + why);
        close(peer);
    }

    private void close(PeerId id) {
        Peer peer = peers.get(id);
        if (peer != null) {
            peer.disconnect();
        }
    }
}
