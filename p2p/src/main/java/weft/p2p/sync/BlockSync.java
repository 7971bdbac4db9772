package weft.p2p.sync;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import weft.chain.api.ChainEvent;
import weft.chain.api.HeaderNode;
import weft.consensus.ChainParams;
import weft.p2p.Outbox;
import weft.p2p.Peer;
import weft.p2p.PeerFault;
import weft.p2p.PeerId;
import weft.p2p.PeerTable;
import weft.primitives.Block;
import weft.primitives.Now;
import weft.primitives.Transaction;
import weft.primitives.Txid;
import weft.primitives.log.Log;
import weft.primitives.log.LogCategory;
import weft.wire.BlockMessage;
import weft.wire.BlockTxn;
import weft.wire.CmpctBlock;
import weft.wire.GetBlockTxn;
import weft.wire.GetBlocks;
import weft.wire.GetData;
import weft.wire.GetHeaders;
import weft.wire.Headers;
import weft.wire.Inv;
import weft.wire.InvItem;
import weft.wire.InvType;
import weft.wire.Message;
import weft.wire.NotFound;
import weft.wire.SendCmpct;
import weft.wire.SendHeaders;

/// Headers and blocks: finds the best chain among the peers, downloads it, announces it and serves it.
///
/// - Headers first: blocks are only asked for once the chain engine has accepted their headers.
///   *Rationale:* work is proven before bytes are spent.
/// - Initial headers come from one peer at a time, and from one more for each block that is announced.
/// - Blocks come from all peers in a moving window of 1024, at most 16 at a time from each.
/// - A branch of too little work is first walked without keeping it ([HeadersSyncState]).
/// - Near the tip, blocks come and go as compact blocks. See BIP-0152 and BIP-0130.
///
/// Owned by the peer engine. Says what it wants through the [Outbox]: messages to peers, and `SubmitHeaders`,
/// `SubmitBlock`, `FetchBlock` with the peer's number as origin to the chain engine, whose events it must all
/// hear.
public final class BlockSync {
    /// All peers are looked at once in so long, though nothing that is known makes it necessary: what is due
    /// with time alone names a deadline.
    private static final long LOOK_NANOS = 60_000_000_000L;

    /// More than this, in milliseconds, our clock on the wall does not depart from the monotonic one within
    /// [#LOOK_NANOS] unless somebody sets it. *Rationale:* what keeps clocks right goes slower than a
    /// thousandth.
    private static final long CLOCK_TOLERANCE_MILLIS = 200;

    private final SyncContext context;
    private final ChainIndex chain;
    private final HeadersSync headers;
    private final BlockDownload download;
    private final BlockReceipt receipt;
    private final CompactBlocks compact;
    private final BlockRelay relay;
    private final BlockServer server;
    private final FilterServer filters;
    private final StalledPeers stalled;
    private final Wanted wanted;
    private long lastNanos = Long.MIN_VALUE;
    private long allWorkedNanos = Long.MIN_VALUE;

    /// Something changed since all peers were looked at.
    private boolean changed = true;

    /// Whether [#deadlineNanos] still holds: nobody was looked at, and nothing happened, since.
    private boolean deadlineKnown;

    private long deadlineNanos;

    /// Until then there is nothing to do for any peer unless something changes, or [#LOOK_NANOS] pass.
    private long quietUntilNanos = Long.MIN_VALUE;

    /// Our clock on the wall minus the monotonic one, in milliseconds, when all peers were looked at.
    private long clockMillis;

    /// Keeps to the rules of a network.
    ///
    /// @param random salts short ids and commitments; in production from real entropy
    public BlockSync(
            ChainParams params,
            SyncOptions options,
            PeerTable peers,
            RandomGenerator random,
            Log log) {
        this(SyncRules.of(params), options, peers, random, log);
    }

    /// Keeps to any rules.
    ///
    /// @param random salts short ids and commitments; in production from real entropy
    public BlockSync(
            SyncRules rules,
            SyncOptions options,
            PeerTable peers,
            RandomGenerator random,
            Log log) {
        this.context = new SyncContext(rules, options, peers, random, log);
        this.chain = context.chain;
        this.headers = new HeadersSync(context);
        this.download = new BlockDownload(context);
        this.receipt = new BlockReceipt(context);
        this.compact = new CompactBlocks(context, headers, receipt);
        this.server = new BlockServer(context);
        this.filters = new FilterServer(context, server::mayServe);
        this.relay = new BlockRelay(context, server);
        this.stalled = new StalledPeers(context, headers);
        this.wanted = new Wanted(context);
    }

