package weft.chain;

import java.math.BigInteger;
import weft.chain.api.HeaderNode;
import weft.primitives.BlockHeader;

/// Says which blocks are worth our memory and disk.
final class BlockWorth {
    private static final long RECENT_BLOCKS = 144;

    private final ChainParts parts;

    BlockWorth(ChainParts parts) {
        this.parts = parts;
    }

    /// Whether a block that nobody asked for could soon become the tip.
    boolean isWorthStoring(BlockEntry entry) {
        HeaderNode tip = parts.chain.tip();
        return entry.txCount() == 0
                && entry.node().chainWork().compareTo(tip.chainWork()) >= 0
                && entry.height() <= tip.height() + ChainState.BLOCKS_AHEAD_MAX
                && entry.node().chainWork().compareTo(parts.options.minimumChainWork()) >= 0;
    }

    /// Whether a header's branch has so much work that nobody made it just to waste our memory.
    boolean hasEnoughWork(BlockHeader header) {
        HeaderNode parent = parts.tree.find(header.parent());
        if (parent == null) {
            return false;
        }
        HeaderNode tip = parts.chain.tip();
        BigInteger recent =
                parts.rules.work(tip.header()).multiply(BigInteger.valueOf(RECENT_BLOCKS));
        BigInteger near = tip.chainWork().subtract(recent.min(tip.chainWork()));
        BigInteger work = parent.chainWork().add(parts.rules.work(header));
        return work.compareTo(near.max(parts.options.minimumChainWork())) >= 0;
    }
}
