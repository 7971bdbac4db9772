package weft.chain;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.chain.api.HeaderNode;
import weft.chain.store.Batch;
import weft.chain.store.BlockPosition;
import weft.chain.store.BlockStore;
import weft.chain.store.MemoryBlockStore;
import weft.chain.store.MemoryKeyValueStore;
import weft.chain.store.StoreException;
import weft.primitives.BlockHash;
import weft.primitives.Bytes;

class ChainVerificationTest {
    private static final int HEIGHT = 110;

    private final MemoryKeyValueStore database = new MemoryKeyValueStore();
    private final RottenStore files = new RottenStore();

    /// Flips the last byte of some block, or loses some undo data.
    private static final class RottenStore implements BlockStore {
        private final MemoryBlockStore store = new MemoryBlockStore();
        private long rottenBlock = -1;
        private boolean isUndoRotten;
        private int reads;

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
            reads++;
            byte[] bytes = store.read(block).toByteArray();
            if (reads - 1 == rottenBlock) {
                // The output's amount in the coinbase, far behind the header.
                bytes[bytes.length - 60] ^= 1;
            }
            return Bytes.wrap(bytes);
        }

        @Override
        public Bytes readUndo(BlockPosition undo, BlockHash parent) {
            if (isUndoRotten) {
                throw new StoreException("the checksum is wrong");
            }
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
            store.delete(file);
        }

        @Override
        public int lastFile() {
            return store.lastFile();
        }

        @Override
        public long bytesUsed() {
            return store.bytesUsed();
        }

        @Override
        public long bytesUsed(int file) {
            return store.bytesUsed(file);
        }

        @Override
        public void close() {
            store.close();
        }
    }

    private Forge forge(ChainOptions options) {
        var forge = new Forge(Forge.REGTEST, options, database, files);
        forge.state.start(Forge.NOW);
        return forge;
    }

    /// A chain whose last block spends a coin.
    private Forge grown(ChainOptions options) {
        Forge forge = forge(options);
        forge.mine(HEIGHT - 1);
        HeaderNode tip = forge.tip();
        var spend = Forge.spend(forge.coinbaseOf(1), 1_000);
        assertThat(forge.submit(forge.block(tip, List.of(spend)))).isEmpty();
        assertThat(forge.tip().height()).isEqualTo(HEIGHT);
        return forge;
    }

    private VerifyResult verify(Forge forge, int level, int blocks) {
        files.reads = 0;
        return forge.state.verify(level, blocks, Forge.NOW);
    }

    @Test
    @DisplayName("A whole chain passes every level, and coins and tip stay as they are")
    void shouldPassWholeChain() {
        Forge forge = grown(ChainOptions.DEFAULT);
        HeaderNode tip = forge.tip();
        var before = forge.coins();

        for (int level = 0; level <= 4; level++) {
            assertThat(verify(forge, level, 0)).as("level %d", level).isEqualTo(VerifyResult.WHOLE);
            assertThat(files.reads).isEqualTo(level == 4 ? 2 * HEIGHT : HEIGHT);
        }

        assertThat(forge.tip()).isEqualTo(tip);
        assertThat(forge.coins()).isEqualTo(before);
        assertThat(forge.submit(forge.block(tip, List.of()))).isEmpty();
    }

    @Test
    void shouldReadAsManyBlocksAsAsked() {
        Forge forge = grown(ChainOptions.DEFAULT);

        assertThat(verify(forge, 3, 6)).isEqualTo(VerifyResult.WHOLE);
        assertThat(files.reads).isEqualTo(6);
        assertThat(verify(forge, 9, 10_000)).isEqualTo(VerifyResult.WHOLE);
        assertThat(files.reads).isEqualTo(2 * HEIGHT);
    }

    @Test
    void shouldFindDamagedBlockFromLevelOne() {
        Forge forge = grown(ChainOptions.DEFAULT);
        files.rottenBlock = 3;

        assertThat(verify(forge, 1, 6)).isEqualTo(VerifyResult.DAMAGED);
        assertThat(verify(forge, 4, 6)).isEqualTo(VerifyResult.DAMAGED);
        assertThat(verify(forge, 1, 3)).as("not looked at").isEqualTo(VerifyResult.WHOLE);
    }

    @Test
    void shouldFindDamagedUndoDataFromLevelTwo() {
        Forge forge = grown(ChainOptions.DEFAULT);
        files.isUndoRotten = true;

        assertThat(verify(forge, 1, 1)).isEqualTo(VerifyResult.WHOLE);
        assertThat(verify(forge, 2, 1)).isEqualTo(VerifyResult.DAMAGED);
        assertThat(verify(forge, 3, 1)).isEqualTo(VerifyResult.DAMAGED);
    }

    @Test
    void shouldFindLostCoinFromLevelThree() {
        Forge forge = grown(ChainOptions.DEFAULT);
        var lost = forge.coinbaseOf(HEIGHT - 2);
        forge.state.flush(Forge.NOW);
        forge.state.close();
        var coins = new ArrayList<Bytes>();
        database.scan(
                Bytes.EMPTY,
                (key, _) -> {
                    if (contains(key.toByteArray(), lost.txid().toByteArray())) {
                        coins.add(key);
                    }
                    return true;
                });
        assertThat(coins).isNotEmpty();
        coins.forEach(key -> database.write(new Batch().delete(key)));

        Forge again = forge(ChainOptions.DEFAULT);

        assertThat(verify(again, 2, 6)).isEqualTo(VerifyResult.WHOLE);
        assertThat(verify(again, 3, 6)).isEqualTo(VerifyResult.DAMAGED);
        assertThat(verify(again, 3, 2)).as("not looked at").isEqualTo(VerifyResult.WHOLE);
    }

    private static boolean contains(byte[] whole, byte[] part) {
        for (int i = 0; i + part.length <= whole.length; i++) {
            if (Arrays.equals(whole, i, i + part.length, part, 0, part.length)) {
                return true;
            }
        }
        return false;
    }

    @Test
    void shouldSayThatMemoryIsShort() {
        Forge forge = grown(ChainOptions.DEFAULT.withCacheBytes(1_000));

        assertThat(verify(forge, 3, 0)).isEqualTo(VerifyResult.COINS_SKIPPED);
        assertThat(verify(forge, 2, 0)).isEqualTo(VerifyResult.WHOLE);
    }
}
