package weft.chain;

import weft.chain.store.BlockStore;
import weft.chain.store.KeyValueStore;
import weft.crypto.SipHash;

/// Where a [ChainState] keeps its things.
///
/// @param database block index and coins
/// @param blocks blocks and undo data
/// @param background runs long writes
/// @param hash with a key that strangers do not know, for tables that they fill
public record ChainStores(
        KeyValueStore database, BlockStore blocks, BackgroundWork background, SipHash hash) {
    /// Everything on the calling thread, and no secret: for simulations and tests.
    public ChainStores(KeyValueStore database, BlockStore blocks) {
        this(database, blocks, BackgroundWork.INLINE, new SipHash(0, 0));
    }
}
