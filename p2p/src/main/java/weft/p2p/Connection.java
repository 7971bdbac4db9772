package weft.p2p;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import weft.primitives.Bytes;
import weft.primitives.Now;
import weft.wire.Message;
import weft.wire.NetAddress;
import weft.wire.SendCmpct;

/// One connection with what only the engine itself needs of it. Beside [Peer], which sub-protocols see.
final class Connection {
    /// How far BIP-0330 was agreed on.
    enum Reconciliation {
        NONE,
        OFFERED,
        REGISTERED
    }

    /// What came before `verack` and counts all the same, by its command.
    private final SequencedMap<String, Message> early = new LinkedHashMap<>();

    final Peer peer;
    final long nonce;
    final long keyedNetGroup;
    final boolean preferEvict;
    final Dial dial;
    final long connectedSeconds;
    final Traffic sent = new Traffic();
    final Traffic received = new Traffic();
    TransportVersion transport = TransportVersion.DETECTING;
    Bytes sessionId = Bytes.EMPTY;
    String userAgent = "";
    NetAddress addrLocal = NetAddress.UNSPECIFIED;
    long timeOffsetSeconds;

    /// Bytes that count against the upload target although they have not left yet.
    long uploadAhead;

    long lastSentNanos;
    long lastReceivedNanos;
    long lastSentSeconds;
    long lastReceivedSeconds;
    boolean hasWantedServices;
    boolean relaysTxs;

    /// Open for all that the peer can see, but neither heard nor served.
    boolean shadowed;

    Reconciliation reconciliation = Reconciliation.NONE;

    /// What is known when a connection opens.
    ///
    /// @param dial of ours; [Dial#NONE] for inbound connections
    /// @param nonce of our `version`
    record Opening(
            Dial dial,
            long nonce,
            long keyedNetGroup,
            boolean preferEvict,
            long connectedSeconds) {}

    Connection(Peer peer, Opening opening) {
        this.peer = peer;
        this.dial = opening.dial;
        this.nonce = opening.nonce;
        this.keyedNetGroup = opening.keyedNetGroup;
        this.preferEvict = opening.preferEvict;
        this.connectedSeconds = opening.connectedSeconds;
    }

    /// Keeps one of the few messages that may come before `verack`; of each kind the last. A `sendcmpct` of
    /// another form than ours takes nothing back.
    void keepForLater(Message message) {
        if (!(message instanceof SendCmpct wish) || wish.version() == SendCmpct.VERSION) {
            early.put(message.command(), message);
        }
    }

    List<Message> takeKept() {
        List<Message> kept = List.copyOf(early.values());
        early.clear();
        return kept;
    }

    /// Something came.
    void heard(Now now) {
        lastReceivedNanos = now.monotonicNanos();
        lastReceivedSeconds = now.unixSeconds();
    }

    PeerId id() {
        return peer.id();
    }
}
