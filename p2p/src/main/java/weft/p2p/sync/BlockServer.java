package weft.p2p.sync;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;
import weft.chain.api.ChainCommand;
import weft.chain.api.ChainEvent;
import weft.chain.api.HeaderNode;
import weft.p2p.Outbox;
import weft.p2p.PeerFault;
import weft.p2p.PeerPermissions;
import weft.p2p.bloom.BloomFilter;
import weft.p2p.bloom.PartialMerkleTree;
import weft.primitives.Block;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;
import weft.primitives.Digest256;
import weft.primitives.Now;
import weft.primitives.Transaction;
import weft.primitives.log.LogCategory;
import weft.wire.BlockLocator;
import weft.wire.BlockMessage;
import weft.wire.BlockTxn;
import weft.wire.CmpctBlock;
import weft.wire.GetBlockTxn;
import weft.wire.GetBlocks;
import weft.wire.GetHeaders;
import weft.wire.Headers;
import weft.wire.Inv;
import weft.wire.InvItem;
import weft.wire.InvType;
import weft.wire.MerkleBlock;
import weft.wire.Message;
import weft.wire.ServiceFlags;
import weft.wire.TxMessage;

/// Answers what peers ask about the chain.
///
/// - Blocks outside of the active chain are served only if they were part of it and are less than a month
///   old.
///   *Rationale:* else the stale blocks that a node happens to have would tell it from others.
/// - A node that keeps only recent blocks serves no more than those, whatever it has.
/// - Requests of one peer are answered in order, blocks from disk one at a time, and none while a megabyte or
///   more waits to be sent. *Rationale:* one message can ask for 50,000 blocks, and who sends it need not
///   read.
final class BlockServer {
    static final int COMPACT_DEPTH_MAX = 5;
    static final int TRANSACTIONS_DEPTH_MAX = 10;
    private static final int GETBLOCKS_MAX = 500;
    private static final int LIMITED_BLOCKS = 288;
    private static final int LIMITED_BUFFER = 2;
    private static final int MIN_BLOCKS_TO_KEEP = 288;
    private static final long STALE_SECONDS_MAX = 30L * 86_400;
    private static final long HISTORICAL_SECONDS = 7L * 86_400;
    private static final long SEND_QUEUE_BYTES_MAX = 1_000_000;
    private static final int REQUESTS_MAX = InvItem.MAX_PER_MESSAGE;
    private static final int SERVED_AT_ONCE = 16;
    private static final int SHORT_ID_BYTES = 6;

    private final SyncContext context;
    private final ChainIndex chain;
    private boolean historicalLimited;
    private @Nullable CmpctBlock compactCache;
    private @Nullable BlockHash compactCacheHash;

    BlockServer(SyncContext context) {
        this.context = context;
        this.chain = context.chain;
    }

    /// Whether that is news.
    boolean limitHistorical(boolean limited) {
        boolean news = historicalLimited != limited;
        historicalLimited = limited;
        return news;
    }

    void onSendQueue(SyncPeer to, long queuedBytes, Now now, Outbox out) {
        to.unsentBytes = queuedBytes;
        to.sendingPaused = queuedBytes > SEND_QUEUE_BYTES_MAX;
        serve(to, now, out);
    }

    /// Sends what is large. The driver says how much waits when some of it has left; until then we count.
    private static void send(SyncPeer to, Message message, long bytes, Outbox out) {
        out.send(to.id(), message);
        to.unsentBytes += bytes;
        to.sendingPaused |= to.unsentBytes > SEND_QUEUE_BYTES_MAX;
    }

    private boolean isTooLong(SyncPeer from, String command, BlockLocator locator, Outbox out) {
        int size = locator.hashes().size();
        if (size <= BlockLocator.MAX_HASHES) {
            return false;
        }
        context.log.debug(
                LogCategory.NET,
                () ->
                        command
                                + " locator size "
                                + size
                                + " > "
                                + BlockLocator.MAX_HASHES
                                + ", disconnect peer="
                                + from.id());
        context.disconnect(from, command + " locator too long", out);
        return true;
    }

