package weft.chain;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import weft.chain.api.HeaderNode;
import weft.chain.store.Batch;
import weft.chain.store.BlockPosition;
import weft.chain.store.BlockStore;
import weft.chain.store.KeyValueStore;
import weft.chain.store.StoreException;
import weft.primitives.Block;
import weft.primitives.BlockHash;
import weft.primitives.Bytes;

/// Brings a chain state to where the stores are: index, coins' tip, candidates.
final class ChainLoader {
    private static final Bytes SEGWIT_HEIGHT =
            Bytes.wrap("segwitheight".getBytes(StandardCharsets.ISO_8859_1));

    private final ChainParts parts;

    ChainLoader(ChainParts parts) {
        this.parts = parts;
    }

    /// Loads index and tip; with empty stores, only genesis is stored.
    void load() {
        StoreForm.check(parts.storage.database());
        parts.mark.load();
        parts.tree.load(parts.storage.database());
        BlockHash coinsTip = parts.coinsStore.tip();
        BlockEntry genesis = parts.tree.genesis();
        if (coinsTip != null) {
            BlockEntry tip = parts.tree.entryOrNull(coinsTip);
            if (tip == null) {
                throw StoreException.damaged(
                        "the coins belong to a block that the index does not know: " + coinsTip,
                        StoreException.Remedy.REINDEX_CHAINSTATE);
            }
            parts.chain.setTip(tip.node());
        } else if (!parts.coinsStore.isEmpty()) {
            // What is left of an order to make the coins anew.
            parts.coinsStore.wipe();
        }
        checkSegwitHeight();
        forgetMissingBlocks();
        parts.mark.assume(parts.tree);
        if (!genesis.hasBlock() && !parts.pruner.hasPruned()) {
            storeGenesis(genesis);
        }
        offerCandidates();
    }

    /// Blocks that were taken in before witnesses counted at their height may lack them.
    private void checkSegwitHeight() {
        KeyValueStore database = parts.storage.database();
        int height = parts.rules.segwitHeight();
        HeaderNode tip = parts.chain.tipOrNull();
        Bytes noted = database.get(SEGWIT_HEIGHT);
        if (noted != null && tip != null) {
            int before = new BigInteger(noted.toByteArray()).intValueExact();
            if (height < before && height <= tip.height()) {
                throw new RebuildNeeded(
                        "Witness data for blocks after height "
                                + height
                                + " requires validation. Please restart with -reindex.");
            }
        }
        byte[] now = BigInteger.valueOf(height).toByteArray();
        if (noted == null || !noted.equals(Bytes.wrap(now))) {
            database.write(new Batch().put(SEGWIT_HEIGHT, Bytes.wrap(now)));
        }
    }

    /// Block files that are there already begin with genesis.
    private void storeGenesis(BlockEntry genesis) {
        Block block = parts.rules.genesis();
        parts.storage
                .blocks()
                .scan(
                        (position, bytes) -> {
                            Block first = BlockImport.parse(bytes);
                            if (first != null && first.hash().equals(block.hash())) {
                                parts.storage.placed(genesis, block, position);
                            }
                            return false;
                        });
        if (!genesis.hasBlock()) {
            parts.storage.storeBlock(genesis, block);
        }
    }

    /// A crash of the machine may have taken bytes that the index believes to be there. What the coins stand
    /// on was safe before they were; what is forgotten here comes again.
    private void forgetMissingBlocks() {
        parts.log.checkingFiles();
        for (BlockEntry entry : parts.tree.entries()) {
            if (entry.hasBlock() && isMissing(entry)) {
                parts.log.missingBlock(entry);
                entry.unmark(BlockEntry.HAS_BLOCK);
                entry.setBlock(null);
                parts.tree.markDirty(entry);
            }
            if (entry.is(BlockEntry.HAS_UNDO) && isUndoMissing(entry)) {
                entry.unmark(BlockEntry.HAS_UNDO);
                entry.setUndo(null);
                parts.tree.markDirty(entry);
            }
        }
    }

    private boolean isUndoMissing(BlockEntry entry) {
        if (!isFresh(entry.undo()) || parts.chain.contains(entry.node())) {
            return false;
        }
        try {
            // Also above the tip: an index may stand there, and has to find the way back.
            parts.storage.readUndo(entry);
            return false;
        } catch (StoreException _) {
            return true;
        }
    }

    private boolean isMissing(BlockEntry entry) {
        BlockStore blocks = parts.storage.blocks();
        BlockPosition position = entry.block();
        if (position == null || !blocks.contains(position)) {
            return position != null;
        }
        if (!isFresh(position) || parts.chain.contains(entry.node())) {
            return false;
        }
        try {
            parts.storage.read(entry);
            return false;
        } catch (StoreException _) {
            return true;
        }
    }

    /// Whether bytes lie where a loss of power is most likely to have taken them; to read all older files at
    /// each start would take too long, and what is wrong in them is found on use.
    private boolean isFresh(@Nullable BlockPosition position) {
        return position == null || position.file() >= parts.storage.blocks().lastFile() - 1;
    }

    private void offerCandidates() {
        BlockEntry tip =
                parts.chain.tipOrNull() == null ? null : parts.tree.entry(parts.chain.tip());
        for (BlockEntry entry : parts.tree.entries()) {
            entry.setSequence(parts.chain.contains(entry.node()) ? 0 : 1);
            if (entry.txCount() > 0 && !entry.isBranchComplete()) {
                BlockEntry parent = entry.parent();
                if (parent == null) {
                    parts.candidates.received(entry, tip);
                } else if (parent.isBranchComplete()) {
                    entry.setChainTxCount(parent.chainTxCount() + entry.txCount());
                } else {
                    parts.candidates.await(entry, parent);
                }
            }
        }
        for (BlockEntry entry : parts.tree.entries()) {
            parts.candidates.offer(entry, tip);
        }
    }
}
