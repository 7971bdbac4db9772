package weft.app.compare;

import weft.primitives.OutPoint;
import weft.primitives.TxOut;

/// An output that we can open.
///
/// @param height of its block; −1 if it has none yet
record KnownCoin(OutPoint outPoint, TxOut output, Lock lock, int height) {
    long value() {
        return output.value();
    }
}
