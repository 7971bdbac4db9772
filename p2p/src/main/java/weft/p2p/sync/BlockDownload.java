package weft.p2p.sync;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import weft.chain.api.HeaderNode;
import weft.p2p.ConnectionType;
import weft.p2p.Outbox;
import weft.primitives.Now;
import weft.primitives.log.LogCategory;
import weft.wire.GetData;
import weft.wire.InvItem;
import weft.wire.InvType;

/// Decides which blocks to ask of which peer.
///
/// - At most 16 blocks are under way from one peer, and none more than 1024 above the last block that we
///   share with
///   it. *Rationale:* blocks are stored in about the right order, and one peer cannot hold up the others for
///   long.
/// - The peer that alone keeps the window from moving has two seconds; each time one is dropped for it the
///   next has
///   twice as long, up to 64, and connected blocks bring that down again.
/// - A block must come within one block interval and half of one for each other peer that we download from.
/// - Peers that keep only recent blocks are not asked for older ones.
/// - Close to the tip, the blocks of new headers are asked for at once from who sent the headers; of an
///   outbound peer
///   even if inbound peers were asked already. *Rationale:* whoever dials us can be first, and keep the
///   block.
final class BlockDownload {
    static final int WINDOW = 1024;
    static final int IN_FLIGHT_MAX = 16;
    private static final int LIMITED_BLOCKS = 288;
    private static final int LIMITED_BUFFER = 2;
    private static final long SECOND_NANOS = 1_000_000_000L;
    private static final long STALLING_MIN_SECONDS = 2;
    private static final long STALLING_MAX_SECONDS = 64;
    private static final double STALLING_DECAY = 0.85;

    private final SyncContext context;
    private final ChainIndex chain;
    private long stallingSeconds = STALLING_MIN_SECONDS;

    /// What one search found.
    private static final class Found {
        final List<HeaderNode> blocks = new ArrayList<>();
        @Nullable SyncPeer waitingFor;
        @Nullable SyncPeer staller;
    }

    BlockDownload(SyncContext context) {
        this.context = context;
        this.chain = context.chain;
    }

    /// Whether blocks and first headers may come from a peer: outbound peers first, others if there is need.
    boolean mayDownloadFrom(SyncPeer each) {
        if (each.preferred) {
            return true;
        }
        if (!SyncContext.servesBlocks(each) || each.peer.type() == ConnectionType.ADDR_FETCH) {
            return false;
        }
        return context.inFlight.isEmpty()
                || context.all().stream().noneMatch(other -> other.preferred);
    }

    /// Asks a peer for as many blocks as it may send us.
    void request(SyncPeer each, boolean useful, Now now, Outbox out) {
        boolean allowed =
                !context.options.headersOnly()
                        && SyncContext.servesBlocks(each)
                        && ((useful && !SyncContext.isLimited(each))
                                || !chain.initialBlockDownload());
        if (!allowed || each.inFlight.size() >= IN_FLIGHT_MAX) {
            return;
        }
        var found = new Found();
        int most = IN_FLIGHT_MAX - each.inFlight.size();
        search(each, most, found);
        searchHistory(each, most, found);
        var items = new ArrayList<InvItem>();
        for (HeaderNode node : found.blocks) {
            items.add(SyncContext.wanted(each, node.hash()));
            context.inFlight.add(each, node, now.monotonicNanos());
            context.log.debug(
                    LogCategory.NET,
                    () ->
                            "Requesting block "
                                    + node.hash()
                                    + " ("
                                    + node.height()
                                    + ") peer="
                                    + each.id());
        }
        SyncPeer staller = found.staller;
        if (each.inFlight.isEmpty() && staller != null && staller.stallingNanos == null) {
            staller.stallingNanos = now.monotonicNanos();
            context.log.debug(LogCategory.NET, () -> "Stall started peer=" + staller.id());
        }
        if (!items.isEmpty()) {
            out.send(each.id(), new GetData(items));
        }
    }

    private void search(SyncPeer each, int count, Found found) {
        HeadersSync.resolveUnknown(context, each);
        HeaderNode known = each.bestKnown;
        if (known == null
                || known.equals(each.lastCommon)
                || known.compareWork(chain.tip()) < 0
                || known.chainWork().compareTo(context.rules.minimumChainWork()) < 0) {
            return;
        }
        HeaderNode common = each.lastCommon;
        if (common == null) {
            common = chain.at(Math.min(known.height(), chain.height()));
        }
        common = HeaderNode.fork(common == null ? chain.tip() : common, known);
        each.lastCommon = common;
        if (!common.equals(known)) {
            walk(each, known, common, count, found);
        }
    }

