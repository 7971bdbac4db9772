package weft.app.bench.sync;

import java.util.function.Consumer;
import weft.primitives.Block;

/// A synthetic chain for other benches, which is kept nowhere.
public final class SyntheticBlocks {
    private static final int COINS = 5_000;

    private SyntheticBlocks() {}

    /// Makes a chain of regtest with a bit of every kind of coin.
    ///
    /// @param seed what it is made from
    /// @param megabytes of blocks, at least 5
    /// @param out gets the blocks in order, genesis first
    public static void make(long seed, int megabytes, Consumer<Block> out) {
        var spec = new ChainSpec(seed, megabytes, COINS, CoinMix.usual());
        new SyntheticChain(spec, out).make(_ -> {});
    }
}
