package weft.p2p;

import java.util.Locale;
import weft.primitives.Bytes;
import weft.primitives.Now;
import weft.primitives.log.Log;
import weft.primitives.log.LogCategory;
import weft.wire.Feature;
import weft.wire.Message;
import weft.wire.Negotiated;
import weft.wire.NetAddress;
import weft.wire.NetworkId;
import weft.wire.SendAddrV2;
import weft.wire.SendCmpct;
import weft.wire.SendHeaders;
import weft.wire.SendTxRcncl;
import weft.wire.Unknown;
import weft.wire.Verack;
import weft.wire.VersionAddress;
import weft.wire.VersionMessage;
import weft.wire.WtxidRelay;

/// `version`, what is negotiated between it and `verack`, and `verack`.
///
/// - Who dialled speaks first; the other answers with its own `version`.
/// - `wtxidrelay`, `sendaddrv2` and `sendtxrcncl` (BIP-0339, BIP-0155, BIP-0330) come before `verack` or
///   not at all.
/// - So does `feature` (BIP-0434). None is known here yet, so those of others are heard and mean nothing,
///   and we send none.
/// - Before `version` nothing else counts, before `verack` nothing that needs a settled connection; neither
///   is an offence.
/// - Outbound peers must offer what we need; inbound ones need not.
/// - A connection to ourselves is known by the nonce of our own `version`.
final class Handshake {
    static final int MIN_VERSION = 31_800;
    private static final int ADDRV2_VERSION = 70_016;
    private static final int LAST_VERSION_WITH_ALERTS = 70_012;
    private static final long RECONCILIATION_VERSION = 1;

    /// The last message of the alert system, which older nodes still show.
    private static final Bytes FINAL_ALERT =
            Bytes.parse(
                    "60010000000000000000000000ffffff7f00000000ffffff7ffeffff7f01ffffff7f00000000ffffff7f00ff"
                            + "ffff7f002f555247454e543a20416c657274206b657920636f6d70726f6d697365642c207570677261646520"
                            + "7265717569726564004630440220653febd6410f470f6bae11cad19c48413becb1ac2c17f908fd0fd53bdc3a"
                            + "bd5202206d0e9c96fe88d4a0f01ed9dedae2b6f9e00da94cad0fecaae66ecf689bf71b50");

    private final EngineParts parts;
    private final Log log;

    Handshake(EngineParts parts) {
        this.parts = parts;
        this.log = parts.log;
    }

    /// Says who we are.
    void sendVersion(Connection connection, Now now, Outbox out) {
        if (PrivateTalks.isOn(connection)) {
            parts.talks.sendVersion(connection, out);
            return;
        }
        Peer peer = connection.peer;
        NetAddress address = peer.address();
        boolean tell = address.isRoutable() && address.isV1Compatible();
        NetAddress you = tell ? address : NetAddress.UNSPECIFIED;
        long services = parts.ourServices(peer);
        int height = parts.blocks.tipHeight();
        boolean relay = !parts.rejectsTxs(peer);
        out.send(
                peer.id(),
                new VersionMessage(
                        Negotiated.PROTOCOL_VERSION,
                        services,
                        now.unixSeconds(),
                        new VersionAddress(connection.dial.services(), you),
                        new VersionAddress(services, NetAddress.UNSPECIFIED),
                        connection.nonce,
                        parts.options.self().userAgent(),
                        height,
                        relay));
        log.debug(
                LogCategory.NET,
                () ->
                        "send version message: version "
                                + Negotiated.PROTOCOL_VERSION
                                + ", blocks="
                                + height
                                + ", txrelay="
                                + (relay ? 1 : 0)
                                + ", peer="
                                + peer.id());
    }