    /// The handshake with a peer is complete.
    public void onReady(Peer peer, Now now, Outbox out) {
        var state = new SyncPeer(peer);
        context.add(state);
        touch();
        if (!context.options.headersOnly()) {
            compact.onReady(state, out);
        }
        work(state, now, out);
    }

    /// A connection is gone; unknown ones do not matter.
    public void onGone(PeerId peer, Now now, Outbox out) {
        SyncPeer state = context.find(peer);
        if (state == null) {
            return;
        }
        headers.onGone(state);
        compact.onGone(state);
        receipt.onGone(state);
        context.inFlight.removePeer(state, now.monotonicNanos());
        context.remove(peer);
        workAll(now, out);
    }

    /// A message of a peer whose handshake is complete. Of `inv`, `getdata` and `notfound` only the entries
    /// about
    /// blocks are heard; the caller offers these messages to `TxSync` too.
    ///
    /// @return whether the message, or some entry of it, was for this class
    /// @throws PeerFault if the peer broke the protocol
    public boolean onMessage(Peer peer, Message message, Now now, Outbox out) {
        SyncPeer state = context.find(peer.id());
        if (state == null) {
            return false;
        }
        // Also where it ends by a fault of the peer: what was asked of it is to be asked of others.
        touch();
        if (!handle(state, message, now, out)) {
            return false;
        }
        work(state, now, out);
        return true;
    }

    private boolean handle(SyncPeer from, Message message, Now now, Outbox out) {
        if (context.options.headersOnly() && bringsOrWantsBlocks(from, message, now, out)) {
            return true;
        }
        switch (message) {
            case Headers each when isLoaded(from, each) -> headers.onHeaders(from, each, now, out);
            case BlockMessage each when isLoaded(from, each) ->
                    receipt.onBlock(from, each.block(), now, out);
            case CmpctBlock each when isLoaded(from, each) ->
                    compact.onCmpctBlock(from, each, now, out);
            case BlockTxn each when isLoaded(from, each) ->
                    compact.onBlockTxn(from, each, now, out);
            case GetHeaders each when isLoaded(from, each) ->
                    server.onGetHeaders(from, each, now, out);
            case GetBlocks each when isLoaded(from, each) -> server.onGetBlocks(from, each, out);
            case GetBlockTxn each when isLoaded(from, each) ->
                    server.onGetBlockTxn(from, each, now, out);
            case SendHeaders _ -> from.prefersHeaders = true;
            case SendCmpct each -> compact.onSendCmpct(from, each);
            case Inv(List<InvItem> items) -> {
                return onInv(from, items, now, out);
            }
            case GetData(List<InvItem> items) -> {
                return server.onGetData(from, items, now, out);
            }
            case NotFound(List<InvItem> items) -> {
                return items.stream().anyMatch(InvItem::isGenBlock);
            }
            case Headers _,
                    BlockMessage _,
                    CmpctBlock _,
                    BlockTxn _,
                    GetHeaders _,
                    GetBlocks _,
                    GetBlockTxn _ -> {
                return true;
            }
            default -> {
                return false;
            }
        }
        return true;
    }

    /// Of blocks a node of headers alone hears the headers, and serves nothing.
    private boolean bringsOrWantsBlocks(SyncPeer from, Message message, Now now, Outbox out) {
        switch (message) {
            case BlockMessage each when isLoaded(from, each) ->
                    headers.onHeaders(from, new Headers(List.of(each.block().header())), now, out);
            case CmpctBlock each when isLoaded(from, each) ->
                    headers.onHeaders(from, new Headers(List.of(each.header())), now, out);
            case BlockMessage _,
                    CmpctBlock _,
                    BlockTxn _,
                    GetHeaders _,
                    GetBlocks _,
                    GetBlockTxn _,
                    SendCmpct _ -> {}
            default -> {
                return false;
            }
        }
        return true;
    }

    private boolean isLoaded(SyncPeer from, Message message) {
        if (!chain.isLoaded()) {
            context.log.debug(
                    LogCategory.NET,
                    () ->
                            "Unexpected "
                                    + message.command()
                                    + " message received from peer "
                                    + from.id());
            return false;
        }
        return true;
    }

