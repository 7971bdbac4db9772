package weft.p2p;

import org.jspecify.annotations.Nullable;
import weft.p2p.bloom.BloomFilter;
import weft.wire.NetAddress;
import weft.wire.VersionMessage;

/// One connection, as far as every sub-protocol needs to know it. What only one sub-protocol needs lives in
/// that sub-protocol's own map. Changed by the peer engine and its handshake only (but the filter, by
/// transaction relay); read by all.
public final class Peer {
    private final PeerId id;
    private final ConnectionType type;
    private final NetAddress address;
    private final NetAddress local;
    private final boolean onionBind;
    private final long connectedAtNanos;
    private final PeerPermissions permissions;
    private @Nullable VersionMessage version;
    private int commonVersion;
    private boolean ready;
    private boolean disconnecting;
    private boolean wtxidRelay;
    private boolean addrV2;
    private @Nullable BloomFilter bloomFilter;

    Peer(Builder from) {
        this.id = from.id;
        this.type = from.type;
        this.address = from.address;
        this.local = from.local;
        this.onionBind = from.onionBind;
        this.permissions = from.permissions;
        this.connectedAtNanos = from.connectedAtNanos;
    }

    /// What is known when a connection opens.
    ///
    /// @param connectedAtNanos on the monotonic clock
    public record Builder(
            PeerId id,
            ConnectionType type,
            NetAddress address,
            NetAddress local,
            boolean onionBind,
            PeerPermissions permissions,
            long connectedAtNanos) {
        /// The peer.
        public Peer build() {
            return new Peer(this);
        }
    }

    /// The connection's number.
    public PeerId id() {
        return id;
    }

    /// Why the connection exists.
    public ConnectionType type() {
        return type;
    }

    /// Whether they dialled us.
    public boolean isInbound() {
        return type == ConnectionType.INBOUND;
    }

    /// Their address.
    public NetAddress address() {
        return address;
    }

    /// Our side of the connection.
    public NetAddress local() {
        return local;
    }

    /// Whether they came in through our onion service.
    public boolean onionBind() {
        return onionBind;
    }

    /// When the connection opened, on the monotonic clock.
    public long connectedAtNanos() {
        return connectedAtNanos;
    }

    /// What the peer may do beyond others.
    public PeerPermissions permissions() {
        return permissions;
    }

    /// Their `version`; null until it came.
    public @Nullable VersionMessage version() {
        return version;
    }

    /// The lower of both protocol versions; 0 until their `version` came.
    public int commonVersion() {
        return commonVersion;
    }

    /// Their service bits; 0 until their `version` came.
    public long services() {
        return version == null ? 0 : version.services();
    }

    /// Whether all these service bits are theirs.
    public boolean hasServices(long bits) {
        return (services() & bits) == bits;
    }

    /// Whether the handshake is complete and the connection not about to close.
    public boolean isReady() {
        return ready && !disconnecting;
    }

    /// Whether the handshake was completed, even if the connection is about to close.
    boolean hasBeenReady() {
        return ready;
    }

    /// Whether we decided to close the connection; nothing it sends is heard any more.
    public boolean isDisconnecting() {
        return disconnecting;
    }

    /// Whether transactions are announced by wtxid. See BIP-0339.
    public boolean wtxidRelay() {
        return wtxidRelay;
    }

    /// Whether addresses are sent as `addrv2`. See BIP-0155.
    public boolean addrV2() {
        return addrV2;
    }

    /// What they want to hear of; null for everything. See BIP-0037.
    public @Nullable BloomFilter bloomFilter() {
        return bloomFilter;
    }

    /// Called when they set or cleared a filter.
    public void setBloomFilter(@Nullable BloomFilter filter) {
        bloomFilter = filter;
    }

    void versionReceived(VersionMessage message, int common) {
        version = message;
        commonVersion = common;
    }

    void negotiateWtxidRelay() {
        wtxidRelay = true;
    }

    void negotiateAddrV2() {
        addrV2 = true;
    }

    /// Marks the handshake complete; called by the engine, and by tests of a sub-protocol alone.
    public void becomeReady() {
        ready = true;
    }

    void disconnect() {
        disconnecting = true;
    }
}
