package weft.p2p;

import java.util.List;
import weft.p2p.defence.Warning;
import weft.wire.AddressEntry;
import weft.wire.NetAddress;

/// What happened among the peers, for screens, tests and persistence.
public sealed interface PeerEvent {
    /// A handshake is complete.
    record PeerReady(PeerId peer, NetAddress address, ConnectionType type) implements PeerEvent {}

    /// A connection is gone.
    record PeerGone(PeerId peer, NetAddress address, String why) implements PeerEvent {}

    /// There may be an attack.
    record AttackSuspected(Warning warning) implements PeerEvent {}

    /// What seemed an attack is over.
    record SuspicionEnded(Warning warning) implements PeerEvent {}

    /// What a command of the operator came to.
    ///
    /// @param done it changed something
    /// @param why not; empty where there is only one reason
    record Answered(boolean done, String why) implements PeerEvent {}

    /// Addresses that the operator asked for.
    record Sampled(List<AddressEntry> entries) implements PeerEvent {}

    /// The list of banned addresses changed and should be saved.
    record BansChanged() implements PeerEvent {}
}