    private boolean onInv(SyncPeer from, List<InvItem> items, Now now, Outbox out) {
        if (items.size() > InvItem.MAX_PER_MESSAGE) {
            throw PeerFault.oversized("inv message size = " + items.size());
        }
        var blocks = new ArrayList<InvItem>();
        for (InvItem item : items) {
            if (item.type() == InvType.BLOCK) {
                blocks.add(item);
            }
        }
        if (!blocks.isEmpty() && chain.isLoaded()) {
            headers.onInv(from, blocks, now, out);
        }
        return !blocks.isEmpty();
    }

    /// The chain engine said something.
    public void onChainEvent(ChainEvent event, Now now, Outbox out) {
        touch();
        switch (event) {
            case ChainEvent.Loaded each -> {
                chain.load(each.headers(), each.stored(), each.tip(), each.initialBlockDownload());
                workAll(now, out);
            }
            case ChainEvent.HeadersAccepted each -> {
                each.added().forEach(chain::add);
                each.headers().forEach(chain::add);
                onHeadersAccepted(each, now, out);
                workAll(now, out);
            }
            case ChainEvent.HeadersRejected each -> {
                each.added().forEach(chain::add);
                SyncPeer from = context.find(each.origin());
                if (from != null) {
                    headers.onRejected(from, each, out);
                }
                workAll(now, out);
            }
            case ChainEvent.BlockStored each -> {
                chain.store(each.node());
                relay.onStored(each, now, out);
                receipt.onStored(each, now);
                workAll(now, out);
            }
            case ChainEvent.BlocksPruned each -> each.nodes().forEach(chain::forget);
            case ChainEvent.HistoryMoved each -> {
                chain.moveHistory(each.tip(), each.base());
                workAll(now, out);
            }
            case ChainEvent.BlockConnected each -> onConnected(each, now, out);
            case ChainEvent.BlockDisconnected each -> chain.add(each.node());
            case ChainEvent.TipChanged each -> {
                chain.moveTip(each.newTip(), each.initialBlockDownload());
                if (context.options.headersOnly()) {
                    stalled.onConnected(now);
                } else {
                    relay.onTip(each);
                }
                workAll(now, out);
            }
            case ChainEvent.BlockRejected each -> {
                receipt.onRejected(each, now, out);
                workAll(now, out);
            }
            case ChainEvent.HeaderValidity each -> chain.setValidity(each.node(), each.valid());
            case ChainEvent.BlockFetched each -> server.onFetched(each, now, out);
            case ChainEvent.TxAccepted each -> compact.mempool().add(each.tx());
            case ChainEvent.TxRemoved each -> compact.mempool().remove(each.txid(), each.reason());
            case ChainEvent.TxRejected each -> compact.mempool().addExtra(each.tx());
            case ChainEvent.TxMissingInputs each -> compact.mempool().addExtra(each.tx());
            case ChainEvent.PackageJudged _,
                    ChainEvent.TxTested _,
                    ChainEvent.TxUnrequested _,
                    ChainEvent.MempoolMinFee _ -> {}
        }
    }

    private void onConnected(ChainEvent.BlockConnected each, Now now, Outbox out) {
        chain.store(each.node());
        Block block = each.block();
        if (block == null || chain.initialBlockDownload()) {
            context.recent.keepOne();
        } else {
            context.recent.add(block);
        }
        compact.onConnected(each.node(), receipt.sourceOf(each.node().hash()), out);
        receipt.onConnected(each.node());
        download.onConnected();
        stalled.onConnected(now);
    }

    /// A mempool transaction is on its stem: until it is shown, nobody sees by a compact block that we know
    /// it.
    public void hide(Txid txid) {
        compact.mempool().hide(txid);
    }

    /// A hidden transaction is public.
    public void show(Transaction tx) {
        compact.mempool().add(tx);
    }

