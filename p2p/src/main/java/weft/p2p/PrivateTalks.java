package weft.p2p;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import weft.p2p.peers.PeerMap;
import weft.p2p.tx.PrivateQueue;
import weft.primitives.Now;
import weft.primitives.Transaction;
import weft.primitives.log.Log;
import weft.primitives.log.LogCategory;
import weft.wire.GetData;
import weft.wire.Inv;
import weft.wire.InvItem;
import weft.wire.Message;
import weft.wire.NetAddress;
import weft.wire.NetworkId;
import weft.wire.Ping;
import weft.wire.Pong;
import weft.wire.ServiceFlags;
import weft.wire.TxMessage;
import weft.wire.Verack;
import weft.wire.VersionAddress;
import weft.wire.VersionMessage;

/// What is said on a connection that hands over one transaction of ours ([ConnectionType#PRIVATE_BROADCAST]):
///
/// ```text
/// version ->      <- version, verack      verack, inv ->      <- getdata      tx, ping ->      <- pong
/// ```
///
/// and that is all: no more kinds of messages go out, none depends on who or where we are, what we know or
/// what time it is, and all are as Bitcoin Core's. Whatever else comes in is ignored: no other part of the
/// engine learns of it, or of the peer.
///
/// *Rationale:* whoever can tell apart two connections of one node, or those of two programs, can put
/// transactions down to them.
final class PrivateTalks {
    /// As Bitcoin Core's, which is that of a library for tests.
    static final String USER_AGENT = "/pynode:0.0.1/";

    /// The oldest that knows `wtxidrelay`; that of Bitcoin Core's on such connections.
    static final int PROTOCOL_VERSION = 70_016;

    private static final VersionAddress NOWHERE = new VersionAddress(0, NetAddress.UNSPECIFIED);

    private final EngineParts parts;
    private final PrivateQueue queue;
    private final Log log;

    /// The nonces of pings that wait for their answers.
    private final PeerMap<Long> pings = new PeerMap<>();

    PrivateTalks(EngineParts parts) {
        this.parts = parts;
        this.queue = parts.txs.privateQueue();
        this.log = parts.log;
    }

    static boolean isOn(Connection connection) {
        return connection.peer.type() == ConnectionType.PRIVATE_BROADCAST;
    }

    /// Whether who offers these services will relay what it is given.
    ///
    /// *Rationale:* what we want of other peers depends on how far our chain is, and so may tell it.
    static boolean mayRelay(long services) {
        return ServiceFlags.has(services, ServiceFlags.WITNESS)
                && (services & (ServiceFlags.NETWORK | ServiceFlags.NETWORK_LIMITED)) != 0;
    }

    /// Says no more of ourselves than the protocol makes us. The nonce is drawn for this connection.
    void sendVersion(Connection connection, Outbox out) {
        out.send(
                connection.id(),
                new VersionMessage(
                        PROTOCOL_VERSION,
                        0,
                        0,
                        NOWHERE,
                        NOWHERE,
                        connection.nonce,
                        USER_AGENT,
                        0,
                        false));
        log.debug(
                LogCategory.NET,
                () ->
                        "send version message: version "
                                + PROTOCOL_VERSION
                                + ", blocks=0, txrelay=0, peer="
                                + connection.id());
    }

    void onMessage(Connection connection, Message message, Now now, Outbox out) {
        Peer peer = connection.peer;
        boolean greeted = peer.version() != null;
        switch (message) {
            case VersionMessage theirs when !greeted -> onVersion(connection, theirs, out);
            case Verack _ when greeted && !peer.isReady() -> onVerack(peer, now, out);
            case GetData(List<InvItem> items) when peer.isReady() -> onGetData(peer, items, out);
            case Pong pong when peer.isReady() -> onPong(peer, pong, now, out);
            default ->
                    log(
                            peer,
                            "Ignoring incoming message '"
                                    + LogText.sanitize(message.command())
                                    + "'");
        }
    }

    private void log(Peer peer, String what) {
        log.debug(LogCategory.PRIVATEBROADCAST, () -> what + ", peer=" + peer.id());
    }

    private void drop(Peer peer, String why, Outbox out) {
        log(peer, "Disconnecting: " + why);
        parts.connections.disconnect(peer.id(), why, out);
    }

    private void onVersion(Connection connection, VersionMessage theirs, Outbox out) {
        Peer peer = connection.peer;
        if (!mayRelay(theirs.services())) {
            drop(
                    peer,
                    String.format(
                            Locale.ROOT,
                            "does not offer the expected services (%08x offered)",
                            theirs.services()),
                    out);
            return;
        }
        if (theirs.version() < Handshake.MIN_VERSION) {
            drop(peer, "using obsolete version " + theirs.version(), out);
            return;
        }
        peer.versionReceived(theirs, Math.min(theirs.version(), PROTOCOL_VERSION));
        connection.userAgent = LogText.sanitize(theirs.userAgent());
        connection.relaysTxs = theirs.relay();
        if (!theirs.relay()) {
            drop(peer, "does not support transaction relay (connected in vain)", out);
            return;
        }
        out.send(peer.id(), new Verack());
        if (peer.address().network() == NetworkId.TORV3) {
            parts.torWorks = true;
        }
    }

    private void onVerack(Peer peer, Now now, Outbox out) {
        peer.becomeReady();
        Optional<Transaction> picked = queue.pick(peer.id(), peer.address(), now);
        if (picked.isEmpty()) {
            drop(peer, "no more transactions for private broadcast (connected in vain)", out);
            return;
        }
        Transaction tx = picked.get();
        log(peer, "P2P handshake completed, sending INV for " + PrivateBroadcast.ids(tx));
        out.send(peer.id(), Inv.of(InvItem.tx(tx.txid())));
    }

    /// Exactly what was announced may be asked for, again too.
    private void onGetData(Peer peer, List<InvItem> items, Outbox out) {
        Transaction tx = queue.givenTo(peer.id());
        if (tx == null) {
            drop(peer, "got GETDATA without sending an INV", out);
            return;
        }
        if (!items.equals(List.of(InvItem.tx(tx.txid())))) {
            drop(peer, "got an unexpected GETDATA message", out);
            return;
        }
        out.send(peer.id(), TxMessage.of(tx));
        long nonce;
        do {
            nonce = parts.random.nextLong();
        } while (nonce == 0);
        pings.put(peer.id(), nonce);
        out.send(peer.id(), Ping.of(nonce));
    }

    private void onPong(Peer peer, Pong pong, Now now, Outbox out) {
        Long expected = pings.get(peer.id());
        if (expected == null || pong.nonce().orElse(0) != expected) {
            log(peer, "Ignoring a pong that answers no ping");
            return;
        }
        queue.confirm(peer.id(), now);
        log(
                peer,
                "Got a PONG (the transaction will probably reach the network), marking for"
                        + " disconnect");
        parts.connections.disconnect(peer.id(), "handed over", out);
    }

    /// A connection is gone; others do not matter.
    void onGone(PeerId peer) {
        pings.remove(peer);
        queue.onGone(peer);
    }
}
