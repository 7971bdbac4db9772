package weft.p2p.sync;

import java.math.BigInteger;
import weft.chain.api.HeaderNode;
import weft.consensus.ChainParams;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;
import weft.primitives.Now;

/// What the synchronisation asks of the rules of consensus.
final class SyncRules {
    private static final int RECENT_INTERVALS = 20;
    private static final int BUFFER_BLOCKS = 144;

    private final ChainParams params;

    SyncRules(ChainParams params) {
        this.params = params;
    }

    /// Below it, a chain is not worth downloading.
    BigInteger minimumChainWork() {
        return params.minimumChainWork();
    }

    long spacingSeconds() {
        return params.powTargetSpacingSeconds();
    }

    /// Whether a header is at most twenty block intervals old.
    boolean isRecent(HeaderNode node, Now now) {
        return node.time() > now.unixSeconds() - RECENT_INTERVALS * spacingSeconds();
    }

    /// Work that a branch must have before its headers are kept: about what our chain had a day ago.
    BigInteger antiDosWork(HeaderNode tip) {
        BigInteger buffer = work(tip.header()).multiply(BigInteger.valueOf(BUFFER_BLOCKS));
        BigInteger nearTip = tip.chainWork().subtract(buffer.min(tip.chainWork()));
        return nearTip.max(minimumChainWork());
    }

    /// Expected number of hashes for one header, by the target that it claims.
    BigInteger work(BlockHeader header) {
        return params.work(header.bits());
    }

    boolean hasValidWork(BlockHeader header, BlockHash hash) {
        return params.hasValidWork(hash, header.bits());
    }

    /// Whether the difficulty may change so at a height.
    boolean isPermittedTransition(long height, long bitsBefore, long bits) {
        return params.isPermittedTransition(height, bitsBefore, bits);
    }

    /// Whether blocks at this place may have witnesses.
    boolean isSegwitActive(HeaderNode node) {
        return node.height() >= params.segwitHeight();
    }

    /// Whether blocks on top of this one may have witnesses.
    boolean isSegwitActiveAfter(HeaderNode before) {
        return before.height() + 1 >= params.segwitHeight();
    }
}