    private void onHeadersAccepted(ChainEvent.HeadersAccepted event, Now now, Outbox out) {
        SyncPeer from = context.find(event.origin());
        PendingHeaders pending = from == null ? null : from.pendingHeaders.poll();
        if (from == null || pending == null) {
            return;
        }
        if (!pending.waiting().isEmpty()) {
            headers.onAwaited(from, pending, now, out);
            return;
        }
        if (event.headers().isEmpty()) {
            return;
        }
        HeaderNode last = event.headers().getLast();
        boolean isNew = !event.added().isEmpty() && event.added().getLast().equals(last);
        CmpctBlock block = pending.compact();
        if (block != null) {
            if (compact.onHeader(from, last, isNew, block, now, out)) {
                headers.onAccepted(from, last, isNew, pending, now, out);
                download.direct(from, last, now, out);
            }
        } else {
            headers.onAccepted(from, last, isNew, pending, now, out);
            download.direct(from, last, now, out);
        }
    }

    /// Time passed.
    public void onTick(Now now, Outbox out) {
        long nanos = now.monotonicNanos();
        long since = nanos - allWorkedNanos;
        boolean quiet = nanos < quietUntilNanos && since >= 0 && since < LOOK_NANOS;
        if (changed || !quiet || wasClockSet(now)) {
            workAll(now, out);
        }
    }

    /// Whether somebody set our clock on the wall since all peers were looked at: how old a header is
    /// changed, then.
    private boolean wasClockSet(Now now) {
        return Math.abs(clockMillis(now) - clockMillis) > CLOCK_TOLERANCE_MILLIS;
    }

    private static long clockMillis(Now now) {
        return now.wall().toEpochMilli() - now.monotonicNanos() / 1_000_000L;
    }

    /// The driver's send queue for a peer shrank or grew: while it is long, no more blocks are served to the
    /// peer.
    ///
    /// @param queuedBytes still waiting to leave
    public void onSendQueue(PeerId peer, long queuedBytes, Now now, Outbox out) {
        SyncPeer state = context.find(peer);
        if (state != null) {
            deadlineKnown = false;
            changed |= isServing(peer);
            server.onSendQueue(state, queuedBytes, now, out);
            filters.serve(state, out);
            changed |= isServing(peer);
        }
    }

    /// Whether a peer waits for blocks, so that what leaves its queue lets more follow.
    public boolean isServing(PeerId peer) {
        SyncPeer state = context.find(peer);
        return state != null
                && (state.sendingPaused || state.fetching != null || !state.requests.isEmpty());
    }

    /// From now on block filters are served; only before the first input.
    public void serveFilters(FilterSource source) {
        filters.serveFrom(source);
    }

    /// A peer asks for block filters of the basic type, or for what commits to them. Ignored where none are
    /// served.
    public void onFilterRequest(Peer peer, Message message, Outbox out) {
        SyncPeer state = context.find(peer.id());
        if (state != null) {
            filters.onMessage(state, message, out);
        }
    }

    /// Whether a peer asked for blocks that it has not got yet, so that what it said after waits.
    public boolean mustWait(PeerId peer) {
        SyncPeer state = context.find(peer);
        return state != null && BlockServer.isAwaitedBy(state);
    }

    /// Whether a message that is not handled yet brings what we asked its peer for, or a new header.
    public boolean isWanted(PeerId peer, Message message) {
        SyncPeer state = context.find(peer);
        return state != null && wanted.isWanted(state, message);
    }

    /// The upload target (`-maxuploadtarget`) for old blocks is reached, or no more.
    public void limitHistoricalBlocks(boolean limited) {
        if (server.limitHistorical(limited)) {
            touch();
        }
    }

    /// Asks a peer for a block because the operator wants it (`getblockfrompeer`).
    ///
    /// @return what is wrong, in Core's words; null if the request left
    public @Nullable String fetchBlock(PeerId peer, HeaderNode node, Now now, Outbox out) {
        SyncPeer state = context.find(peer);
        touch();
        return state == null ? "Peer does not exist" : download.fetch(state, node, now, out);
    }

    /// Something happened that may let any peer go on.
    private void touch() {
        changed = true;
        deadlineKnown = false;
    }

    private void workAll(Now now, Outbox out) {
        deadlineKnown = false;
        allWorkedNanos = now.monotonicNanos();
        quietUntilNanos = allWorkedNanos;
        clockMillis = clockMillis(now);
        changed = false;
        for (SyncPeer each : context.all()) {
            work(each, now, out);
        }
    }