    void onGetHeaders(SyncPeer from, GetHeaders message, Now now, Outbox out) {
        if (isTooLong(from, GetHeaders.COMMAND, message.locator(), out)) {
            return;
        }
        if (chain.tip().chainWork().compareTo(context.rules.minimumChainWork()) < 0
                && !from.may(PeerPermissions.DOWNLOAD)) {
            context.log.debug(
                    LogCategory.NET,
                    () ->
                            "Ignoring getheaders from peer="
                                    + from.id()
                                    + " because active chain has too little work; sending empty"
                                    + " response");
            out.send(from.id(), new Headers(List.of()));
            return;
        }
        HeaderNode start;
        if (message.locator().hashes().isEmpty()) {
            start = chain.find(message.stop());
            if (start == null) {
                return;
            }
            if (!mayServe(start)) {
                context.log.debug(
                        LogCategory.NET,
                        () ->
                                "ProcessMessage: ignoring request from peer="
                                        + from.id()
                                        + " for old block header that isn't in the main chain");
                return;
            }
        } else {
            start = chain.next(chain.fork(message.locator().hashes()));
        }
        int from0 = start == null ? -1 : start.height();
        context.log.debug(
                LogCategory.NET,
                () ->
                        "getheaders "
                                + from0
                                + " to "
                                + stopText(message.stop())
                                + " from peer="
                                + from.id());
        var headers = new ArrayList<BlockHeader>();
        HeaderNode node = start;
        while (node != null) {
            headers.add(node.header());
            if (headers.size() == Headers.MAX_HEADERS || node.hash().equals(message.stop())) {
                break;
            }
            node = chain.next(node);
        }
        from.bestHeaderSent = node == null ? chain.tip() : node;
        out.send(from.id(), new Headers(headers));
    }

    private static String stopText(BlockHash stop) {
        return stop.isZero() ? "end" : stop.toString();
    }

    void onGetBlocks(SyncPeer from, GetBlocks message, Outbox out) {
        if (isTooLong(from, GetBlocks.COMMAND, message.locator(), out)) {
            return;
        }
        HeaderNode node = chain.next(chain.fork(message.locator().hashes()));
        int start = node == null ? -1 : node.height();
        context.log.debug(
                LogCategory.NET,
                () ->
                        "getblocks "
                                + start
                                + " to "
                                + stopText(message.stop())
                                + " limit "
                                + GETBLOCKS_MAX
                                + " from peer="
                                + from.id());
        long hour = 3_600 / context.rules.targetSpacingSeconds();
        for (int count = 0; node != null; node = chain.next(node)) {
            HeaderNode at = node;
            if (node.hash().equals(message.stop())) {
                context.log.debug(
                        LogCategory.NET,
                        () -> "  getblocks stopping at " + at.height() + " " + at.hash());
                return;
            }
            boolean soonGone = node.height() <= chain.height() - (MIN_BLOCKS_TO_KEEP - hour);
            if (context.options.pruning() && (soonGone || !chain.isStored(node))) {
                context.log.debug(
                        LogCategory.NET,
                        () ->
                                " getblocks stopping, pruned or too old block at "
                                        + at.height()
                                        + " "
                                        + at.hash());
                return;
            }
            from.toInv.add(node.hash());
            if (++count == GETBLOCKS_MAX) {
                context.log.debug(
                        LogCategory.NET,
                        () -> "  getblocks stopping at limit " + at.height() + " " + at.hash());
                from.continuation = node.hash();
                return;
            }
        }
    }

