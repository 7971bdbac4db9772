package weft.p2p.sync;

import java.math.BigInteger;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;

/// Rules of a small network.
///
/// @param segwit height from which blocks have witnesses
record BlockDownloadRules(BigInteger minimumChainWork, int segwit) implements SyncRules {
    static final int SPACING = 600;

    @Override
    public long targetSpacingSeconds() {
        return SPACING;
    }

    @Override
    public BigInteger work(BlockHeader header) {
        return BigInteger.TWO;
    }

    @Override
    public boolean hasValidWork(BlockHeader header, BlockHash hash) {
        return true;
    }

    @Override
    public boolean isPermittedTransition(long height, long bitsBefore, long bits) {
        return true;
    }

    @Override
    public boolean isSegwitActive(int height) {
        return height >= segwit;
    }
}
