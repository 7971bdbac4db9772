package weft.consensus;

import weft.primitives.TxOut;

/// An unspent output, with what the rules must know of the transaction that made it.
///
/// @param out value and script
/// @param height of the block that the transaction is in
/// @param isCoinbase the transaction is a coinbase, so that the coin must mature
public record Coin(TxOut out, int height, boolean isCoinbase) {}