    /// Where the whole block goes out instead, [#serve] decides what is served at all. *Rationale:* whether
    /// we have an old block must not show; Bitcoin Core 28.1 hangs up on who asks for one that it has, and
    /// is silent where it was pruned.
    void onGetBlockTxn(SyncPeer from, GetBlockTxn message, Now now, Outbox out) {
        HeaderNode node = chain.find(message.block());
        boolean isRecent = node != null && node.height() >= chain.height() - TRANSACTIONS_DEPTH_MAX;
        if (node == null || (isRecent && !mayServeTransactions(node))) {
            context.log.debug(
                    LogCategory.NET,
                    () -> "Peer " + from.id() + " sent us a getblocktxn for a block we don't have");
            return;
        }
        if (isRecent) {
            Block block = context.recent.find(node.hash());
            if (block != null && !isValidRequest(block, message)) {
                throw new PeerFault("getblocktxn with out-of-bounds tx indices");
            }
            enqueue(
                    from,
                    new ServeRequest(ServeRequest.Kind.TRANSACTIONS, node.hash(), message),
                    out);
        } else {
            context.log.debug(
                    LogCategory.NET,
                    () ->
                            "Peer "
                                    + from.id()
                                    + " sent us a getblocktxn for a block > "
                                    + TRANSACTIONS_DEPTH_MAX
                                    + " deep");
            enqueue(from, ServeRequest.of(ServeRequest.Kind.BLOCK, node.hash()), out);
        }
    }

    /// What came just now may have been announced before it was found to be of no use.
    private boolean mayServeTransactions(HeaderNode node) {
        boolean isJustIn = !chain.wasActive(node) && context.recent.find(node.hash()) != null;
        return chain.isStored(node) && (isJustIn || mayServe(node));
    }

    private static boolean isValidRequest(Block block, GetBlockTxn message) {
        return message.indexes().isEmpty()
                || message.indexes().getLast() < block.transactions().size();
    }

    /// @return whether some entry is about a block
    boolean onGetData(SyncPeer from, List<InvItem> items, Now now, Outbox out) {
        if (items.size() > InvItem.MAX_PER_MESSAGE) {
            throw PeerFault.oversized("getdata message size = " + items.size());
        }
        context.log.debug(
                LogCategory.NET,
                () -> "received getdata (" + items.size() + " invsz) peer=" + from.id());
        if (!items.isEmpty()) {
            context.log.debug(
                    LogCategory.NET,
                    () -> "received getdata for: " + items.getFirst() + " peer=" + from.id());
        }
        boolean any = false;
        for (InvItem item : items) {
            ServeRequest.Kind kind =
                    switch (item.type()) {
                        case InvType.BLOCK -> ServeRequest.Kind.LEGACY_BLOCK;
                        case InvType.WITNESS_BLOCK -> ServeRequest.Kind.BLOCK;
                        case InvType.FILTERED_BLOCK -> ServeRequest.Kind.FILTERED;
                        case InvType.CMPCT_BLOCK -> ServeRequest.Kind.COMPACT;
                        default -> null;
                    };
            any |= item.isGenBlock();
            if (kind != null) {
                enqueue(from, ServeRequest.of(kind, item.blockHash()), out);
            }
        }
        return any;
    }

    private void enqueue(SyncPeer from, ServeRequest request, Outbox out) {
        if (!from.peer.isReady()) {
            return;
        }
        if (from.requests.size() >= REQUESTS_MAX) {
            context.disconnect(from, "too many block requests", out);
            return;
        }
        from.requests.add(request);
    }

    /// Sends a block compact without having been asked for it.
    void announceCompact(SyncPeer to, HeaderNode node, Outbox out) {
        Block block = context.recent.find(node.hash());
        if (block != null) {
            out.send(to.id(), compactOf(block));
        } else {
            enqueue(to, ServeRequest.of(ServeRequest.Kind.ANNOUNCEMENT, node.hash()), out);
        }
    }

    /// Answers requests until one needs the disk.
    void serve(SyncPeer to, Now now, Outbox out) {
        int served = 0;
        while (to.fetching == null
                && !to.sendingPaused
                && to.peer.isReady()
                && served++ < SERVED_AT_ONCE) {
            ServeRequest request = to.requests.poll();
            if (request == null) {
                return;
            }
            HeaderNode node = chain.isLoaded() ? chain.find(request.hash()) : null;
            if (node == null || !isAllowed(to, request, node, out)) {
                continue;
            }
            Block block = context.recent.find(request.hash());
            if (block != null) {
                answer(to, request, node, block, now, out);
                if (takesATurn(request)) {
                    return;
                }
            } else {
                to.fetching = request;
                out.chain(new ChainCommand.FetchBlock(SyncContext.origin(to), request.hash()));
            }
        }
    }

