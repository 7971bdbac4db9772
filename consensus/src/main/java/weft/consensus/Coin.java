package weft.consensus;

import weft.primitives.TxOut;

/// An unspent output.
///
/// @param out what it is worth and who may spend it
/// @param height of the block that made it
/// @param coinbase whether that block's coinbase made it
public record Coin(TxOut out, int height, boolean coinbase) {}
