package weft.app.bench.sync;

import weft.primitives.OutPoint;
import weft.primitives.TxOut;

/// A coin of the synthetic chain and what is needed to spend it.
///
/// @param owner index of the key, see [KeyRing]
record SyntheticCoin(OutPoint outPoint, TxOut output, CoinKind kind, int owner) {}
