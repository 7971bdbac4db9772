package weft.consensus;

import weft.primitives.Amount;

/// New money in each block.
public final class Subsidy {
    private static final long FIRST = 50 * Amount.SATOSHIS_PER_BITCOIN;
    private static final int HALVINGS_MAX = 64;

    private Subsidy() {}

    /// New satoshis in the block of a height.
    public static long at(int height, ChainParams params) {
        int halvings = height / params.subsidyHalvingInterval();
        // BIP-0042: a shift by 64 or more would bring the first subsidy back.
        return halvings >= HALVINGS_MAX ? 0 : FIRST >> halvings;
    }
}
