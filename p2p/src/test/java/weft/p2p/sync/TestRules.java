package weft.p2p.sync;

import java.math.BigInteger;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;

/// Rules as on regtest: every second hash has enough work.
///
/// @param minimumChainWork as on other networks
record TestRules(BigInteger minimumChainWork) implements SyncRules {
    static final TestRules REGTEST = new TestRules(BigInteger.ZERO);

    @Override
    public long targetSpacingSeconds() {
        return 600;
    }

    @Override
    public BigInteger work(BlockHeader header) {
        return FakeChain.WORK;
    }

    @Override
    public boolean hasValidWork(BlockHeader header, BlockHash hash) {
        return hash.w3() >= 0;
    }

    @Override
    public boolean isPermittedTransition(long height, long bitsBefore, long bits) {
        return bitsBefore == bits;
    }

    @Override
    public boolean isSegwitActive(int height) {
        return true;
    }
}
