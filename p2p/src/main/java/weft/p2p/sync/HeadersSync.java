package weft.p2p.sync;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import weft.chain.api.BlockFailure;
import weft.chain.api.ChainCommand;
import weft.chain.api.ChainEvent;
import weft.chain.api.HeaderNode;
import weft.p2p.ConnectionType;
import weft.p2p.Outbox;
import weft.p2p.PeerFault;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;
import weft.primitives.Now;
import weft.primitives.log.LogCategory;
import weft.wire.BlockLocator;
import weft.wire.GetHeaders;
import weft.wire.Headers;
import weft.wire.InvItem;

/// Learns headers from peers, and from them which blocks each peer has.
///
/// - Until our best header is a day old at most, only one peer is asked for headers, and one more for each
///   new
///   block that somebody announces. *Rationale:* the same headers need not come many times; one slow peer
///   must not
///   hold us up for ever.
/// - Only one `getheaders` is under way to a peer, for at most two minutes.
/// - Headers that do not connect make us ask for what lies between.
/// - A branch with less work than ours of a day ago is not kept ([HeadersSyncState]).
final class HeadersSync {
    /// How long an answer to `getheaders` may take before we ask again.
    static final long RESPONSE_NANOS = 120_000_000_000L;

    private static final long TIMEOUT_BASE_NANOS = 15 * 60_000_000_000L;
    private static final long TIMEOUT_PER_HEADER_NANOS = 1_000_000;
    private static final long DAY_SECONDS = 86_400;
    private static final int PROTECTED_MAX = 4;

    /// Messages of headers from one peer that may wait for others. *Rationale:* honest peers send one and
    /// wait for our answer.
    private static final int UNDER_WAY_MAX = 16;

    private static final int SENDHEADERS_VERSION_MIN = 70_012;

    private final SyncContext context;
    private final ChainIndex chain;
    private int started;
    private int protectedPeers;
    private @Nullable BlockHash lastInvThatStarted;

    HeadersSync(SyncContext context) {
        this.context = context;
        this.chain = context.chain;
    }

    void onGone(SyncPeer from) {
        if (from.syncStarted) {
            started--;
        }
        if (from.protectedFromEviction) {
            protectedPeers--;
        }
    }

    /// @throws PeerFault if the headers break a rule that needs no chain
    void onHeaders(SyncPeer from, Headers message, Now now, Outbox out) {
        List<BlockHeader> headers = message.headers();
        if (headers.size() > Headers.MAX_HEADERS) {
            throw PeerFault.oversized("headers message size = " + headers.size());
        }
        if (headers.isEmpty()) {
            from.lowWork = null;
            from.getHeadersNanos = null;
            return;
        }
        checkWorkAndOrder(headers);
        boolean full = headers.size() == Headers.MAX_HEADERS;
        List<BlockHeader> batch = headers;
        boolean workProven = false;
        if (from.lowWork != null) {
            HeadersSyncState.Result result = continueLowWork(from, headers, now, out);
            workProven = result.success();
            if (workProven) {
                batch = result.headers();
            }
        }
        if (!batch.isEmpty()) {
            take(from, batch, full, workProven, now, out);
        }
    }

    private void checkWorkAndOrder(List<BlockHeader> headers) {
        var hashes = new ArrayList<BlockHash>(headers.size());
        for (BlockHeader header : headers) {
            BlockHash hash = header.hash();
            hashes.add(hash);
            if (!context.rules.hasValidWork(header, hash)) {
                throw new PeerFault("header with invalid proof of work");
            }
        }
        for (int i = 1; i < headers.size(); i++) {
            if (!headers.get(i).parent().equals(hashes.get(i - 1))) {
                throw new PeerFault("non-continuous headers sequence");
            }
        }
    }

    private void take(
            SyncPeer from,
            List<BlockHeader> batch,
            boolean full,
            boolean workProven,
            Now now,
            Outbox out) {
        boolean lowWorkGoesOn = from.lowWork != null;
        HeaderNode start = chain.find(batch.getFirst().parent());
        BlockHash lastHash = batch.getLast().hash();
        if (start == null && connectsToTail(from, batch)) {
            submit(from, batch, PendingHeaders.of(full, full && !lowWorkGoesOn), out);
            return;
        }
        if (start == null && mayBeUnderWay(from)) {
            await(from, batch, full, out);
            return;
        }
        if (start == null) {
            onUnconnecting(from, batch, lastHash, now, out);
            return;
        }
        from.getHeadersNanos = null;
        HeaderNode last = chain.find(lastHash);
        boolean trusted =
                workProven || from.isNoBan() || (last != null && chain.isAncestorOfBestOrTip(last));
        if (!trusted && startsLowWork(from, start, batch, now, out)) {
            return;
        }
        from.headersTail = new HeadersTail(start.hash(), start.chainWork());
        submit(from, batch, PendingHeaders.of(full, full && !lowWorkGoesOn), out);
    }