    /// Hears a message that belongs to the handshake, or that comes too early.
    ///
    /// @return whether the message needs no more attention
    boolean onMessage(Connection connection, Message message, Now now, Outbox out) {
        Peer peer = connection.peer;
        if (message instanceof VersionMessage version) {
            onVersion(connection, version, now, out);
            return true;
        }
        if (peer.version() == null) {
            log.debug(
                    LogCategory.NET,
                    () ->
                            "non-version message before version handshake. Message \""
                                    + LogText.sanitize(message.command())
                                    + "\" from peer="
                                    + peer.id());
            parts.connections.tooEarly(peer, out);
            return true;
        }
        switch (message) {
            case Verack _ -> onVerack(connection, now, out);
            case WtxidRelay _ -> onWtxidRelay(peer, out);
            case SendAddrV2 _ -> onSendAddrV2(peer, out);
            case SendTxRcncl offer -> onSendTxRcncl(connection, offer, out);
            case Feature feature -> onFeature(peer, feature, out);
            default -> {
                if (peer.isReady()) {
                    return false;
                }
                if (isPreference(message)) {
                    connection.keepForLater(message);
                    return true;
                }
                log.debug(
                        LogCategory.NET,
                        () ->
                                "Unsupported message \""
                                        + LogText.sanitize(message.command())
                                        + "\" prior to verack from peer="
                                        + peer.id());
            }
        }
        return true;
    }

    /// What a peer may say at any time after `version`, and that must not get lost.
    private static boolean isPreference(Message message) {
        return message instanceof SendHeaders || message instanceof SendCmpct;
    }

    private void drop(Peer peer, String line, Outbox out) {
        log.debug(LogCategory.NET, () -> line);
        parts.connections.disconnect(peer.id(), line, out);
    }

    private void onVersion(Connection connection, VersionMessage theirs, Now now, Outbox out) {
        Peer peer = connection.peer;
        if (peer.version() != null) {
            log.debug(LogCategory.NET, () -> "redundant version message from peer=" + peer.id());
            return;
        }
        if (!isAcceptable(connection, theirs, out)) {
            return;
        }
        NetAddress us = theirs.addrYou().address();
        if (peer.isInbound()) {
            if (us.isRoutable()) {
                parts.locals.seen(us);
            }
            sendVersion(connection, now, out);
        }
        int common = Math.min(theirs.version(), Negotiated.PROTOCOL_VERSION);
        peer.versionReceived(theirs, common);
        connection.addrLocal = us;
        connection.userAgent = LogText.sanitize(theirs.userAgent());
        connection.timeOffsetSeconds = Math.max(0, theirs.timestamp()) - now.unixSeconds();
        if (!peer.isInbound()) {
            parts.clock.add(connection.timeOffsetSeconds);
        }
        connection.hasWantedServices = parts.isDesirable(theirs.services());
        connection.relaysTxs =
                theirs.relay()
                        && peer.type() != ConnectionType.BLOCK_RELAY_ONLY
                        && peer.type() != ConnectionType.FEELER;
        negotiate(connection, common, out);
        logVersion(connection, theirs);
        if (common <= LAST_VERSION_WITH_ALERTS) {
            out.send(peer.id(), new Unknown("alert", FINAL_ALERT));
        }
        if (peer.type() == ConnectionType.FEELER) {
            drop(peer, "feeler connection completed peer=" + peer.id() + "; disconnecting", out);
        }
    }

    private boolean isAcceptable(Connection connection, VersionMessage theirs, Outbox out) {
        Peer peer = connection.peer;
        long offered = theirs.services();
        if (!peer.isInbound()) {
            parts.book.setServices(peer.address(), offered);
        }
        if (expectsServices(peer.type()) && !parts.isDesirable(offered)) {
            String line =
                    "peer=%s does not offer the expected services (%08x offered, %08x expected)";
            drop(
                    peer,
                    String.format(
                            Locale.ROOT,
                            line + "; disconnecting",
                            peer.id(),
                            offered,
                            parts.desirableServices(offered)),
                    out);
            return false;
        }
        if (theirs.version() < MIN_VERSION) {
            drop(
                    peer,
                    "peer="
                            + peer.id()
                            + " using obsolete version "
                            + theirs.version()
                            + "; disconnecting",
                    out);
            return false;
        }
        if (peer.isInbound() && isOurNonce(theirs.nonce())) {
            log.info("connected to self at " + peer.address() + ", disconnecting");
            parts.connections.disconnect(peer.id(), "connected to self", out);
            return false;
        }
        return true;
    }

    private static boolean expectsServices(ConnectionType type) {
        return switch (type) {
            case INBOUND, MANUAL, FEELER -> false;
            case OUTBOUND_FULL_RELAY, BLOCK_RELAY_ONLY, ADDR_FETCH, PRIVATE_BROADCAST -> true;
        };
    }

