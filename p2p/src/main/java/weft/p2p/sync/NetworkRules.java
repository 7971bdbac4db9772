package weft.p2p.sync;

import java.math.BigInteger;
import weft.consensus.ChainParams;
import weft.consensus.PowRules;
import weft.primitives.BlockHash;
import weft.primitives.BlockHeader;

/// The rules of one network.
record NetworkRules(ChainParams params, BigInteger minimumChainWork) implements SyncRules {
    @Override
    public long targetSpacingSeconds() {
        return ChainParams.Pow.SPACING_SECONDS;
    }

    @Override
    public BigInteger work(BlockHeader header) {
        return PowRules.work(header.bits());
    }

    @Override
    public boolean hasValidWork(BlockHeader header, BlockHash hash) {
        return PowRules.hasValidWork(hash, header.bits(), params.pow());
    }

    @Override
    public boolean isPermittedTransition(long height, long bitsBefore, long bits) {
        return PowRules.isPermittedTransition(params.pow(), height, bitsBefore, bits);
    }

    @Override
    public boolean isSegwitActive(int height) {
        return height >= params.heights().segwit();
    }
}
