package weft.p2p;

import weft.primitives.Now;
import weft.primitives.log.Log;
import weft.primitives.log.LogCategory;
import weft.wire.Addr;
import weft.wire.AddrV2;
import weft.wire.BlockMessage;
import weft.wire.BlockTxn;
import weft.wire.CFCheckpt;
import weft.wire.CFHeaders;
import weft.wire.CFilter;
import weft.wire.CmpctBlock;
import weft.wire.DandelionAcc;
import weft.wire.DandelionTx;
import weft.wire.Feature;
import weft.wire.FeeFilter;
import weft.wire.FilterAdd;
import weft.wire.FilterClear;
import weft.wire.FilterLoad;
import weft.wire.GetAddr;
import weft.wire.GetBlockTxn;
import weft.wire.GetBlocks;
import weft.wire.GetCFCheckpt;
import weft.wire.GetCFHeaders;
import weft.wire.GetCFilters;
import weft.wire.GetData;
import weft.wire.GetHeaders;
import weft.wire.Headers;
import weft.wire.Inv;
import weft.wire.Mempool;
import weft.wire.MerkleBlock;
import weft.wire.Message;
import weft.wire.NotFound;
import weft.wire.Ping;
import weft.wire.Pong;
import weft.wire.SendAddrV2;
import weft.wire.SendCmpct;
import weft.wire.SendHeaders;
import weft.wire.SendTxRcncl;
import weft.wire.ServiceFlags;
import weft.wire.TxMessage;
import weft.wire.Unknown;
import weft.wire.Verack;
import weft.wire.VersionMessage;
import weft.wire.WtxidRelay;

/// Gives each message to the sub-protocol that it is for.
final class Messages {
    private final EngineParts parts;
    private final Handshake handshake;
    private final Log log;

    Messages(EngineParts parts, Handshake handshake) {
        this.parts = parts;
        this.handshake = handshake;
        this.log = parts.log;
    }

    /// A message of a peer that is not about to be disconnected.
    void onMessage(Connection from, Message message, int payloadBytes, Now now, Outbox out) {
        if (PrivateTalks.isOn(from)) {
            parts.talks.onMessage(from, message, now, out);
            return;
        }
        if (from.shadowed && from.peer.isReady()) {
            keepUp(from.peer, message, payloadBytes, now, out);
            return;
        }
        try {
            if (!handshake.onMessage(from, message, now, out)) {
                dispatch(from, message, payloadBytes, now, out);
            }
        } catch (PeerFault fault) {
            String why = String.valueOf(fault.getMessage());
            parts.connections.misbehaving(from.id(), why, fault.points(), out);
        }
    }

    /// Whoever is not served any more shall not see it by a look at the connection.
    private void keepUp(Peer peer, Message message, int payloadBytes, Now now, Outbox out) {
        switch (message) {
            case Ping each -> parts.pings.onPing(peer, each, out);
            case Pong each -> parts.pings.onPong(peer, each, payloadBytes, now);
            default -> {}
        }
    }

    private void dispatch(Connection from, Message message, int payloadBytes, Now now, Outbox out) {
        Peer peer = from.peer;
        switch (message) {
            case Addr each -> parts.addrs.onAddr(peer, Addr.COMMAND, each.entries(), now, out);
            case AddrV2 each -> parts.addrs.onAddr(peer, AddrV2.COMMAND, each.entries(), now, out);
            case GetAddr _ -> parts.addrs.onGetAddr(peer, now);
            case Ping each -> parts.pings.onPing(peer, each, out);
            case Pong each -> parts.pings.onPong(peer, each, payloadBytes, now);
            case Inv _, GetData _, NotFound _ -> toBoth(peer, message, now, out);
            case Headers _,
                    BlockMessage _,
                    CmpctBlock _,
                    BlockTxn _,
                    GetHeaders _,
                    GetBlocks _,
                    GetBlockTxn _,
                    SendHeaders _,
                    SendCmpct _ ->
                    parts.blocks.onMessage(peer, message, now, out);
            case TxMessage _, FeeFilter _, Mempool _ ->
                    parts.txs.onMessage(peer, message, now, out);
            case DandelionTx _, DandelionAcc _ -> onDandelion(peer, message, now, out);
            case FilterLoad _, FilterAdd _, FilterClear _ -> onBloom(peer, message, now, out);
            case GetCFilters _, GetCFHeaders _, GetCFCheckpt _ ->
                    onFilterRequest(peer, message, now, out);
            case MerkleBlock _, CFilter _, CFHeaders _, CFCheckpt _ ->
                    toOthers(peer, message, now, out);
            case Unknown each -> onUnknown(peer, each, now, out);
            case VersionMessage _,
                    Verack _,
                    WtxidRelay _,
                    SendAddrV2 _,
                    SendTxRcncl _,
                    Feature _ -> {}
        }
    }

    private void toBoth(Peer peer, Message message, Now now, Outbox out) {
        parts.blocks.onMessage(peer, message, now, out);
        if (!peer.isDisconnecting()) {
            parts.txs.onMessage(peer, message, now, out);
        }
        if (!peer.isDisconnecting()) {
            toOthers(peer, message, now, out);
        }
    }

    private boolean toOthers(Peer peer, Message message, Now now, Outbox out) {
        boolean wanted = false;
        for (SubProtocol each : parts.more) {
            wanted |= each.onMessage(peer, message, now, out);
        }
        return wanted;
    }

    private void onBloom(Peer peer, Message message, Now now, Outbox out) {
        if (ServiceFlags.has(parts.ourServices(peer), ServiceFlags.BLOOM)) {
            parts.txs.onMessage(peer, message, now, out);
            return;
        }
        String line =
                message.command()
                        + " received despite not offering bloom services from peer="
                        + peer.id()
                        + "; disconnecting";
        log.debug(LogCategory.NET, () -> line);
        parts.connections.disconnect(peer.id(), line, out);
    }

    private void onFilterRequest(Peer peer, Message message, Now now, Outbox out) {
        if (toOthers(peer, message, now, out)) {
            return;
        }
        int type =
                switch (message) {
                    case GetCFilters each -> each.filterType();
                    case GetCFHeaders each -> each.filterType();
                    case GetCFCheckpt each -> each.filterType();
                    default -> 0;
                };
        if (type == 0 && ServiceFlags.has(parts.ourServices(peer), ServiceFlags.COMPACT_FILTERS)) {
            parts.blocks.onFilterRequest(peer, message, out);
            return;
        }
        String line = "peer " + peer.id() + " requested unsupported block filter type: " + type;
        log.debug(LogCategory.NET, () -> line);
        parts.connections.disconnect(peer.id(), line, out);
    }

    private void onUnknown(Peer peer, Unknown message, Now now, Outbox out) {
        if (!toOthers(peer, message, now, out)) {
            logUnknown(peer, message);
        }
    }

    private void onDandelion(Peer peer, Message message, Now now, Outbox out) {
        if (!parts.txs.onMessage(peer, message, now, out)) {
            logUnknown(peer, message);
        }
    }

    private void logUnknown(Peer peer, Message message) {
        log.debug(
                LogCategory.NET,
                () ->
                        "Unknown command \""
                                + LogText.sanitize(message.command())
                                + "\" from peer="
                                + peer.id());
    }
}
