package weft.p2p;

import java.util.Collection;
import org.jspecify.annotations.Nullable;

/// What sub-protocols may ask of the engine: who is there, and to act against a peer outside of a message of
/// its own. Handed to each sub-protocol at construction.
public interface PeerTable {
    /// A peer by its number; null once it is gone.
    @Nullable Peer find(PeerId peer);

    /// All connections in the order of their numbers, handshake complete or not.
    Collection<Peer> all();

    /// The peer broke the protocol, as we found out later (an invalid block, say): disconnect and discourage
    /// it, unless it has permission to do so.
    void misbehaving(PeerId peer, String why, Outbox out);

    /// Close a connection that is of no use, without blame.
    void disconnect(PeerId peer, String why, Outbox out);
}
