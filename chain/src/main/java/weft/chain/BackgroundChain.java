package weft.chain;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import weft.chain.api.BlockFailure;
import weft.chain.api.HeaderNode;
import weft.primitives.Block;
import weft.primitives.BlockHash;
import weft.primitives.Check;

/// The chain below a snapshot: connects block after block from where our own coins stood up to the
/// snapshot's base, with coins of its own. Shares headers, blocks and undo data with the active chain.
final class BackgroundChain {
    private final ChainParts parts;
    private final BlockConnector connector;
    private final ChainActivation activation;
    private final CoinsStore store;
    private final CoinsCache coins;
    private final HeaderNode base;
    private HeaderNode tip;

    /// @param store its tip is where the chain stands
    BackgroundChain(
            ChainParts parts,
            BlockConnector connector,
            ChainActivation activation,
            CoinsStore store,
            HeaderNode base) {
        this.parts = parts;
        this.connector = connector;
        this.activation = activation;
        this.store = store;
        this.coins =
                new CoinsCache(
                        store,
                        BackgroundWork.INLINE,
                        parts.hash,
                        Math.max(parts.options.cacheBytes() / 2, 1 << 20));
        this.base = base;
        BlockHash at = Check.present(store.tip(), "the proven coins belong to a block");
        this.tip = Check.present(parts.tree.find(at), "the index knows the block of the coins");
    }

    HeaderNode base() {
        return base;
    }

    /// The last block that is validated.
    HeaderNode tip() {
        return tip;
    }

    CoinsStore store() {
        return store;
    }

    CoinsCache coins() {
        return coins;
    }

    boolean isDone() {
        return tip.equals(base);
    }

    /// Goes one block towards the base, if there is a block to connect: another branch is left only for one
    /// that can be followed.
    ///
    /// @return why it is not valid; empty if it is, or is not here
    Optional<BlockFailure> step() {
        BlockEntry next = next();
        if (next == null) {
            return Optional.empty();
        }
        if (!base.hasAncestor(tip)) {
            disconnect();
            return Optional.empty();
        }
        return Optional.ofNullable(connect(next));
    }

    /// Whether [#step] would do something.
    boolean canStep() {
        return !isDone() && next() != null;
    }

    /// The first block towards the base that is not validated; null if it is not here.
    private @Nullable BlockEntry next() {
        int height = HeaderNode.fork(tip, base).height() + 1;
        HeaderNode node = Check.present(base.ancestor(height), "the base is above");
        BlockEntry entry = parts.tree.entry(node);
        return entry.hasBlock() ? entry : null;
    }

    private @Nullable BlockFailure connect(BlockEntry entry) {
        Block block = parts.storage.read(entry);
        BlockFailure failure = parts.rules.checkBlock(block);
        if (failure != null) {
            return failure;
        }
        HeaderNode node = entry.node();
        var view = new CoinsOverlay(coins);
        BlockConnector.Result result =
                connector.connect(block, node, view, activation.runsScripts(node));
        failure = connector.verdict(result);
        if (failure != null) {
            return failure;
        }
        view.moveInto(coins);
        parts.storage.storeUndo(entry, result.undo());
        if (!entry.is(BlockEntry.VALID_SCRIPTS)) {
            entry.mark(BlockEntry.VALID_SCRIPTS);
            parts.tree.markDirty(entry);
        }
        tip = node;
        if (coins.isFull()) {
            flush();
        }
        return null;
    }

    private void disconnect() {
        BlockEntry entry = parts.tree.entry(tip);
        var view = new CoinsOverlay(coins);
        connector.disconnect(parts.storage.read(entry), tip, parts.storage.readUndo(entry), view);
        view.moveInto(coins);
        tip = Check.present(tip.parent(), "genesis is shared");
    }

    /// Writes index and coins, safe against power loss, the index first.
    void flush() {
        parts.storage.writeIndexNow();
        coins.startWrite(tip.hash(), () -> {});
        coins.awaitWrite();
    }
}