    /// Whether headers go on where those end that the chain engine has not judged yet, with enough work: what
    /// the peer sends next, such as their blocks, must find them there.
    private boolean connectsToTail(SyncPeer from, List<BlockHeader> batch) {
        HeadersTail tail = from.headersTail;
        return tail != null
                && tail.hash().equals(batch.getFirst().parent())
                && context.workOf(batch).add(tail.work()).compareTo(context.antiDosWork()) >= 0;
    }

    private void submit(
            SyncPeer from, List<BlockHeader> batch, PendingHeaders pending, Outbox out) {
        HeadersTail tail = from.headersTail;
        if (tail != null) {
            from.headersTail =
                    new HeadersTail(batch.getLast().hash(), tail.work().add(context.workOf(batch)));
        }
        from.pendingHeaders.add(pending);
        out.chain(new ChainCommand.SubmitHeaders(SyncContext.origin(from), batch, true));
    }

    /// Whether the header that some connect to may be in what the chain engine was given before and has not
    /// answered yet.
    private static boolean mayBeUnderWay(SyncPeer from) {
        return from.blocksUnderWay
                || (from.pendingHeaders.size() <= UNDER_WAY_MAX
                        && from.pendingHeaders.stream().anyMatch(each -> each.waiting().isEmpty()));
    }

    /// The blocks and headers that came before may bring the header that these connect to: the chain engine
    /// answers in order, so it is asked about nothing.
    private static void await(SyncPeer from, List<BlockHeader> batch, boolean full, Outbox out) {
        from.blocksUnderWay = false;
        from.pendingHeaders.add(PendingHeaders.waiting(batch, full));
        out.chain(new ChainCommand.SubmitHeaders(SyncContext.origin(from), List.of(), true));
    }

    /// The chain engine has done what it was given before some headers came.
    void onAwaited(SyncPeer from, PendingHeaders pending, Now now, Outbox out) {
        take(from, pending.waiting(), pending.full(), false, now, out);
    }

    private void onUnconnecting(
            SyncPeer from, List<BlockHeader> batch, BlockHash lastHash, Now now, Outbox out) {
        HeaderNode best = chain.best();
        if (sendGetHeaders(from, ChainIndex.locator(best), now, out)) {
            BlockHeader first = batch.getFirst();
            context.log.debug(
                    LogCategory.NET,
                    () ->
                            "received header "
                                    + first.hash()
                                    + ": missing prev block "
                                    + first.parent()
                                    + ", sending getheaders ("
                                    + best.height()
                                    + ") to end (peer="
                                    + from.id()
                                    + ")");
        }
        noteAvailable(from, lastHash);
    }

    /// Whether the branch has too little work, so that it is walked without being kept, or ignored.
    private boolean startsLowWork(
            SyncPeer from, HeaderNode start, List<BlockHeader> batch, Now now, Outbox out) {
        BigInteger total = start.chainWork().add(context.workOf(batch));
        BigInteger wanted = context.antiDosWork();
        if (total.compareTo(wanted) >= 0) {
            return false;
        }
        if (batch.size() == Headers.MAX_HEADERS) {
            from.lowWork = new HeadersSyncState(from.id(), context, start, wanted, now);
            continueLowWork(from, batch, now, out);
        } else {
            context.log.debug(
                    LogCategory.NET,
                    () ->
                            "Ignoring low-work chain (height="
                                    + (start.height() + batch.size())
                                    + ") from peer="
                                    + from.id());
        }
        return true;
    }

    private HeadersSyncState.Result continueLowWork(
            SyncPeer from, List<BlockHeader> headers, Now now, Outbox out) {
        HeadersSyncState state = from.lowWork;
        if (state == null) {
            return HeadersSyncState.Result.FAILED;
        }
        HeadersSyncState.Result result =
                state.process(headers, headers.size() == Headers.MAX_HEADERS);
        if (result.success()) {
            from.getHeadersNanos = null;
        }
        if (result.requestMore()) {
            List<BlockHash> locator = state.locator();
            sendGetHeaders(from, locator, now, out);
            context.log.debug(
                    LogCategory.NET,
                    () -> "more getheaders (from " + locator.getFirst() + ") to peer=" + from.id());
        } else {
            from.lowWork = null;
        }
        return result;
    }

