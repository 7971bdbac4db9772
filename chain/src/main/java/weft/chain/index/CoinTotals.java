package weft.chain.index;

import weft.primitives.Bytes;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.ByteWriter;

/// Sums over the whole chain up to a block. All amounts are satoshis.
///
/// @param outputs coins that there are
/// @param bogoSize a size that means nothing, but is the same for all nodes
/// @param amount of all coins
/// @param subsidy that the blocks were allowed to create
/// @param spent amount of all coins that were spent
/// @param created amount of all outputs that became coins, but for those of coinbase transactions
/// @param coinbase amount of the outputs of coinbase transactions that became coins
/// @param lost amounts that can never be spent
public record CoinTotals(
        long outputs,
        long bogoSize,
        long amount,
        long subsidy,
        long spent,
        long created,
        long coinbase,
        Lost lost) {
    /// Before genesis.
    public static final CoinTotals ZERO = new CoinTotals(0, 0, 0, 0, 0, 0, 0, new Lost(0, 0, 0, 0));

    /// Amounts that can never be spent, by reason.
    ///
    /// @param genesis the first block's coinbase, which never was a coin
    /// @param bip30 coinbase transactions that a later one with the same id replaced
    /// @param scripts outputs whose script can never succeed
    /// @param unclaimed what miners could have taken and did not
    public record Lost(long genesis, long bip30, long scripts, long unclaimed) {
        /// All of it.
        public long total() {
            return genesis + bip30 + scripts + unclaimed;
        }
    }

    static CoinTotals read(ByteReader in) {
        return new CoinTotals(
                in.i64(),
                in.i64(),
                in.i64(),
                in.i64(),
                in.i64(),
                in.i64(),
                in.i64(),
                new Lost(in.i64(), in.i64(), in.i64(), in.i64()));
    }

    Bytes write() {
        var out = new ByteWriter();
        out.i64(outputs).i64(bogoSize).i64(amount).i64(subsidy).i64(spent);
        out.i64(created).i64(coinbase);
        out.i64(lost.genesis).i64(lost.bip30).i64(lost.scripts).i64(lost.unclaimed);
        return out.toBytes();
    }
}