    /// Whether others come first before a peer's next request: a filter is held against every transaction of
    /// a block, and the answer may be short.
    private static boolean takesATurn(ServeRequest request) {
        return request.kind() == ServeRequest.Kind.FILTERED;
    }

    private boolean isAllowed(SyncPeer to, ServeRequest request, HeaderNode node, Outbox out) {
        if (request.kind() == ServeRequest.Kind.ANNOUNCEMENT) {
            return chain.contains(node);
        }
        if (request.kind() == ServeRequest.Kind.TRANSACTIONS) {
            return true;
        }
        if (!mayServe(node)) {
            context.log.debug(
                    LogCategory.NET,
                    () ->
                            "ProcessGetBlockData: ignoring request from peer="
                                    + to.id()
                                    + " for old block that isn't in the main chain");
            return false;
        }
        if (historicalLimited
                && (chain.best().time() - node.time() > HISTORICAL_SECONDS
                        || request.kind() == ServeRequest.Kind.FILTERED)
                && !to.may(PeerPermissions.DOWNLOAD)) {
            context.log.debug(
                    LogCategory.NET,
                    () -> "historical block serving limit reached, disconnect peer=" + to.id());
            context.disconnect(to, "historical block serving limit reached", out);
            return false;
        }
        long ours = context.ourServices();
        if (!to.isNoBan()
                && ServiceFlags.has(ours, ServiceFlags.NETWORK_LIMITED)
                && !ServiceFlags.has(ours, ServiceFlags.NETWORK)
                && chain.height() - node.height() > LIMITED_BLOCKS + LIMITED_BUFFER) {
            context.log.debug(
                    LogCategory.NET,
                    () ->
                            "Ignore block request below NODE_NETWORK_LIMITED threshold, disconnect"
                                    + " peer="
                                    + to.id());
            context.disconnect(to, "block request below NODE_NETWORK_LIMITED threshold", out);
            return false;
        }
        return chain.isStored(node);
    }

    /// Whether a block may be shown to peers at all.
    boolean mayServe(HeaderNode node) {
        if (chain.contains(node) || isAboutToConnect(node)) {
            return true;
        }
        if (!chain.wasActive(node) || chain.isInvalid(node)) {
            return false;
        }
        HeaderNode best = chain.best();
        BigInteger seconds =
                best.chainWork()
                        .subtract(node.chainWork())
                        .multiply(BigInteger.valueOf(context.rules.targetSpacingSeconds()))
                        .divide(context.rules.work(best.header()));
        return best.time() - node.time() < STALE_SECONDS_MAX
                && seconds.compareTo(BigInteger.valueOf(STALE_SECONDS_MAX)) < 0;
    }

    /// A block that we announced before it was validated.
    private boolean isAboutToConnect(HeaderNode node) {
        return chain.tip().equals(node.parent())
                && chain.isStored(node)
                && context.recent.find(node.hash()) != null;
    }

    void onFetched(ChainEvent.BlockFetched event, Now now, Outbox out) {
        SyncPeer to = context.find(event.origin());
        if (to == null || to.fetching == null || !to.fetching.hash().equals(event.hash())) {
            return;
        }
        ServeRequest request = to.fetching;
        to.fetching = null;
        HeaderNode node = chain.find(event.hash());
        if (event.block().isPresent() && node != null) {
            // The upload target may have been reached while the block was read.
            if (isAllowed(to, request, node, out)) {
                answer(to, request, node, event.block().get(), now, out);
            }
        } else if (request.kind() != ServeRequest.Kind.ANNOUNCEMENT) {
            context.log.debug(
                    LogCategory.NET,
                    () -> "Block was pruned before it could be read, disconnect peer=" + to.id());
            context.disconnect(to, "block was pruned before it could be read", out);
        }
        serve(to, now, out);
    }

