package weft.p2p.sync;

import java.math.BigInteger;
import weft.consensus.ChainParams;
import weft.primitives.BlockHash;

/// Rules for tests.
public final class TestParams {
    private TestParams() {}

    public static ChainParams regtest() {
        return new ChainParams() {
            @Override
            public BigInteger minimumChainWork() {
                return BigInteger.ZERO;
            }

            @Override
            public long powTargetSpacingSeconds() {
                return 600;
            }

            @Override
            public BigInteger work(long bits) {
                return BigInteger.TWO;
            }

            @Override
            public boolean hasValidWork(BlockHash hash, long bits) {
                return hash.w3() >= 0;
            }

            @Override
            public boolean isPermittedTransition(long height, long before, long bits) {
                return true;
            }

            @Override
            public int segwitHeight() {
                return 0;
            }
        };
    }
}
