package weft.app.bench.sync;

import java.util.SplittableRandom;

/// What a synthetic chain is made from: the same values give the same bytes.
///
/// @param seed of every choice and key
/// @param megabytes the blocks have at least, 10⁶ bytes each
/// @param coins about so many unspent coins
/// @param mix of the kinds of coins
record ChainSpec(long seed, int megabytes, int coins, CoinMix mix) {
    /// The smallest chain: a few full blocks.
    static final int MEGABYTES_MIN = 5;

    /// The largest chain, which is larger than any test needs.
    static final int MEGABYTES_MAX = 100_000;

    ChainSpec {
        check(megabytes, MEGABYTES_MIN, MEGABYTES_MAX, "size in megabytes");
        check(coins, 1_000, 100_000_000, "number of coins");
    }

    private static void check(int value, int min, int max, String what) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(
                    "the " + what + " is " + min + " to " + max + ", not " + value);
        }
    }

    SplittableRandom random() {
        return new SplittableRandom(seed);
    }
}