    /// The chain engine took headers of this peer.
    void onAccepted(
            SyncPeer from,
            HeaderNode last,
            boolean isNew,
            PendingHeaders pending,
            Now now,
            Outbox out) {
        if (pending.askMore() && sendGetHeaders(from, ChainIndex.locator(last), now, out)) {
            context.log.debug(
                    LogCategory.NET,
                    () ->
                            "more getheaders ("
                                    + last.height()
                                    + ") to end to peer="
                                    + from.id()
                                    + " (startheight:"
                                    + startHeight(from)
                                    + ")");
        }
        noteAvailable(from, last.hash());
        noteAnnouncement(from, last, isNew, now);
        HeaderNode known = from.bestKnown;
        if (known == null) {
            return;
        }
        if (chain.initialBlockDownload()
                && !pending.full()
                && known.chainWork().compareTo(context.rules.minimumChainWork()) < 0
                && isEvictable(from)) {
            context.log.info(
                    "Disconnecting outbound peer "
                            + from.id()
                            + " -- headers chain has insufficient work");
            context.disconnect(from, "headers chain has insufficient work", out);
            return;
        }
        if (from.peer.type() == ConnectionType.OUTBOUND_FULL_RELAY
                && !from.protectedFromEviction
                && protectedPeers < PROTECTED_MAX
                && known.chainWork().compareTo(chain.tip().chainWork()) >= 0) {
            context.log.debug(
                    LogCategory.NET,
                    () -> "Protecting outbound peer=" + from.id() + " from eviction");
            from.protectedFromEviction = true;
            protectedPeers++;
        }
    }

    void noteAnnouncement(SyncPeer from, HeaderNode last, boolean isNew, Now now) {
        if (isNew && last.chainWork().compareTo(chain.tip().chainWork()) > 0) {
            from.lastAnnouncementSeconds = now.unixSeconds();
        }
    }

    static boolean isEvictable(SyncPeer from) {
        return from.peer.type() == ConnectionType.OUTBOUND_FULL_RELAY
                || from.peer.type() == ConnectionType.BLOCK_RELAY_ONLY;
    }

    void onRejected(SyncPeer from, ChainEvent.HeadersRejected event, Outbox out) {
        PendingHeaders pending = from.pendingHeaders.poll();
        from.headersTail = null;
        boolean viaCompact = pending != null && pending.viaCompact();
        if (!viaCompact && event.failure().kind() == BlockFailure.Kind.MISSING_PREV) {
            // They went on from headers that were not accepted, and whose failure was dealt with.
            return;
        }
        String message = viaCompact ? "invalid header via cmpctblock" : "invalid header received";
        Verdicts.punish(context, from, event.failure(), viaCompact, message, out);
    }

    /// Blocks announced by `inv`: the last one should be the highest.
    void onInv(SyncPeer from, List<InvItem> blocks, Now now, Outbox out) {
        BlockHash wanted = null;
        for (InvItem item : blocks) {
            BlockHash hash = item.blockHash();
            boolean known = chain.find(hash) != null;
            context.log.debug(
                    LogCategory.NET,
                    () ->
                            "got inv: "
                                    + item
                                    + "  "
                                    + (known ? "have" : "new")
                                    + " peer="
                                    + from.id());
            noteAvailable(from, hash);
            if (!known && !context.inFlight.contains(hash)) {
                wanted = hash;
            }
        }
        if (wanted == null) {
            return;
        }
        BlockHash hash = wanted;
        if (!from.syncStarted && (from.askedForInvBeforeSync || hash.equals(lastInvThatStarted))) {
            return;
        }
        HeaderNode best = chain.best();
        if (sendGetHeaders(from, ChainIndex.locator(best), now, out)) {
            context.log.debug(
                    LogCategory.NET,
                    () -> "getheaders (" + best.height() + ") " + hash + " to peer=" + from.id());
        }
        if (!from.syncStarted) {
            from.askedForInvBeforeSync = true;
            lastInvThatStarted = hash;
        }
    }

    /// Starts asking a peer for headers if it is its turn.
    ///
    /// @param useful blocks would be downloaded from it
    void maybeStart(SyncPeer each, boolean useful, Now now, Outbox out) {
        if (each.syncStarted || !SyncContext.servesBlocks(each)) {
            return;
        }
        HeaderNode best = chain.best();
        long ageSeconds = now.unixSeconds() - best.time();
        if (!(started == 0 && useful) && ageSeconds >= DAY_SECONDS) {
            return;
        }
        HeaderNode before = best.parent();
        HeaderNode start = before == null ? best : before;
        if (sendGetHeaders(each, ChainIndex.locator(start), now, out)) {
            context.log.debug(
                    LogCategory.NET,
                    () ->
                            "initial getheaders ("
                                    + start.height()
                                    + ") to peer="
                                    + each.id()
                                    + " (startheight:"
                                    + startHeight(each)
                                    + ")");
            each.syncStarted = true;
            each.headersTimeoutNanos =
                    now.monotonicNanos()
                            + TIMEOUT_BASE_NANOS
                            + TIMEOUT_PER_HEADER_NANOS
                                    * (ageSeconds / context.rules.targetSpacingSeconds());
            started++;
        }
    }