    /// Walks from the last common block towards the peer's best one.
    private void walk(SyncPeer each, HeaderNode known, HeaderNode common, int count, Found found) {
        int windowEnd = common.height() + WINDOW;
        int end = Math.min(known.height(), windowEnd + 1);
        boolean limited = SyncContext.isLimited(each);
        boolean unbroken = true;
        HeaderNode at = common;
        while (at.height() < end) {
            for (HeaderNode node :
                    nextOf(at, known, Math.min(end, at.height() + Math.max(count, 128)))) {
                at = node;
                boolean lacksWitness =
                        !SyncContext.servesWitnesses(each)
                                && context.rules.isSegwitActive(node.height());
                if (lacksWitness || chain.isInvalid(node)) {
                    return;
                }
                if (chain.isStored(node) || chain.contains(node)) {
                    if (unbroken) {
                        each.lastCommon = node;
                    }
                    continue;
                }
                unbroken = false;
                if (context.submitted.contains(node.hash())) {
                    continue;
                }
                List<BlockRequest> requests = context.inFlight.of(node.hash());
                if (!requests.isEmpty()) {
                    if (found.waitingFor == null) {
                        found.waitingFor = requests.getFirst().from;
                    }
                    continue;
                }
                if (node.height() > windowEnd) {
                    if (found.blocks.isEmpty() && found.waitingFor != each) {
                        found.staller = found.waitingFor;
                    }
                    return;
                }
                if (limited && known.height() - node.height() >= LIMITED_BLOCKS - LIMITED_BUFFER) {
                    continue;
                }
                found.blocks.add(node);
                if (found.blocks.size() == count) {
                    return;
                }
            }
        }
    }

    /// Looks for blocks below a snapshot too, which nobody waits for.
    private void searchHistory(SyncPeer each, int count, Found found) {
        HeaderNode base = chain.historyBase();
        HeaderNode from = chain.historyTip();
        HeaderNode known = each.bestKnown;
        if (base == null
                || from == null
                || known == null
                || SyncContext.isLimited(each)
                || !known.hasAncestor(base)) {
            return;
        }
        HeaderNode at = HeaderNode.fork(from, base);
        int end = Math.min(base.height(), at.height() + WINDOW);
        while (at.height() < end && found.blocks.size() < count) {
            for (HeaderNode node : nextOf(at, base, Math.min(end, at.height() + 128))) {
                at = node;
                boolean lacksWitness =
                        !SyncContext.servesWitnesses(each)
                                && context.rules.isSegwitActive(node.height());
                if (lacksWitness || found.blocks.size() == count) {
                    return;
                }
                if (!chain.isStored(node)
                        && !context.submitted.contains(node.hash())
                        && context.inFlight.of(node.hash()).isEmpty()) {
                    found.blocks.add(node);
                }
            }
        }
    }

    /// The headers after one of them up to a height, on the branch of `towards`.
    private static List<HeaderNode> nextOf(HeaderNode from, HeaderNode towards, int height) {
        var nodes = new ArrayList<HeaderNode>(height - from.height());
        HeaderNode node = towards.ancestor(height);
        while (node != null && node.height() > from.height()) {
            nodes.add(node);
            node = node.parent();
        }
        return nodes.reversed();
    }

