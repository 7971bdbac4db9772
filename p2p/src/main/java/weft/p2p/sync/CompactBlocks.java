package weft.p2p.sync;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import weft.chain.api.ChainCommand;
import weft.chain.api.HeaderNode;
import weft.p2p.Outbox;
import weft.p2p.PeerFault;
import weft.primitives.Block;
import weft.primitives.BlockHash;
import weft.primitives.Now;
import weft.primitives.log.LogCategory;
import weft.wire.BlockTxn;
import weft.wire.CmpctBlock;
import weft.wire.GetBlockTxn;
import weft.wire.GetData;
import weft.wire.SendCmpct;

/// Receives compact blocks. See BIP-0152.
///
/// - The three peers that last gave us a new tip first are asked to send blocks compact and unasked; one of
///   them is
///   outbound if any can be.
/// - A block is put together from the mempool and lately seen transactions; the rest is asked for with
///   `getblocktxn`, of up to three peers at once.
/// - Far from the tip a compact block is no more than a header.
/// - An invalid block is not held against its sender: compact blocks may be sent on before they are
///   validated.
final class CompactBlocks {
    private static final int PROTOCOL_VERSION_MIN = 70_014;
    private static final int HIGH_BANDWIDTH_MAX = 3;
    private static final int HEIGHT_AHEAD_MAX = 2;

    private final SyncContext context;
    private final ChainIndex chain;
    private final BlocksInFlight inFlight;
    private final HeadersSync headers;
    private final BlockReceipt receipt;
    private final MempoolMirror mempool;
    private final ArrayDeque<SyncPeer> highBandwidth = new ArrayDeque<>();

    CompactBlocks(SyncContext context, HeadersSync headers, BlockReceipt receipt) {
        this.context = context;
        this.chain = context.chain;
        this.inFlight = context.inFlight;
        this.headers = headers;
        this.receipt = receipt;
        this.mempool = new MempoolMirror(context.options.extraTransactions());
    }

    MempoolMirror mempool() {
        return mempool;
    }

    void onReady(SyncPeer each, Outbox out) {
        if (each.peer.commonVersion() >= PROTOCOL_VERSION_MIN) {
            out.send(each.id(), new SendCmpct(false, SendCmpct.VERSION));
        }
    }

    void onGone(SyncPeer each) {
        highBandwidth.remove(each);
    }

    void onSendCmpct(SyncPeer from, SendCmpct message) {
        if (message.version() == SendCmpct.VERSION) {
            from.providesCompact = true;
            from.wantsCompactUnasked = message.highBandwidth();
        }
    }

    void onCmpctBlock(SyncPeer from, CmpctBlock message, Now now, Outbox out) {
        HeaderNode before = chain.find(message.header().parent());
        if (before == null) {
            if (!chain.initialBlockDownload()) {
                headers.sendGetHeaders(from, ChainIndex.locator(chain.best()), now, out);
            }
            return;
        }
        if (before.chainWork()
                        .add(context.rules.work(message.header()))
                        .compareTo(context.antiDosWork())
                < 0) {
            context.log.debug(
                    LogCategory.NET,
                    () -> "Ignoring low-work compact block from peer " + from.id());
            return;
        }
        from.pendingHeaders.add(PendingHeaders.of(message));
        out.chain(
                new ChainCommand.SubmitHeaders(
                        SyncContext.origin(from), List.of(message.header()), true));
    }

    /// The header of a compact block is accepted.
    ///
    /// @return whether to go on as if it had come as a plain header
    boolean onHeader(
            SyncPeer from,
            HeaderNode node,
            boolean isNew,
            CmpctBlock message,
            Now now,
            Outbox out) {
        BlockHash hash = node.hash();
        if (isNew) {
            context.log.info("Saw new cmpctblock header hash=" + hash + " peer=" + from.id());
        }
        headers.noteAvailable(from, hash);
        headers.noteAnnouncement(from, node, isNew, now);
        if (chain.isStored(node) || context.submitted.contains(hash)) {
            return false;
        }
        boolean asked = inFlight.of(hash, from) != null;
        if (node.chainWork().compareTo(chain.tip().chainWork()) <= 0) {
            if (asked) {
                requestWhole(from, hash, out);
            }
            return false;
        }
        if (!inFlight.contains(hash) && !context.isRecent(chain.tip(), now)) {
            return false;
        }
        if (node.height() <= chain.height() + HEIGHT_AHEAD_MAX) {
            int parallel = inFlight.of(hash).size();
            boolean room =
                    parallel < BlocksInFlight.PARALLEL_MAX
                            && from.inFlight.size() < BlockDownload.IN_FLIGHT_MAX;
            if (room || asked) {
                start(from, node, message, now, out);
            } else {
                tryAnyway(from, message, out);
            }
            return false;
        }
        if (asked) {
            requestWhole(from, hash, out);
            return false;
        }
        return true;
    }

    private void requestWhole(SyncPeer from, BlockHash hash, Outbox out) {
        out.send(from.id(), GetData.of(SyncContext.wanted(from, hash)));
    }

