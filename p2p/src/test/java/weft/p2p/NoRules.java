package weft.p2p;

import java.math.BigInteger;
import weft.p2p.sync.SyncRules;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;

/// Rules of a chain whose blocks come every ten minutes, for tests that care for no more.
public final class NoRules implements SyncRules {
    @Override
    public BigInteger minimumChainWork() {
        return BigInteger.ZERO;
    }

    @Override
    public long targetSpacingSeconds() {
        return 600;
    }

    @Override
    public BigInteger work(BlockHeader header) {
        return BigInteger.ONE;
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
        return true;
    }
}