    /// Everything that may be due with one peer; cheap when nothing is.
    private void work(SyncPeer each, Now now, Outbox out) {
        lastNanos = now.monotonicNanos();
        if (!chain.isLoaded() || !each.peer.isReady()) {
            return;
        }
        server.serve(each, now, out);
        headers.maybeSendSendHeaders(each, out);
        boolean useful = download.mayDownloadFrom(each);
        headers.maybeStart(each, useful, now, out);
        relay.announce(each, out);
        boolean syncing = each.syncStarted;
        if (download.checkTimeouts(each, now, out) || headers.checkTimeout(each, now, out)) {
            return;
        }
        // Those before this one may take over.
        changed |= syncing && !each.syncStarted;
        stalled.check(each, now, out);
        if (each.peer.isReady()) {
            download.request(each, useful, now, out);
        }
    }

    /// A peer came, went, or is about to go, so what [#nextDeadlineNanos] said may not hold any more.
    public void forgetDeadline() {
        deadlineKnown = false;
    }

    /// When [#onTick] is wanted, on the monotonic clock.
    public OptionalLong nextDeadlineNanos() {
        if (!deadlineKnown) {
            deadlineNanos = earliestDeadline();
            deadlineKnown = quietUntilNanos != Long.MIN_VALUE;
        }
        return deadlineNanos == Long.MAX_VALUE
                ? OptionalLong.empty()
                : OptionalLong.of(deadlineNanos);
    }

    private long earliestDeadline() {
        long earliest = Long.MAX_VALUE;
        quietUntilNanos = Long.MIN_VALUE;
        int preferred = headers.preferred();
        for (SyncPeer each : context.all()) {
            if (chain.isLoaded() && each.peer.isReady()) {
                if (server.hasMore(each)) {
                    return lastNanos;
                }
                earliest = Math.min(earliest, notYetSeen(download.deadline(each)));
                earliest = Math.min(earliest, notYetSeen(headers.deadline(each, preferred)));
                earliest = Math.min(earliest, notYetSeen(stalled.deadline(each)));
            }
        }
        quietUntilNanos = earliest;
        return earliest;
    }

    /// A deadline at which all peers were looked at already came to nothing; naming it again would spin.
    private long notYetSeen(long deadline) {
        return deadline > allWorkedNanos ? deadline : Long.MAX_VALUE;
    }

    /// Whether there is no snapshot below which blocks are missing.
    public boolean hasHistory() {
        return chain.historyBase() == null;
    }

    /// Height of our tip, as our `version` says it; 0 until the chain is loaded.
    public int tipHeight() {
        return chain.isLoaded() ? chain.height() : 0;
    }

    /// Time of our tip in seconds since 1970; 0 until the chain is loaded.
    public long tipTime() {
        return chain.isLoaded() ? chain.tip().time() : 0;
    }

    /// Whether we are still catching up.
    public boolean initialBlockDownload() {
        return chain.initialBlockDownload();
    }

    /// Whether our tip is at most twenty block intervals old.
    public boolean isNearlySynced(Now now) {
        return chain.isLoaded() && context.isRecent(chain.tip(), now);
    }

    /// Whether no block came for three intervals though none is under way: one more outbound peer may help.
    public boolean isTipStale(Now now) {
        return stalled.isTipStale(now);
    }

    /// When the tip moved last, on the monotonic clock; before it did, when it should have begun, or empty.
    public OptionalLong tipMovedNanos() {
        return stalled.tipMovedNanos();
    }

    /// What is known of a peer.
    public BlockSyncStats stats(PeerId peer) {
        SyncPeer state = context.find(peer);
        return state == null ? BlockSyncStats.UNKNOWN : Stats.of(state);
    }

    /// Makes the record from the state.
    private static final class Stats {
        static BlockSyncStats of(SyncPeer state) {
            var version = state.peer.version();
            HeaderNode known = state.bestKnown;
            HeaderNode common = state.lastCommon;
            HeadersSyncState lowWork = state.lowWork;
            return new BlockSyncStats(
                    version == null ? -1 : version.startHeight(),
                    lowWork == null ? -1 : (int) lowWork.presyncHeight(),
                    known == null ? -1 : known.height(),
                    common == null ? -1 : common.height(),
                    state.inFlight.values().stream().map(each -> each.node.height()).toList(),
                    state.sendsCompactUnasked,
                    state.wantsCompactUnasked,
                    state.lastBlockSeconds,
                    state.lastAnnouncementSeconds,
                    state.protectedFromEviction);
        }
    }
}
