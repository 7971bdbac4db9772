package weft.p2p.sync;

import java.math.BigInteger;
import weft.primitives.BlockHash;

/// The end of a branch of headers that the chain engine was asked about.
///
/// @param work of the whole branch
record HeadersTail(BlockHash hash, BigInteger work) {}
