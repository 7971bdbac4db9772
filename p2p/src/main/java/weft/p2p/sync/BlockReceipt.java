package weft.p2p.sync;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import weft.chain.api.ChainCommand;
import weft.chain.api.ChainEvent;
import weft.chain.api.HeaderNode;
import weft.p2p.Outbox;
import weft.p2p.PeerFault;
import weft.p2p.PeerId;
import weft.primitives.Block;
import weft.primitives.BlockHash;
import weft.primitives.Now;
import weft.primitives.log.LogCategory;

/// Takes whole blocks, hands them to the chain engine, and remembers who sent what until the verdict is in.
///
/// - A body that does not belong to its header is thrown away here, and its sender punished.
///   *Rationale:* else anybody could make us believe that a good block is bad.
/// - A block that was not asked for goes on as such; the chain engine keeps it only if it could matter, and
///   says
///   nothing if it does not.
final class BlockReceipt {
    /// Who sent a block first.
    ///
    /// @param whole as a whole block, so that its sender answers for it
    private record Source(PeerId peer, boolean whole) {}

    private final SyncContext context;
    private final Map<BlockHash, Source> sources = new HashMap<>();

    BlockReceipt(SyncContext context) {
        this.context = context;
    }

    void onGone(SyncPeer from) {
        sources.values().removeIf(source -> source.peer().equals(from.id()));
    }

    /// @throws PeerFault if the body does not belong to the header
    void onBlock(SyncPeer from, Block block, Now now, Outbox out) {
        BlockHash hash = block.hash();
        context.log.debug(LogCategory.NET, () -> "received block " + hash + " peer=" + from.id());
        HeaderNode before = context.chain.find(block.header().parent());
        boolean segwit = before != null && context.rules.isSegwitActive(before.height() + 1);
        String mutation = before == null ? "" : BlockBody.mutation(block, segwit);
        if (!mutation.isEmpty()) {
            context.log.debug(LogCategory.VALIDATION, () -> "Block mutated: " + mutation);
            context.log.debug(
                    LogCategory.NET, () -> "Received mutated block from peer=" + from.id());
            context.inFlight.remove(hash, from, now.monotonicNanos());
            throw new PeerFault("mutated block");
        }
        boolean requested = context.inFlight.contains(hash);
        context.inFlight.remove(hash, from, now.monotonicNanos());
        submit(from, block, requested, true, out);
    }

    /// Hands a block to the chain engine.
    ///
    /// @param whole it came as a whole block
    void submit(SyncPeer from, Block block, boolean requested, boolean whole, Outbox out) {
        sources.putIfAbsent(block.hash(), new Source(from.id(), whole));
        if (context.find(from.id()) != null && !context.chain.initialBlockDownload()) {
            context.recent.add(block);
        }
        if (requested) {
            context.submitted.add(block.hash());
        }
        from.blocksUnderWay = true;
        out.chain(new ChainCommand.SubmitBlock(SyncContext.origin(from), block, requested));
    }

    /// Who sent a block, if its fate is not yet known.
    @Nullable SyncPeer sourceOf(BlockHash hash) {
        Source source = sources.get(hash);
        return source == null ? null : context.find(source.peer());
    }

    void onStored(ChainEvent.BlockStored event, Now now) {
        BlockHash hash = event.node().hash();
        context.submitted.remove(hash);
        if (event.isNew()) {
            SyncPeer from = context.find(event.origin());
            if (from != null) {
                from.lastBlockSeconds = now.unixSeconds();
            }
            context.inFlight.removeAll(hash, now.monotonicNanos());
        }
        HeaderNode base = context.chain.historyBase();
        boolean isHistory = base != null && event.node().height() <= base.height();
        if (!event.isNew() || isHistory) {
            // Nothing more will be told of it.
            sources.remove(hash);
        }
    }

    void onConnected(HeaderNode node) {
        sources.remove(node.hash());
    }

    /// Whether the header is invalid with the block, and all that stand on it, is told by
    /// [ChainEvent.HeaderValidity]: bytes that nobody could take for a block say nothing of the header.
    void onRejected(ChainEvent.BlockRejected event, Now now, Outbox out) {
        Source source = sources.remove(event.hash());
        context.recent.remove(event.hash());
        context.submitted.remove(event.hash());
        SyncPeer from = source == null ? context.find(event.origin()) : context.find(source.peer());
        if (from != null) {
            context.inFlight.remove(event.hash(), from, now.monotonicNanos());
            boolean viaCompact = source != null && !source.whole();
            Verdicts.punish(context, from, event.failure(), viaCompact, "", out);
        }
    }
}