    private void start(SyncPeer from, HeaderNode node, CmpctBlock message, Now now, Outbox out) {
        BlockHash hash = node.hash();
        int parallel = inFlight.of(hash).size();
        boolean first = parallel == 0 || inFlight.of(hash).getFirst().from == from;
        boolean asked = inFlight.of(hash, from) != null;
        BlockRequest request = inFlight.add(from, node, now.monotonicNanos());
        if (!request.takeCompact()) {
            context.log.debug(
                    LogCategory.NET, () -> "Peer sent us compact block we were already syncing!");
            return;
        }
        PartialBlock.Start start =
                PartialBlock.of(message, mempool.transactions(), mempool.extra());
        PartialBlock partial = start.block();
        if (partial == null) {
            if (start.status() == PartialBlock.Status.FAILED && first) {
                requestWhole(from, hash, out);
                return;
            }
            inFlight.remove(hash, from, now.monotonicNanos());
            if (start.status() == PartialBlock.Status.INVALID) {
                context.misbehaving(from, "invalid compact block", out);
            }
            return;
        }
        request.partial = partial;
        context.log.debug(
                LogCategory.CMPCTBLOCK,
                () ->
                        "Initialized PartiallyDownloadedBlock for block "
                                + hash
                                + " using a cmpctblock of "
                                + message.transactionCount()
                                + " transactions");
        List<Integer> missing = partial.missing();
        if (missing.isEmpty()) {
            finish(from, request, List.of(), now, out);
        } else if (first
                || (asked && from.isOutbound())
                || mayAskInParallel(from, hash, parallel)) {
            out.send(from.id(), new GetBlockTxn(hash, missing));
        } else {
            inFlight.remove(hash, from, now.monotonicNanos());
        }
    }

    /// The last of the three places is for an outbound peer, unless one is asked already.
    private boolean mayAskInParallel(SyncPeer from, BlockHash hash, int parallel) {
        return from.sendsCompactUnasked
                && (from.isOutbound()
                        || inFlight.of(hash).stream().anyMatch(each -> each.from.isOutbound())
                        || parallel < BlocksInFlight.PARALLEL_MAX - 1);
    }

    /// Others are at it already; but if all transactions are here, nobody needs to be asked.
    private void tryAnyway(SyncPeer from, CmpctBlock message, Outbox out) {
        PartialBlock partial =
                PartialBlock.of(message, mempool.transactions(), mempool.extra()).block();
        if (partial != null && partial.missing().isEmpty()) {
            Optional<Block> block = partial.fill(List.of());
            if (block.isPresent() && isWhole(block.get())) {
                receipt.submit(from, block.get(), true, false, out);
            }
        }
    }

    /// @throws PeerFault if the transactions are too many or too few
    void onBlockTxn(SyncPeer from, BlockTxn message, Now now, Outbox out) {
        BlockRequest request = inFlight.of(message.block(), from);
        if (request == null || request.partial == null) {
            context.log.debug(
                    LogCategory.NET,
                    () ->
                            "Peer "
                                    + from.id()
                                    + " sent us block transactions for block we weren't expecting");
            return;
        }
        if (!finish(from, request, message.transactions(), now, out)) {
            throw new PeerFault("invalid compact block/non-matching block transactions");
        }
    }

    /// @return false if the transactions are too many or too few
    private boolean finish(
            SyncPeer from,
            BlockRequest request,
            List<weft.primitives.Transaction> missing,
            Now now,
            Outbox out) {
        BlockHash hash = request.node.hash();
        PartialBlock partial = request.partial;
        boolean first = inFlight.of(hash).getFirst() == request;
        Optional<Block> block = partial == null ? Optional.empty() : partial.fill(missing);
        if (partial == null || block.isEmpty()) {
            inFlight.remove(hash, from, now.monotonicNanos());
            return false;
        }
        if (!isWhole(block.get())) {
            if (first) {
                request.partial = null;
                requestWhole(from, hash, out);
            } else {
                inFlight.remove(hash, from, now.monotonicNanos());
                context.log.debug(
                        LogCategory.NET,
                        () ->
                                "Peer "
                                        + from.id()
                                        + " sent us a compact block but it failed to reconstruct,"
                                        + " waiting on first download to complete");
            }
            return true;
        }
        context.log.debug(
                LogCategory.CMPCTBLOCK,
                () ->
                        "Successfully reconstructed block "
                                + hash
                                + " with "
                                + partial.summary(missing.size()));
        inFlight.remove(hash, from, now.monotonicNanos());
        receipt.submit(from, block.get(), true, false, out);
        return true;
    }

    /// Whether the body belongs to the header; if not, short ids collided.
    private boolean isWhole(Block block) {
        HeaderNode before = chain.find(block.header().parent());
        boolean segwit = before != null && context.rules.isSegwitActive(before.height() + 1);
        return BlockBody.mutation(block, segwit).isEmpty();
    }

    /// A block joined the active chain: who gave it to us first should send the next ones unasked.
    void onConnected(HeaderNode node, @Nullable SyncPeer source, Outbox out) {
        if (source != null
                && !chain.initialBlockDownload()
                && inFlight.of(node.hash()).size() == inFlight.size()) {
            choose(source, out);
        }
    }

    private void choose(SyncPeer each, Outbox out) {
        if (context.options.blocksOnly() || !each.providesCompact) {
            return;
        }
        if (highBandwidth.remove(each)) {
            highBandwidth.add(each);
            return;
        }
        if (highBandwidth.size() >= HIGH_BANDWIDTH_MAX) {
            keepLastOutbound(each);
            SyncPeer dropped = highBandwidth.removeFirst();
            dropped.sendsCompactUnasked = false;
            out.send(dropped.id(), new SendCmpct(false, SendCmpct.VERSION));
        }
        out.send(each.id(), new SendCmpct(true, SendCmpct.VERSION));
        each.sendsCompactUnasked = true;
        highBandwidth.add(each);
    }

    private void keepLastOutbound(SyncPeer added) {
        long outbound = highBandwidth.stream().filter(SyncPeer::isOutbound).count();
        if (!added.isOutbound() && outbound == 1 && highBandwidth.getFirst().isOutbound()) {
            var order = new ArrayList<>(highBandwidth);
            SyncPeer kept = order.removeFirst();
            order.add(1, kept);
            highBandwidth.clear();
            highBandwidth.addAll(order);
        }
    }
}
