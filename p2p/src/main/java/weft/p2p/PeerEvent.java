package weft.p2p;

import weft.wire.NetAddress;

/// What happened among the peers, for screens, tests and persistence.
public sealed interface PeerEvent {
    /// A handshake is complete.
    record PeerReady(PeerId peer, NetAddress address, ConnectionType type) implements PeerEvent {}

    /// A connection is gone.
    record PeerGone(PeerId peer, NetAddress address, String why) implements PeerEvent {}

    /// The list of banned addresses changed and should be saved.
    record BansChanged() implements PeerEvent {}
}
