package weft.chain;

import java.math.BigInteger;
import weft.chain.api.ChainEvent;
import weft.chain.api.HeaderNode;
import weft.primitives.Check;
import weft.primitives.Now;

/// What an operator may say of a block against the chain's own judgement: `invalidateblock`,
/// `reconsiderblock`, `preciousblock`.
final class ChainControl {
    /// The transactions of so many blocks may come back into the mempool.
    private static final int WAITING_AGAIN_MAX = 10;

    private final ChainParts parts;
    private final ChainActivation activation;
    private BigInteger preciousWork = BigInteger.ZERO;
    private int preciousSequence = -1;

    ChainControl(ChainParts parts, ChainActivation activation) {
        this.parts = parts;
        this.activation = activation;
    }

    /// @throws IllegalArgumentException for genesis
    void invalidate(BlockEntry entry, Now now) {
        Check.argument(entry.parent() != null, "genesis cannot be invalid");
        HeaderNode start = parts.chain.tip();
        int takenBack = 0;
        while (parts.chain.contains(entry.node())) {
            BlockEntry tip = parts.tree.entry(parts.chain.tip());
            boolean givesUp = ++takenBack > WAITING_AGAIN_MAX;
            activation.disconnectTip(givesUp, now);
            parts.candidates.remove(tip);
            if (!tip.equals(entry)) {
                parts.tree.markFailedChild(tip);
            }
            if (!givesUp) {
                // What the blocks gave back comes into the mempool block by block, as in Core: its
                // limits of chains then count for each block alone.
                activation.publish(start, now);
                start = parts.chain.tip();
            }
        }
        activation.invalidFound(entry);
        offerAll();
        activation.publish(start, now);
        activation.activate(null, now);
    }

    void reconsider(BlockEntry entry, Now now) {
        for (BlockEntry each : parts.tree.entries()) {
            boolean related =
                    each.node().hasAncestor(entry.node()) || entry.node().hasAncestor(each.node());
            if (parts.tree.clearFailed(each, related)) {
                activation.emit(new ChainEvent.HeaderValidity(each.node(), true));
            }
        }
        parts.tree.findBest();
        parts.invalid.findAgain(parts.tree);
        offerAll();
        activation.activate(null, now);
    }

    void prefer(BlockEntry entry, Now now) {
        HeaderNode tip = parts.chain.tip();
        if (entry.node().chainWork().compareTo(tip.chainWork()) < 0) {
            return;
        }
        if (tip.chainWork().compareTo(preciousWork) > 0) {
            preciousSequence = -1;
        }
        preciousWork = tip.chainWork();
        parts.candidates.setSequence(entry, preciousSequence--);
        parts.candidates.offer(entry, parts.tree.entry(tip));
        activation.activate(null, now);
    }

    /// Offers every block that could now be better than the tip.
    private void offerAll() {
        BlockEntry tip = parts.tree.entry(parts.chain.tip());
        for (BlockEntry entry : parts.tree.entries()) {
            parts.candidates.offer(entry, tip);
        }
    }
}