    /// Close to the tip: asks the peer that sent a header for all that leads to it, at once.
    void direct(SyncPeer from, HeaderNode last, Now now, Outbox out) {
        if (context.options.headersOnly()
                || !from.peer.isReady()
                || !context.isRecent(chain.tip(), now)
                || chain.isInvalid(last)
                || chain.tip().compareWork(last) > 0) {
            return;
        }
        var wanted = new ArrayList<HeaderNode>();
        HeaderNode walk = last;
        while (walk != null && !chain.contains(walk) && wanted.size() <= IN_FLIGHT_MAX) {
            boolean mayAsk =
                    walk.equals(last)
                            ? context.inFlight.mayAskToo(walk.hash(), from)
                            : !context.inFlight.contains(walk.hash());
            if (!chain.isStored(walk)
                    && mayAsk
                    && !context.submitted.contains(walk.hash())
                    && (SyncContext.servesWitnesses(from)
                            || !context.rules.isSegwitActive(walk.height()))) {
                wanted.add(walk);
            }
            walk = walk.parent();
        }
        if (walk == null || !chain.contains(walk)) {
            context.log.debug(
                    LogCategory.NET,
                    () ->
                            "Large reorg, won't direct fetch to "
                                    + last.hash()
                                    + " ("
                                    + last.height()
                                    + ")");
            return;
        }
        var items = new ArrayList<InvItem>();
        for (HeaderNode node : wanted.reversed()) {
            if (from.inFlight.size() >= IN_FLIGHT_MAX) {
                break;
            }
            items.add(SyncContext.wanted(from, node.hash()));
            context.inFlight.add(from, node, now.monotonicNanos());
            context.log.debug(
                    LogCategory.NET,
                    () -> "Requesting block " + node.hash() + " from  peer=" + from.id());
        }
        if (items.size() > 1) {
            context.log.debug(
                    LogCategory.NET,
                    () ->
                            "Downloading blocks toward "
                                    + last.hash()
                                    + " ("
                                    + last.height()
                                    + ") via headers direct fetch");
        }
        if (items.isEmpty()) {
            return;
        }
        HeaderNode before = last.parent();
        if (items.size() == 1
                && !context.options.blocksOnly()
                && from.providesCompact
                && context.inFlight.size() == context.inFlight.of(last.hash()).size()
                && before != null
                && chain.isStored(before)) {
            items.set(0, InvItem.of(InvType.CMPCT_BLOCK, items.getFirst().hash()));
        }
        out.send(from.id(), new GetData(items));
    }

    /// Asks a peer for one block by the operator's word.
    ///
    /// @return what is wrong; null if the request left
    @Nullable String fetch(SyncPeer from, HeaderNode node, Now now, Outbox out) {
        if (!SyncContext.servesWitnesses(from)) {
            return "Pre-SegWit peer";
        }
        context.inFlight.removeAll(node.hash(), now.monotonicNanos());
        context.inFlight.add(from, node, now.monotonicNanos());
        out.send(from.id(), GetData.of(InvItem.of(InvType.WITNESS_BLOCK, node.hash())));
        context.log.debug(
                LogCategory.NET,
                () -> "Requesting block " + node.hash() + " from peer=" + from.id());
        return null;
    }

    /// A block joined the active chain: our bandwidth suffices, so stallers get less time again.
    void onConnected() {
        if (stallingSeconds != STALLING_MIN_SECONDS) {
            stallingSeconds =
                    Math.max((long) (stallingSeconds * STALLING_DECAY), STALLING_MIN_SECONDS);
            context.log.debug(
                    LogCategory.NET,
                    () -> "Decreased stalling timeout to " + stallingSeconds + " seconds");
        }
    }

    /// Whether the peer was dropped because blocks do not come.
    boolean checkTimeouts(SyncPeer each, Now now, Outbox out) {
        Long stalling = each.stallingNanos;
        if (stalling != null && now.monotonicNanos() - stalling > stallingSeconds * SECOND_NANOS) {
            context.log.info("Peer=" + each.id() + " is stalling block download, disconnecting");
            context.disconnect(each, "stalling block download", out);
            if (stallingSeconds < STALLING_MAX_SECONDS) {
                stallingSeconds = Math.min(2 * stallingSeconds, STALLING_MAX_SECONDS);
                context.log.debug(
                        LogCategory.NET,
                        () ->
                                "Increased stalling timeout temporarily to "
                                        + stallingSeconds
                                        + " seconds");
            }
            return true;
        }
        if (!each.inFlight.isEmpty() && now.monotonicNanos() > downloadDeadline(each)) {
            HeaderNode first = each.inFlight.values().iterator().next().node;
            context.log.info(
                    "Timeout downloading block "
                            + first.hash()
                            + " from peer="
                            + each.id()
                            + ", disconnecting");
            context.disconnect(each, "timeout downloading block", out);
            return true;
        }
        return false;
    }

    private long downloadDeadline(SyncPeer each) {
        int others = context.inFlight.peersDownloadingFrom() - 1;
        long intervalNanos = context.rules.targetSpacingSeconds() * SECOND_NANOS;
        return each.downloadingNanos + intervalNanos + intervalNanos / 2 * others;
    }

    long deadline(SyncPeer each) {
        long earliest = each.inFlight.isEmpty() ? Long.MAX_VALUE : downloadDeadline(each) + 1;
        Long stalling = each.stallingNanos;
        return stalling == null
                ? earliest
                : Math.min(earliest, stalling + stallingSeconds * SECOND_NANOS + 1);
    }
}
