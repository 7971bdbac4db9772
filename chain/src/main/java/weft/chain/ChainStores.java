package weft.chain;

import weft.chain.store.BlockStore;
import weft.chain.store.KeyValueStore;

/// Where a [ChainState] keeps its things.
///
/// @param database block index and coins
/// @param blocks blocks and undo data
public record ChainStores(KeyValueStore database, BlockStore blocks) {}
