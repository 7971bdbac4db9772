package weft.p2p.sync;

import java.math.BigInteger;
import java.util.List;
import org.jspecify.annotations.Nullable;
import weft.chain.api.HeaderNode;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;
import weft.wire.BlockMessage;
import weft.wire.BlockTxn;
import weft.wire.CmpctBlock;
import weft.wire.Headers;
import weft.wire.Message;

/// Tells what a peer brings because we asked for it, or because it is news, from what nobody wants.
final class Wanted {
    private final SyncContext context;

    Wanted(SyncContext context) {
        this.context = context;
    }

    /// Whether a message, not handled yet, brings headers or blocks that we asked this peer for, or a header
    /// that we do not have, that stands on one that we have, and that claims work enough to be kept.
    ///
    /// *Rationale:* what claims that work and did not do it ends the connection, and to do it is dear. What
    /// has less is never kept, so it would be news each time that it is sent.
    boolean isWanted(SyncPeer from, Message message) {
        return switch (message) {
            case Headers(List<BlockHeader> headers) -> !headers.isEmpty() && goOn(from, headers);
            case BlockMessage each -> from.inFlight.containsKey(each.block().hash());
            case BlockTxn each -> from.inFlight.containsKey(each.block());
            case CmpctBlock each -> {
                BlockHeader header = each.header();
                yield from.inFlight.containsKey(header.hash())
                        || isNews(find(header.parent()), List.of(header));
            }
            default -> false;
        };
    }

    private boolean goOn(SyncPeer from, List<BlockHeader> headers) {
        if (from.lowWork != null) {
            return true;
        }
        BlockHash parent = headers.getFirst().parent();
        HeaderNode known = find(parent);
        if (known != null && from.getHeadersNanos != null) {
            return true;
        }
        HeadersTail tail = from.headersTail;
        if (tail != null && tail.hash().equals(parent)) {
            return isNews(tail.work(), headers);
        }
        return isNews(workTo(known), headers);
    }

    private boolean isNews(@Nullable HeaderNode parent, List<BlockHeader> headers) {
        return isNews(workTo(parent), headers);
    }

    /// @param before work of the branch that they stand on; null if we do not have it
    private boolean isNews(@Nullable BigInteger before, List<BlockHeader> headers) {
        return before != null
                && find(headers.getLast().hash()) == null
                && before.add(context.workOf(headers)).compareTo(context.antiDosWork()) >= 0;
    }

    private static @Nullable BigInteger workTo(@Nullable HeaderNode node) {
        return node == null ? null : node.chainWork();
    }

    private @Nullable HeaderNode find(BlockHash hash) {
        return context.chain.find(hash);
    }
}
