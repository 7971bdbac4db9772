package weft.p2p;

import java.util.OptionalLong;
import weft.primitives.Now;
import weft.wire.Message;

/// A sub-protocol that the engine does not have itself: serving block filters, downloading them, bloom
/// filters, experiments. Added before the engine runs; called on its thread.
public interface SubProtocol {
    /// The handshake with a peer is complete.
    void onReady(Peer peer, Now now, Outbox out);

    /// A connection is gone; it may not have been ready ever.
    void onGone(PeerId peer, Now now, Outbox out);

    /// A message of a ready peer, which the engine's own sub-protocols did not want.
    ///
    /// @return whether it was for this one
    /// @throws PeerFault if the peer broke the protocol
    boolean onMessage(Peer peer, Message message, Now now, Outbox out);

    /// Time passed.
    void onTick(Now now, Outbox out);

    /// When [#onTick] is wanted, on the monotonic clock.
    OptionalLong nextDeadlineNanos();
}
