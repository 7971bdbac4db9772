package weft.chain;

import org.jspecify.annotations.Nullable;
import weft.chain.api.HeaderNode;
import weft.chain.store.BlockPosition;

/// Where a block and its undo data lie.
///
/// @param undo null for genesis, and for a block that never was part of the active chain
public record BlockPlace(HeaderNode node, BlockPosition block, @Nullable BlockPosition undo) {}
