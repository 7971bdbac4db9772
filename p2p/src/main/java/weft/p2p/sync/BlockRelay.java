package weft.p2p.sync;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import weft.chain.api.ChainEvent;
import weft.chain.api.HeaderNode;
import weft.p2p.Outbox;
import weft.primitives.Block;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;
import weft.primitives.Now;
import weft.primitives.log.LogCategory;
import weft.wire.Headers;
import weft.wire.Inv;
import weft.wire.InvItem;

/// Tells peers of new blocks.
///
/// - Who asked for it (`sendcmpct` with high bandwidth) gets a block on our tip as `cmpctblock` as soon as
///   it is
///   stored, before it is validated. See BIP-0152.
/// - Who asked for it (`sendheaders`) gets up to eight headers that connect to what it has. See BIP-0130.
/// - Everybody else, and whenever headers would not connect, gets an `inv` of the tip.
final class BlockRelay {
    private static final int ANNOUNCED_MAX = 8;

    private final SyncContext context;
    private final ChainIndex chain;
    private final BlockServer server;
    private int highestFastAnnounced;

    BlockRelay(SyncContext context, BlockServer server) {
        this.context = context;
        this.chain = context.chain;
        this.server = server;
    }

    /// A block is stored: if it stands on our tip, who wants it compact gets it now.
    void onStored(ChainEvent.BlockStored event, Now now, Outbox out) {
        HeaderNode node = event.node();
        HeaderNode before = node.parent();
        Block block = context.recent.find(node.hash());
        if (!event.isNew()
                || block == null
                || before == null
                || !chain.isLoaded()
                || chain.initialBlockDownload()
                || !chain.tip().equals(before)
                || node.height() <= highestFastAnnounced
                || !context.rules.isSegwitActive(node.height())) {
            return;
        }
        highestFastAnnounced = node.height();
        for (SyncPeer each : context.all()) {
            HeadersSync.resolveUnknown(context, each);
            if (each.peer.isReady()
                    && each.wantsCompactUnasked
                    && !each.hasHeader(node)
                    && each.hasHeader(before)) {
                context.log.debug(
                        LogCategory.NET,
                        () ->
                                "PeerManager::NewPoWValidBlock sending header-and-ids "
                                        + node.hash()
                                        + " to peer="
                                        + each.id());
                out.send(each.id(), server.compactOf(block));
                each.bestHeaderSent = node;
            }
        }
    }

    /// The tip changed: its newest blocks wait to be announced to each peer.
    void onTip(ChainEvent.TipChanged event) {
        if (event.initialBlockDownload()) {
            return;
        }
        var fresh = new ArrayList<HeaderNode>();
        HeaderNode node = event.newTip();
        while (node != null && !node.equals(event.fork()) && fresh.size() < ANNOUNCED_MAX) {
            fresh.add(node);
            node = node.parent();
        }
        for (SyncPeer each : context.all()) {
            each.toAnnounce.addAll(fresh.reversed());
        }
    }

    /// Announces what waits for a peer.
    void announce(SyncPeer to, Outbox out) {
        if (!to.toAnnounce.isEmpty()) {
            HeadersSync.resolveUnknown(context, to);
            List<HeaderNode> headers = connecting(to);
            if (headers == null || (!headers.isEmpty() && !sendHeaders(to, headers, out))) {
                queueInv(to);
            }
            to.toAnnounce.clear();
        }
        if (!to.toInv.isEmpty()) {
            var items = new ArrayList<InvItem>();
            for (BlockHash hash : to.toInv) {
                items.add(InvItem.block(hash));
            }
            to.toInv.clear();
            out.send(to.id(), new Inv(items));
        }
    }

    /// The headers that the peer lacks and that connect to what it has; null if it should get an `inv`
    /// instead.
    private @Nullable List<HeaderNode> connecting(SyncPeer to) {
        int waiting = to.toAnnounce.size();
        if (waiting > ANNOUNCED_MAX
                || (!to.prefersHeaders && (!to.wantsCompactUnasked || waiting > 1))) {
            return null;
        }
        var headers = new ArrayList<HeaderNode>();
        HeaderNode last = null;
        for (HeaderNode node : to.toAnnounce) {
            HeaderNode before = node.parent();
            if (!chain.contains(node) || (last != null && !last.equals(before))) {
                return null;
            }
            last = node;
            if (!headers.isEmpty()) {
                headers.add(node);
            } else if (!to.hasHeader(node)) {
                if (before != null && !to.hasHeader(before)) {
                    return null;
                }
                headers.add(node);
            }
        }
        return headers;
    }

    private boolean sendHeaders(SyncPeer to, List<HeaderNode> nodes, Outbox out) {
        HeaderNode last = nodes.getLast();
        if (nodes.size() == 1 && to.wantsCompactUnasked) {
            context.log.debug(
                    LogCategory.NET,
                    () ->
                            "SendMessages sending header-and-ids "
                                    + last.hash()
                                    + " to peer="
                                    + to.id());
            server.announceCompact(to, last, out);
            to.bestHeaderSent = last;
            return true;
        }
        if (!to.prefersHeaders) {
            return false;
        }
        if (nodes.size() > 1) {
            context.log.debug(
                    LogCategory.NET,
                    () ->
                            "SendMessages: "
                                    + nodes.size()
                                    + " headers, range ("
                                    + nodes.getFirst().hash()
                                    + ", "
                                    + last.hash()
                                    + "), to peer="
                                    + to.id());
        } else {
            context.log.debug(
                    LogCategory.NET,
                    () -> "SendMessages: sending header " + last.hash() + " to peer=" + to.id());
        }
        var headers = new ArrayList<BlockHeader>();
        nodes.forEach(node -> headers.add(node.header()));
        out.send(to.id(), new Headers(headers));
        to.bestHeaderSent = last;
        return true;
    }

    private void queueInv(SyncPeer to) {
        HeaderNode node = to.toAnnounce.getLast();
        if (!chain.contains(node)) {
            context.log.debug(
                    LogCategory.NET,
                    () ->
                            "Announcing block "
                                    + node.hash()
                                    + " not on main chain (tip="
                                    + chain.tip().hash()
                                    + ")");
        }
        if (!to.hasHeader(node)) {
            to.toInv.add(node.hash());
            context.log.debug(
                    LogCategory.NET,
                    () -> "SendMessages: sending inv peer=" + to.id() + " hash=" + node.hash());
        }
    }
}
