package weft.wire.transport;

import java.util.Optional;
import weft.primitives.Bytes;
import weft.wire.Message;
import weft.wire.MessageCodec;

/// Both directions of one connection: received bytes become events, messages become bytes to send.
///
/// No I/O and no threads: whoever owns the socket pushes what it read, takes the events, and writes what
/// [#nextToSend] gives, again whenever bytes were pushed or messages sent. Not safe for use by two threads.
public interface Transport extends TransportDecoder, AutoCloseable {
    /// The plain transport.
    ///
    /// @param peer number of the peer, for texts of events
    /// @param magic the four bytes of the network
    static Transport v1(long peer, Bytes magic) {
        return new V1Transport(peer, magic);
    }

    /// The encrypted transport of the side that connected. See BIP-0324.
    ///
    /// @param peer number of the peer, for texts of events
    /// @param magic the four bytes of the network
    /// @param entropy source of the key and the garbage
    static Transport v2Initiator(long peer, Bytes magic, Entropy entropy) {
        return V2Transport.initiator(peer, magic, entropy);
    }

    /// The transport of the side that was connected to: plain or encrypted, as the other side chooses.
    ///
    /// @param peer number of the peer, for texts of events
    /// @param magic the four bytes of the network
    /// @param entropy source of the key and the garbage
    static Transport detecting(long peer, Bytes magic, Entropy entropy) {
        return new DetectingTransport(peer, magic, entropy);
    }

    /// Queues a message.
    default void send(Message message) {
        send(message.command(), MessageCodec.encode(message));
    }

    /// Queues a message that is encoded already. It waits while keys are not agreed on yet.
    void send(String command, Bytes payload);

    /// The next bytes to write; empty until there are more.
    Optional<Outgoing> nextToSend();

    /// Bytes of messages that were sent here and not taken by [#nextToSend] yet.
    long queuedBytes();

    /// What the connection speaks, as far as it is sure.
    Protocol protocol();

    /// The session id of BIP-0324, 32 bytes, once the other side has proved to have the same keys.
    Optional<Bytes> sessionId();

    /// Whether a connection that has just ended should be tried again with the plain transport: we started an
    /// encrypted one, wrote at least as much as a plain header, and heard nothing.
    boolean shouldReconnectV1();

    /// Destroys keys.
    @Override
    void close();
}
