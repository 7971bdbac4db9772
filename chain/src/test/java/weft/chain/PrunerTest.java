package weft.chain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import weft.chain.api.ChainEvent;
import weft.chain.api.HeaderNode;
import weft.chain.store.BlockPosition;
import weft.chain.store.BlockStore;
import weft.chain.store.MemoryBlockStore;
import weft.chain.store.MemoryKeyValueStore;
import weft.chain.store.StoreException;
import weft.primitives.BlockHash;
import weft.primitives.Bytes;
import weft.primitives.Check;

class PrunerTest {
    private static final int FILE_BYTES = 5_000;
    private static final Pruning BY_HAND = new Pruning(Pruning.BY_HAND, 100);

    private final MemoryKeyValueStore database = new MemoryKeyValueStore();
    private final MemoryBlockStore blocks = new MemoryBlockStore(FILE_BYTES);

    /// Says that every file is so many times as long as it is, and may die when it deletes.
    private static final class ScaledStore implements BlockStore {
        private final MemoryBlockStore store;
        private final long factor;
        private int deletesLeft;

        ScaledStore(MemoryBlockStore store, long factor, int deletesLeft) {
            this.store = store;
            this.factor = factor;
            this.deletesLeft = deletesLeft;
        }

        @Override
        public BlockPosition append(Bytes block) {
            return store.append(block);
        }

        @Override
        public BlockPosition appendUndo(BlockPosition block, Bytes undo, BlockHash parent) {
            return store.appendUndo(block, undo, parent);
        }

        @Override
        public boolean contains(BlockPosition block) {
            return store.contains(block);
        }

        @Override
        public Bytes read(BlockPosition block) {
            return store.read(block);
        }

        @Override
        public Bytes readUndo(BlockPosition undo, BlockHash parent) {
            return store.readUndo(undo, parent);
        }

        @Override
        public void flush() {
            store.flush();
        }

        @Override
        public void scan(BlockPosition from, Visitor visitor) {
            store.scan(from, visitor);
        }

        @Override
        public void delete(int file) {
            if (deletesLeft-- == 0) {
                throw new StoreException("the power went off");
            }
            store.delete(file);
        }

        @Override
        public int lastFile() {
            return store.lastFile();
        }

        @Override
        public long bytesUsed() {
            return store.bytesUsed() * factor;
        }

        @Override
        public long bytesUsed(int file) {
            return store.bytesUsed(file) * factor;
        }

        @Override
        public void close() {
            store.close();
        }
    }

    private Forge started(Pruning pruning, BlockStore files) {
        var forge =
                new Forge(
                        Forge.REGTEST, ChainOptions.DEFAULT.withPruning(pruning), database, files);
        forge.state.start(Forge.NOW);
        return forge;
    }

    private static boolean hasBlock(Forge forge, int height) {
        HeaderNode node = forge.state.chain().at(height);
        return node != null && forge.state.block(node).isPresent();
    }

    @Test
    void shouldDeleteWholeFilesUpToAHeightAndNeverTheLastBlocks() {
        Forge forge = started(BY_HAND, blocks);
        forge.mine(500);
        CoinsSummary before = forge.coins();
        forge.state.prune(150, Forge.NOW);
        int last = forge.state.pruner().prunedHeight().orElseThrow();
        assertThat(last).isBetween(100, 150);
        assertThat(hasBlock(forge, last)).isFalse();
        assertThat(hasBlock(forge, last + 1)).isTrue();
        assertThat(forge.events).anyMatch(ChainEvent.BlocksPruned.class::isInstance);

        forge.state.prune(500, Forge.NOW);
        last = forge.state.pruner().prunedHeight().orElseThrow();
        assertThat(last).isBetween(150, 500 - Pruning.BLOCKS_TO_KEEP);
        assertThat(forge.coins()).isEqualTo(before);

        Forge again = started(BY_HAND, blocks);
        assertThat(again.state.pruner().prunedHeight()).hasValue(last);
        assertThat(again.tip().height()).isEqualTo(500);
        again.mine(3);
        assertThat(again.tip().height()).isEqualTo(503);
    }

    @Test
    void shouldKeepWhatALockNeeds() {
        Forge forge = started(BY_HAND, blocks);
        forge.mine(500);
        forge.state.pruner().lock("index", 120);
        forge.state.prune(200, Forge.NOW);
        int last = forge.state.pruner().prunedHeight().orElseThrow();
        assertThat(last).isBetween(50, 120 - Pruner.LOCK_BUFFER_BLOCKS - 1);

        forge.state.pruner().unlock("index");
        forge.state.prune(200, Forge.NOW);
        assertThat(forge.state.pruner().prunedHeight().orElseThrow()).isGreaterThan(120);
    }

    @Test
    void shouldStayBelowTheTargetByItself() {
        long factor = 12_000;
        var files = new ScaledStore(blocks, factor, Integer.MAX_VALUE);
        Forge forge = started(new Pruning(Pruning.TARGET_BYTES_MIN, 400), files);
        forge.mine(400);
        assertThat(files.bytesUsed()).isGreaterThan(Pruning.TARGET_BYTES_MIN);
        assertThat(forge.state.pruner().prunedHeight()).isEmpty();
        forge.mine(200);
        assertThat(forge.state.pruner().prunedHeight().orElseThrow())
                .isGreaterThan(200)
                .isLessThanOrEqualTo(600 - Pruning.BLOCKS_TO_KEEP);
    }

    @Test
    void shouldRefuseToRunWithoutPruningOnceBlocksAreGone() {
        Forge forge = started(BY_HAND, blocks);
        forge.mine(500);
        forge.state.prune(200, Forge.NOW);
        assertThatThrownBy(() -> started(Pruning.OFF, blocks))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("-reindex to go back to unpruned mode");
    }

    @Test
    void shouldTakeBackASingleBlock() {
        Forge forge = started(BY_HAND, blocks);
        forge.mine(500);
        HeaderNode node = Check.present(forge.state.chain().at(2), "mined");
        var block = forge.state.block(node).orElseThrow();
        forge.state.prune(200, Forge.NOW);
        assertThat(hasBlock(forge, 2)).isFalse();
        assertThat(forge.submit(block)).isEmpty();
        assertThat(hasBlock(forge, 2)).isTrue();
        assertThat(forge.tip().height()).isEqualTo(500);
    }

    @Test
    void shouldFinishAtTheNextStartWhatACrashLeft() {
        for (int deletes : List.of(0, 1, 3)) {
            var disk = new MemoryBlockStore(FILE_BYTES);
            var index = new MemoryKeyValueStore();
            var options = ChainOptions.DEFAULT.withPruning(BY_HAND);
            var files = new ScaledStore(disk, 1, deletes);
            var forge = new Forge(Forge.REGTEST, options, index, files);
            forge.state.start(Forge.NOW);
            forge.mine(500);
            CoinsSummary coins = forge.coins();
            assertThatThrownBy(() -> forge.state.prune(200, Forge.NOW))
                    .isInstanceOf(StoreException.class);
            assertThat(disk.bytesUsed(deletes)).isPositive();

            var again = new Forge(Forge.REGTEST, options, index, disk);
            again.state.start(Forge.NOW);
            assertThat(disk.bytesUsed(deletes)).isZero();
            assertThat(again.coins()).isEqualTo(coins);
            assertThat(again.state.pruner().prunedHeight().orElseThrow()).isGreaterThan(100);
            again.mine(2);
            assertThat(again.tip().height()).isEqualTo(502);
        }
    }
}