    /// *Rationale:* nonces of private connections do not count. Else who got one there could dial nodes with
    /// it and learn whose it is by who hangs up.
    private boolean isOurNonce(long nonce) {
        for (Connection each : parts.connections.connections()) {
            boolean counts = !each.peer.isInbound() && !PrivateTalks.isOn(each);
            if (counts && !each.peer.isReady() && each.nonce == nonce) {
                return true;
            }
        }
        return false;
    }

    private void negotiate(Connection connection, int common, Outbox out) {
        Peer peer = connection.peer;
        if (common >= P2pOptions.WTXID_RELAY_VERSION) {
            out.send(peer.id(), new WtxidRelay());
        }
        if (common >= ADDRV2_VERSION) {
            out.send(peer.id(), new SendAddrV2());
        }
        boolean reconciles =
                parts.options.self().txReconciliation()
                        && common >= P2pOptions.WTXID_RELAY_VERSION
                        && connection.relaysTxs
                        && peer.type() != ConnectionType.ADDR_FETCH
                        && !parts.options.tx().blocksOnly();
        if (reconciles) {
            log.debug(LogCategory.TXRECONCILIATION, () -> "Pre-register peer=" + peer.id());
            connection.reconciliation = Connection.Reconciliation.OFFERED;
            out.send(peer.id(), new SendTxRcncl(RECONCILIATION_VERSION, parts.random.nextLong()));
        }
        out.send(peer.id(), new Verack());
        if (!peer.isInbound()) {
            parts.torWorks |= peer.address().network() == NetworkId.TORV3;
            parts.addrs.onOutboundVersion(peer, out);
            parts.book.good(peer.address(), parts.nowSeconds);
            parts.variety.onVersion(connection);
            parts.longKnown.onVersion(connection);
        }
    }

    private void logVersion(Connection connection, VersionMessage theirs) {
        log.debug(
                LogCategory.NET,
                () ->
                        "receive version message: "
                                + connection.userAgent
                                + ": version "
                                + theirs.version()
                                + ", blocks="
                                + theirs.startHeight()
                                + ", us="
                                + theirs.addrYou().address()
                                + ", txrelay="
                                + (theirs.relay() ? 1 : 0)
                                + ", peer="
                                + connection.id());
    }

    private void onVerack(Connection connection, Now now, Outbox out) {
        Peer peer = connection.peer;
        if (peer.isReady()) {
            log.debug(
                    LogCategory.NET,
                    () -> "ignoring redundant verack message from peer=" + peer.id());
            return;
        }
        logConnected(connection);
        if (!peer.wtxidRelay()
                || connection.reconciliation != Connection.Reconciliation.REGISTERED) {
            forgetReconciliation(connection);
        }
        peer.becomeReady();
        if (connection.shadowed) {
            parts.pings.onReady(peer, now, out);
            return;
        }
        parts.blocks.onReady(peer, now, out);
        connection.takeKept().forEach(each -> parts.blocks.onMessage(peer, each, now, out));
        parts.txs.onReady(peer, now, out);
        parts.pings.onReady(peer, now, out);
        parts.more.forEach(each -> each.onReady(peer, now, out));
        out.emit(new PeerEvent.PeerReady(peer.id(), peer.address(), peer.type()));
    }

    private void logConnected(Connection connection) {
        Peer peer = connection.peer;
        VersionMessage theirs = peer.version();
        if (theirs == null) {
            return;
        }
        String line =
                "New "
                        + peer.type().rpcName()
                        + " "
                        + LogText.transport(connection.transport)
                        + " peer connected: version: "
                        + theirs.version()
                        + ", blocks="
                        + theirs.startHeight()
                        + ", peer="
                        + peer.id();
        if (peer.isInbound()) {
            log.debug(LogCategory.NET, () -> line);
        } else {
            log.info(line);
        }
    }

    private void onWtxidRelay(Peer peer, Outbox out) {
        if (peer.isReady()) {
            drop(
                    peer,
                    "wtxidrelay received after verack from peer=" + peer.id() + "; disconnecting",
                    out);
        } else if (peer.commonVersion() < P2pOptions.WTXID_RELAY_VERSION) {
            log.debug(
                    LogCategory.NET,
                    () ->
                            "ignoring wtxidrelay due to old common version="
                                    + peer.commonVersion()
                                    + " from peer="
                                    + peer.id());
        } else if (peer.wtxidRelay()) {
            log.debug(
                    LogCategory.NET, () -> "ignoring duplicate wtxidrelay from peer=" + peer.id());
        } else {
            peer.negotiateWtxidRelay();
        }
    }

