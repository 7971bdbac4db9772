package weft.p2p.sync;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import weft.primitives.Block;
import weft.primitives.BlockHash;

/// The last blocks that were connected or given by a peer, by reference, so that fresh blocks are served
/// without reading them back from disk.
final class RecentBlocks {
    private static final int KEPT = 12;

    private final Map<BlockHash, Block> blocks = new LinkedHashMap<>();

    void add(Block block) {
        blocks.remove(block.hash());
        blocks.put(block.hash(), block);
        shrink(KEPT);
    }

    /// Forgets all but the last: nobody asks for those of initial download, which fill much memory.
    void keepOne() {
        shrink(1);
    }

    private void shrink(int count) {
        while (blocks.size() > count) {
            blocks.remove(blocks.keySet().iterator().next());
        }
    }

    void remove(BlockHash hash) {
        blocks.remove(hash);
    }

    @Nullable Block find(BlockHash hash) {
        return blocks.get(hash);
    }
}
