package weft.mining;

import java.util.Optional;
import weft.consensus.ChainParams;
import weft.consensus.PowRules;
import weft.primitives.Block;
import weft.primitives.BlockHeader;

/// Finds proof of work by trying one nonce after the other; for networks where that is quick.
public final class Solver {
    private static final long NONCES = 1L << 32;

    private Solver() {}

    /// Tries nonces from 0.
    ///
    /// @param triesMax give up after so many
    /// @return the block with proof of work; empty if none was found
    public static Optional<Block> solve(Block block, long triesMax, ChainParams params) {
        BlockHeader header = block.header();
        for (long nonce = 0; nonce < Math.min(triesMax, NONCES); nonce++) {
            BlockHeader tried = header.withNonce(nonce);
            if (PowRules.hasValidWork(tried.hash(), tried.bits(), params.pow())) {
                return Optional.of(Block.of(tried, block.transactions()));
            }
        }
        return Optional.empty();
    }
}