    private void onSendAddrV2(Peer peer, Outbox out) {
        if (peer.isReady()) {
            drop(
                    peer,
                    "sendaddrv2 received after verack from peer=" + peer.id() + "; disconnecting",
                    out);
        } else {
            peer.negotiateAddrV2();
        }
    }

    private void onFeature(Peer peer, Feature feature, Outbox out) {
        if (mayFeature(peer, out)) {
            log.debug(
                    LogCategory.NET,
                    () ->
                            "unknown feature advertised: "
                                    + LogText.sanitize(feature.id().toLatin1())
                                    + ", peer="
                                    + peer.id());
        }
    }

    /// A `feature` came that is none.
    void onMalformedFeature(Peer peer, Outbox out) {
        if (peer.version() != null && mayFeature(peer, out)) {
            drop(peer, "invalid feature payload from peer=" + peer.id() + "; disconnecting", out);
        }
    }

    private boolean mayFeature(Peer peer, Outbox out) {
        if (peer.isReady()) {
            drop(
                    peer,
                    "feature received after verack from peer=" + peer.id() + "; disconnecting",
                    out);
            return false;
        }
        if (peer.commonVersion() < Feature.PROTOCOL_VERSION_MIN) {
            drop(
                    peer,
                    "feature received with incompatible version "
                            + peer.commonVersion()
                            + " from peer="
                            + peer.id()
                            + "; disconnecting",
                    out);
            return false;
        }
        return true;
    }

    private void onSendTxRcncl(Connection connection, SendTxRcncl offer, Outbox out) {
        Peer peer = connection.peer;
        String from = "peer=" + peer.id();
        if (!parts.options.self().txReconciliation()) {
            log.debug(
                    LogCategory.NET,
                    () ->
                            "sendtxrcncl from "
                                    + from
                                    + " ignored, as our node does not have txreconciliation"
                                    + " enabled");
        } else if (peer.isReady()) {
            drop(peer, "sendtxrcncl received after verack from " + from + "; disconnecting", out);
        } else if (parts.rejectsTxs(peer)) {
            drop(
                    peer,
                    "sendtxrcncl received from "
                            + from
                            + " to which we indicated no tx relay; disconnecting",
                    out);
        } else if (!connection.relaysTxs) {
            drop(
                    peer,
                    "sendtxrcncl received from "
                            + from
                            + " which indicated no tx relay to us; disconnecting",
                    out);
        } else {
            register(connection, offer, out);
        }
    }

    private void register(Connection connection, SendTxRcncl offer, Outbox out) {
        Peer peer = connection.peer;
        String from = "peer=" + peer.id();
        switch (connection.reconciliation) {
            case NONE ->
                    log.debug(
                            LogCategory.NET,
                            () -> "Ignore unexpected txreconciliation signal from " + from);
            case REGISTERED ->
                    drop(
                            peer,
                            "txreconciliation protocol violation from "
                                    + from
                                    + " (sendtxrcncl received from already registered peer);"
                                    + " disconnecting",
                            out);
            case OFFERED -> {
                if (Math.min(offer.version(), RECONCILIATION_VERSION) < 1) {
                    drop(
                            peer,
                            "txreconciliation protocol violation from " + from + "; disconnecting",
                            out);
                    return;
                }
                log.debug(
                        LogCategory.TXRECONCILIATION,
                        () -> "Register " + from + " (inbound=" + (peer.isInbound() ? 1 : 0) + ")");
                connection.reconciliation = Connection.Reconciliation.REGISTERED;
            }
        }
    }

    void forgetReconciliation(Connection connection) {
        if (connection.reconciliation != Connection.Reconciliation.NONE) {
            connection.reconciliation = Connection.Reconciliation.NONE;
            log.debug(
                    LogCategory.TXRECONCILIATION,
                    () -> "Forget txreconciliation state of peer=" + connection.id());
        }
    }
}