    /// Whether the peer was dropped because it let us wait for the first headers.
    boolean checkTimeout(SyncPeer each, Now now, Outbox out) {
        Long timeout = each.headersTimeoutNanos;
        if (!each.syncStarted || timeout == null) {
            return false;
        }
        if (now.unixSeconds() - chain.best().time() < DAY_SECONDS) {
            each.headersTimeoutNanos = null;
            return false;
        }
        if (now.monotonicNanos() <= timeout || started != 1 || !otherPreferred(each)) {
            return false;
        }
        if (each.isNoBan()) {
            context.log.info(
                    "Timeout downloading headers from noban peer="
                            + each.id()
                            + ", not disconnecting");
            each.syncStarted = false;
            started--;
            each.headersTimeoutNanos = null;
            return false;
        }
        context.log.info("Timeout downloading headers from peer=" + each.id() + ", disconnecting");
        context.disconnect(each, "timeout downloading headers", out);
        return true;
    }

    private boolean otherPreferred(SyncPeer each) {
        for (SyncPeer other : context.all()) {
            if (other != each && other.preferred) {
                return true;
            }
        }
        return false;
    }

    /// How many peers are preferred for headers.
    int preferred() {
        int count = 0;
        for (SyncPeer each : context.all()) {
            count += each.preferred ? 1 : 0;
        }
        return count;
    }

    /// @param preferred what [#preferred] says, asked once for all peers
    long deadline(SyncPeer each, int preferred) {
        long earliest = Long.MAX_VALUE;
        Long timeout = each.headersTimeoutNanos;
        boolean hasOther = preferred > (each.preferred ? 1 : 0);
        if (timeout != null && started == 1 && hasOther) {
            earliest = timeout + 1;
        }
        Long asked = each.getHeadersNanos;
        if (asked != null && !each.syncStarted) {
            earliest = Math.min(earliest, asked + RESPONSE_NANOS + 1);
        }
        return earliest;
    }

    /// Asks for headers unless an answer is still awaited.
    boolean sendGetHeaders(SyncPeer to, List<BlockHash> locator, Now now, Outbox out) {
        Long asked = to.getHeadersNanos;
        if (asked != null && now.monotonicNanos() - asked <= RESPONSE_NANOS) {
            return false;
        }
        out.send(to.id(), new GetHeaders(BlockLocator.of(locator), BlockHash.ZERO));
        to.getHeadersNanos = now.monotonicNanos();
        return true;
    }

    /// Asks for headers announcements (BIP-0130) once initial headers are over with this peer.
    void maybeSendSendHeaders(SyncPeer each, Outbox out) {
        HeaderNode known = each.bestKnown;
        if (!each.sentSendHeaders
                && each.peer.commonVersion() >= SENDHEADERS_VERSION_MIN
                && known != null
                && known.chainWork().compareTo(context.rules.minimumChainWork()) > 0) {
            out.send(each.id(), new weft.wire.SendHeaders());
            each.sentSendHeaders = true;
        }
    }

    /// Notes that a peer has a block.
    void noteAvailable(SyncPeer from, BlockHash hash) {
        resolveUnknown(context, from);
        HeaderNode node = chain.find(hash);
        if (node == null) {
            from.lastUnknown = hash;
        } else {
            improve(from, node);
        }
    }

    /// Sees whether the last unknown block that a peer announced is known by now.
    static void resolveUnknown(SyncContext context, SyncPeer from) {
        BlockHash unknown = from.lastUnknown;
        HeaderNode node = unknown == null ? null : context.chain.find(unknown);
        if (node != null) {
            improve(from, node);
            from.lastUnknown = null;
        }
    }

    private static void improve(SyncPeer from, HeaderNode node) {
        HeaderNode known = from.bestKnown;
        if (known == null || node.chainWork().compareTo(known.chainWork()) >= 0) {
            from.bestKnown = node;
        }
    }

    private static int startHeight(SyncPeer from) {
        var version = from.peer.version();
        return version == null ? -1 : version.startHeight();
    }
}