    private void answer(
            SyncPeer to, ServeRequest request, HeaderNode node, Block block, Now now, Outbox out) {
        switch (request.kind()) {
            case LEGACY_BLOCK ->
                    send(
                            to,
                            new BlockMessage(block, Transaction.Encoding.LEGACY),
                            block.strippedSize(),
                            out);
            case BLOCK -> send(to, BlockMessage.of(block), block.totalSize(), out);
            case FILTERED -> answerFiltered(to, block, out);
            case COMPACT -> {
                boolean recent =
                        context.isRecent(chain.tip(), now)
                                && node.height() >= chain.height() - COMPACT_DEPTH_MAX;
                if (recent) {
                    sendCompact(to, block, out);
                } else {
                    send(to, BlockMessage.of(block), block.totalSize(), out);
                }
            }
            case ANNOUNCEMENT -> sendCompact(to, block, out);
            case TRANSACTIONS -> answerTransactions(to, request, block, out);
        }
        if (request.hash().equals(to.continuation)) {
            to.continuation = null;
            out.send(to.id(), Inv.of(InvItem.block(chain.tip().hash())));
        }
    }

    private void sendCompact(SyncPeer to, Block block, Outbox out) {
        int ids = block.transactions().size() * SHORT_ID_BYTES;
        send(to, compactOf(block), ids + block.transactions().getFirst().totalSize(), out);
    }

    /// Nothing goes to who set no filter.
    private static void answerFiltered(SyncPeer to, Block block, Outbox out) {
        BloomFilter filter = to.peer.bloomFilter();
        if (filter == null) {
            return;
        }
        var matched = new BitSet();
        List<Transaction> transactions = block.transactions();
        for (int i = 0; i < transactions.size(); i++) {
            matched.set(i, filter.matches(transactions.get(i)));
        }
        MerkleBlock proof = PartialMerkleTree.message(block, matched);
        send(to, proof, bytesOf(proof), out);
        for (int i = matched.nextSetBit(0); i >= 0; i = matched.nextSetBit(i + 1)) {
            Transaction tx = transactions.get(i);
            send(to, new TxMessage(tx, Transaction.Encoding.LEGACY), tx.strippedSize(), out);
        }
    }

    private static long bytesOf(MerkleBlock proof) {
        return BlockHeader.BYTES + (long) Digest256.BYTES * proof.hashes().size();
    }

    private void answerTransactions(SyncPeer to, ServeRequest request, Block block, Outbox out) {
        GetBlockTxn message = request.transactions();
        if (message == null) {
            return;
        }
        if (!isValidRequest(block, message)) {
            context.misbehaving(to, "getblocktxn with out-of-bounds tx indices", out);
            return;
        }
        var transactions = new ArrayList<Transaction>();
        long bytes = 0;
        for (int index : message.indexes()) {
            transactions.add(block.transactions().get(index));
            bytes += transactions.getLast().totalSize();
        }
        send(to, new BlockTxn(block.hash(), transactions), bytes, out);
    }

    /// The compact form of a block; that of the last one asked for is kept.
    CmpctBlock compactOf(Block block) {
        CmpctBlock cached = compactCache;
        if (cached == null || !block.hash().equals(compactCacheHash)) {
            cached = ShortIds.compact(block, context.random.nextLong());
            compactCache = cached;
            compactCacheHash = block.hash();
        }
        return cached;
    }

    /// Whether a peer waits for something that it asked for; our own announcements are no such thing.
    static boolean isAwaitedBy(SyncPeer peer) {
        return peer.peer.isReady()
                && (isAsked(peer.fetching)
                        || peer.requests.stream().anyMatch(BlockServer::isAsked));
    }

    private static boolean isAsked(@Nullable ServeRequest request) {
        return request != null && request.kind() != ServeRequest.Kind.ANNOUNCEMENT;
    }

    /// Whether requests of a peer could be answered now.
    boolean hasMore(SyncPeer each) {
        return !each.requests.isEmpty() && each.fetching == null && !each.sendingPaused;
    }
}
