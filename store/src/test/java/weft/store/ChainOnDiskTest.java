package weft.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import weft.chain.ChainOptions;
import weft.chain.ChainState;
import weft.chain.ChainStores;
import weft.chain.CoinsSummary;
import weft.chain.ConsensusRules;
import weft.chain.InlineScriptVerifier;
import weft.chain.api.ChainCommand;
import weft.chain.api.Origin;
import weft.chain.store.StoreException;
import weft.consensus.ChainParams;
import weft.consensus.Network;
import weft.primitives.Block;
import weft.primitives.Bytes;
import weft.primitives.Now;
import weft.primitives.codec.ByteReader;
import weft.primitives.log.Log;
import weft.testkit.Vectors;

class ChainOnDiskTest {
    private static final Now NOW = new Now(1, Instant.parse("2026-01-01T00:00:00Z"));
    private static final ChainParams REGTEST = ChainParams.of(Network.REGTEST);
    private static final int CRASH_EVERY_BLOCKS = 23;

    @TempDir private Path temp;

    /// A chain state with files and database of its own.
    static final class Node implements AutoCloseable {
        private final Disk disk;
        private final BlockFiles files;
        private final RocksKeyValueStore database;
        final ChainState state;

        Node(Path folder, boolean synchronised) {
            disk = Disk.open(folder, "regtest", "weft");
            Bytes key = Bytes.parse("0102030405060708");
            files =
                    BlockFiles.open(
                            disk.blocks(),
                            new BlockFileOptions(REGTEST.identity().magic(), 16_384, true, key, 0));
            database = RocksKeyValueStore.open(disk.subfolder("chainstate"), 8 << 20);
            Duration age = synchronised ? Duration.ofDays(100_000) : Duration.ofHours(24);
            state =
                    new ChainState(
                            new ConsensusRules(REGTEST),
                            ChainOptions.DEFAULT.withMaxTipAge(age),
                            new ChainStores(database, files),
                            new InlineScriptVerifier(),
                            event -> {},
                            Log.NONE);
            state.start(NOW);
        }

        void submit(Block block) {
            assertThat(
                            state.submitBlock(
                                            new ChainCommand.SubmitBlock(Origin.SELF, block, true),
                                            NOW)
                                    .failure())
                    .isEmpty();
        }

        @Override
        public void close() {
            state.close();
            database.close();
            files.close();
            disk.close();
        }
    }

    private static List<Block> blocks() {
        var blocks = new ArrayList<Block>();
        ByteReader in = ByteReader.of(Vectors.bytes("chain/blockruns/regtest_kernel_000_206.blk"));
        while (!in.isAtEnd()) {
            in.skip(8);
            blocks.add(Block.read(in));
        }
        return blocks;
    }

    private static String expectedHash() {
        return Vectors.json("chain/blockruns/expected.json")
                .get("regtest_kernel_000_206")
                .get("hash_serialized_3")
                .asString();
    }

    /// Copies a folder as it is at one moment: again, if the database tidied up meanwhile.
    private static void copy(Path from, Path to) throws IOException {
        List<Path> before;
        do {
            before = files(from);
            for (Path file : before) {
                Path target = to.resolve(from.relativize(file));
                Files.createDirectories(target.getParent());
                try {
                    Files.copy(file, target, StandardCopyOption.REPLACE_EXISTING);
                } catch (NoSuchFileException _) {
                    Files.deleteIfExists(target);
                }
            }
        } while (!files(from).equals(before));
    }

    private static List<Path> files(Path folder) throws IOException {
        try (var files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile).sorted().toList();
        }
    }

    @Test
    @DisplayName("P3 P4 what lies on the disk at any tip is a whole node with that tip")
    void shouldGoOnFromWhatAKilledProcessLeaves() throws IOException {
        List<Block> blocks = blocks();
        Path folder = temp.resolve("0");
        for (int from = 1; from < blocks.size(); from += CRASH_EVERY_BLOCKS) {
            int to = Math.min(from + CRASH_EVERY_BLOCKS, blocks.size());
            Path next = temp.resolve(Integer.toString(to));
            try (Node node = new Node(folder, true)) {
                assertThat(node.state.chain().height()).isEqualTo(from - 1);
                blocks.subList(from, to).forEach(node::submit);
                copy(folder, next);
            }
            folder = next;
        }
        try (Node node = new Node(folder, true)) {
            assertThat(CoinsSummary.of(node.state.coinsStore()).hashSerialized().toHex())
                    .isEqualTo(expectedHash());
        }
    }

    @Test
    void shouldKeepEverythingThroughAnOrderlyEnd() {
        List<Block> blocks = blocks();
        try (Node node = new Node(temp, false)) {
            blocks.subList(1, 100).forEach(node::submit);
        }
        try (Node node = new Node(temp, false)) {
            assertThat(node.state.chain().height()).isEqualTo(99);
            blocks.subList(100, blocks.size()).forEach(node::submit);
        }
        try (Node node = new Node(temp, false)) {
            assertThat(node.state.chain().tip().hash()).isEqualTo(blocks.getLast().hash());
            assertThat(CoinsSummary.of(node.state.coinsStore()).hashSerialized().toHex())
                    .isEqualTo(expectedHash());
        }
    }

    @Test
    @DisplayName("S-127 without its database a node finds the same coins in its block files")
    void shouldRebuildTheDatabaseFromTheFiles() throws IOException {
        List<Block> blocks = blocks();
        try (Node node = new Node(temp.resolve("a"), false)) {
            blocks.subList(1, blocks.size()).forEach(node::submit);
        }
        copy(temp.resolve("a").resolve("blocks"), temp.resolve("b").resolve("blocks"));
        try (Node node = new Node(temp.resolve("b"), false)) {
            assertThat(node.state.chain().height()).isZero();
            node.state.importStoredBlocks(NOW);
            node.state.flush(NOW);
            assertThat(CoinsSummary.of(node.state.coinsStore()).hashSerialized().toHex())
                    .isEqualTo(expectedHash());
        }
    }

    @Test
    @DisplayName(
            "P2 P10 a block whose header has rotted is found on use, and no block is blamed for it")
    void shouldStopAtARottenBlock() throws IOException {
        List<Block> blocks = blocks();
        try (Node node = new Node(temp, false)) {
            blocks.subList(1, 50).forEach(node::submit);
        }
        Path file = temp.resolve("blocks").resolve("blk00000.dat");
        byte[] bytes = Files.readAllBytes(file);
        int end = bytes.length - blocks.get(49).totalSize();
        bytes[end + 40] ^= 1;
        Files.write(file, bytes);
        try (Node node = new Node(temp, false)) {
            var tip = node.state.chain().tip();
            assertThatThrownBy(() -> node.state.block(tip)).isInstanceOf(StoreException.class);
            assertThatThrownBy(() -> node.state.invalidateBlock(tip.hash(), NOW))
                    .isInstanceOf(StoreException.class);
            assertThat(node.state.headers().status(tip).isInvalid()).isFalse();
            assertThatThrownBy(() -> node.state.flush(NOW))
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining("has stopped");
        }
    }
}
