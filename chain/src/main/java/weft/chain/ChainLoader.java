package weft.chain;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import weft.chain.store.BlockPosition;
import weft.chain.store.BlockStore;
import weft.chain.store.StoreException;
import weft.primitives.Block;
import weft.primitives.BlockHash;
import weft.primitives.Bytes;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.MalformedBytes;

/// Brings a chain state to where the stores are: index, coins' tip, candidates.
final class ChainLoader {
    private static final int WAITING_BLOCKS_MAX = 100_000;

    private final ChainParts parts;

    ChainLoader(ChainParts parts) {
        this.parts = parts;
    }

    /// Loads index and tip; with empty stores, only genesis is stored.
    void load() {
        parts.mark.load();
        parts.tree.load(parts.storage.database());
        BlockHash coinsTip = parts.coinsStore.tip();
        BlockEntry genesis = parts.tree.genesis();
        if (coinsTip != null) {
            BlockEntry tip = parts.tree.entryOrNull(coinsTip);
            if (tip == null) {
                throw new StoreException(
                        "the coins belong to a block that the index does not know: " + coinsTip);
            }
            parts.chain.setTip(tip.node());
        }
        forgetMissingBlocks();
        parts.mark.assume(parts.tree);
        if (!genesis.hasBlock()) {
            parts.storage.storeBlock(genesis, parts.rules.genesis());
        }
        offerCandidates();
    }

    /// A crash of the machine may have taken bytes that the index believes to be there.
    private void forgetMissingBlocks() {
        BlockStore blocks = parts.storage.blocks();
        for (BlockEntry entry : parts.tree.entries()) {
            BlockPosition position = entry.block();
            if (entry.hasBlock() && position != null && !blocks.contains(position)) {
                parts.log.missingBlock(entry);
                entry.unmark(BlockEntry.HAS_BLOCK);
                entry.setBlock(null);
                parts.tree.markDirty(entry);
            }
        }
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

    /// Takes in a block that lies in the files.
    @FunctionalInterface
    interface Importer {
        /// @return whether the block's header is in the tree now
        boolean take(Block block, BlockPosition position);
    }

    private record Found(BlockHash hash, BlockPosition position) {}

    /// Shows every block of the files, parents before children.
    void importBlocks(Importer importer) {
        Map<BlockHash, List<Found>> waiting = new HashMap<>();
        int[] count = {0};
        parts.storage
                .blocks()
                .scan(
                        (position, bytes) -> {
                            Block block = parse(bytes);
                            if (block == null) {
                                return true;
                            }
                            BlockHash parent = block.header().parent();
                            boolean isGenesis = block.hash().equals(parts.rules.genesis().hash());
                            if (!isGenesis && parts.tree.find(parent) == null) {
                                parts.log.outOfOrder(block.hash(), parent);
                                if (count[0]++ < WAITING_BLOCKS_MAX) {
                                    waiting.computeIfAbsent(parent, _ -> new ArrayList<>())
                                            .add(new Found(block.hash(), position));
                                }
                                return true;
                            }
                            if (importer.take(block, position)) {
                                importChildren(block.hash(), waiting, importer);
                            }
                            return true;
                        });
    }

    private void importChildren(
            BlockHash from, Map<BlockHash, List<Found>> waiting, Importer importer) {
        var queue = new ArrayDeque<BlockHash>();
        queue.add(from);
        while (!queue.isEmpty()) {
            BlockHash parent = queue.remove();
            List<Found> children = waiting.remove(parent);
            if (children == null) {
                continue;
            }
            for (Found child : children) {
                parts.log.outOfOrderChild(child.hash(), parent);
                Block block = parse(parts.storage.blocks().read(child.position()));
                if (block != null && importer.take(block, child.position())) {
                    queue.add(child.hash());
                }
            }
        }
    }

    private static @Nullable Block parse(Bytes bytes) {
        try {
            ByteReader in =
                    ByteReader.of(bytes.backingArray(), bytes.backingOffset(), bytes.length());
            Block block = Block.read(in);
            in.expectEnd();
            return block;
        } catch (MalformedBytes _) {
            return null;
        }
    }
}
