package weft.p2p;

import java.util.List;
import weft.chain.api.ChainEvent;
import weft.primitives.Bytes;
import weft.wire.Message;
import weft.wire.NetAddress;

/// Everything that can happen to the peer engine. Issued by the driver: sockets in production, the simulator
/// in tests. Times come beside it as `Now`.
public sealed interface PeerInput {
    /// They dialled us and the connection is open.
    ///
    /// @param address theirs
    /// @param local ours, on which they came in
    /// @param onionBind they came through the address that serves our onion service, so `address` says
    ///     nothing
    /// @param permissions granted by the listening address (`-whitebind`)
    record Accepted(
            PeerId peer,
            NetAddress address,
            NetAddress local,
            boolean onionBind,
            PeerPermissions permissions)
            implements PeerInput {}

    /// A dial of ours succeeded.
    record Connected(PeerId peer, DialId dial, NetAddress address, NetAddress local)
            implements PeerInput {}

    /// A dial of ours failed.
    record DialFailed(DialId dial, String why) implements PeerInput {}

    /// The transport is agreed on.
    ///
    /// @param sessionId of BIP-0324, 32 bytes; empty for v1
    record TransportReady(PeerId peer, TransportVersion version, Bytes sessionId)
            implements PeerInput {}

    /// A message arrived whole.
    ///
    /// @param payloadBytes length of the payload
    /// @param wireBytes length with framing, for statistics
    record Received(PeerId peer, Message message, int payloadBytes, int wireBytes)
            implements PeerInput {}

    /// A frame arrived whose payload is not a message of its kind.
    ///
    /// @param wireBytes length with framing, for statistics
    record Malformed(PeerId peer, String command, int payloadBytes, int wireBytes, String why)
            implements PeerInput {}

    /// A frame arrived that the transport did not look into: a wrong checksum, an impossible command.
    ///
    /// @param wireBytes length with framing, for statistics
    record Dropped(PeerId peer, int wireBytes) implements PeerInput {}

    /// A packet arrived that the transport of BIP-0324 has to ignore. Statistics by message leave it out, as
    /// Bitcoin Core's do, but it is work.
    ///
    /// @param wireBytes length with framing
    record Decoy(PeerId peer, int wireBytes) implements PeerInput {}

    /// Bytes arrived, whatever they turn out to be: told before the messages that end in them. A driver
    /// without a stream of bytes leaves it out.
    ///
    /// @param wireBytes how many
    record Heard(PeerId peer, int wireBytes) implements PeerInput {}

    /// A message was taken from the outbox and waits to leave: told at once, so that what is still on its
    /// way counts against the upload target. A driver without a queue leaves it out.
    ///
    /// @param payloadBytes of the message
    record Queued(PeerId peer, int payloadBytes) implements PeerInput {}

    /// Bytes left for the peer.
    ///
    /// @param command of the message they belong to; empty for those of a transport's own handshake
    /// @param queuedBytes still waiting to leave
    record Sent(PeerId peer, String command, int wireBytes, long queuedBytes)
            implements PeerInput {}

    /// The connection is gone, by whomever.
    ///
    /// @param retryAsV1 it ended in a way that says they do not know BIP-0324
    record Disconnected(PeerId peer, String why, boolean retryAsV1) implements PeerInput {}

    /// A DNS seed or a host name was looked up; empty if it failed.
    record Resolved(String name, List<NetAddress> addresses) implements PeerInput {}

    /// The chain engine said something.
    record Chain(ChainEvent event) implements PeerInput {}

    /// The operator said something.
    record Command(PeerCommand command) implements PeerInput {}

    /// Time passed: the deadline that the engine named, or any other moment.
    record Tick() implements PeerInput {}
}
