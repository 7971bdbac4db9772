package weft.p2p;

import weft.chain.api.ChainCommand;
import weft.wire.Message;
import weft.wire.NetAddress;

/// Everything that the peer engine can want from the world. Carried out by the driver in this order.
public sealed interface PeerOutput {
    /// Send a message.
    record Send(PeerId peer, Message message) implements PeerOutput {}

    /// Open a connection; answered by [PeerInput.Connected] or [PeerInput.DialFailed].
    ///
    /// @param v2 begin with BIP-0324
    record Connect(DialId dial, NetAddress address, ConnectionType type, boolean v2)
            implements PeerOutput {}

    /// Close a connection after what was sent to it; answered by [PeerInput.Disconnected].
    record Disconnect(PeerId peer, String why) implements PeerOutput {}

    /// Stop or go on reading from a peer (its requests are not answered yet).
    record PauseReading(PeerId peer, boolean paused) implements PeerOutput {}

    /// Look up a DNS seed or host name; answered by [PeerInput.Resolved].
    ///
    /// @param port to give to the addresses found
    record Resolve(String name, int port) implements PeerOutput {}

    /// Tell the chain engine.
    record Chain(ChainCommand command) implements PeerOutput {}

    /// Tell who listens: screens, tests, logs.
    record Emit(PeerEvent event) implements PeerOutput {}
}
