package weft.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import weft.app.bench.sync.SyntheticBlocks;
import weft.consensus.ChainParams;
import weft.consensus.Network;
import weft.primitives.Bytes;
import weft.store.BlockFileOptions;
import weft.store.BlockFiles;

/// Block files that Bitcoin Core wrote: `-reindex` takes them as they are; `-Dweft.bitcoind=PATH` says where
/// Core is.
@Timeout(240)
class CoreBlocksTest {
    private static final int MEGABYTES = 5;

    @TempDir private Path temp;
    private int height;
    private String coins = "";

    @BeforeEach
    void makeFiles() throws IOException, InterruptedException {
        CoreNode.assumeThere();
        try (CoreNode core = core()) {
            SyntheticBlocks.make(
                    5,
                    MEGABYTES,
                    block -> core.call("submitblock", Bytes.wrap(block.toByteArray()).toHex()));
            height = core.call("getblockcount").asInt();
            coins = coins(core.call("gettxoutsetinfo"));
            assertThat(height).isGreaterThan(100);
        }
    }

    private CoreNode core() throws IOException, InterruptedException {
        return new CoreNode(temp.resolve("core"), "-connect=0", "-maxtipage=1000000000");
    }

    private static String coins(tools.jackson.databind.JsonNode info) {
        return info.get("bestblock").asString()
                + " "
                + info.get("hash_serialized_3").asString()
                + " "
                + info.get("txouts");
    }

    private Path coreBlocks() {
        return temp.resolve("core/regtest/blocks");
    }

    /// Copies block files, undo files and key, not Core's own index.
    private void copyBlocks(Path to) throws IOException {
        Files.createDirectories(to);
        try (var files = Files.newDirectoryStream(coreBlocks(), "*.dat")) {
            for (Path each : files) {
                Files.copy(each, to.resolve(each.getFileName()));
            }
        }
        assertThat(to.resolve("blk00000.dat")).exists();
        assertThat(to.resolve("rev00000.dat")).exists();
        assertThat(to.resolve("xor.dat")).exists();
    }

    private void assertSame(Path home, String... options) throws IOException, InterruptedException {
        try (RunningNode node = RunningNode.start(home, options)) {
            RunningNode.await(Duration.ofMinutes(2), () -> node.height() == height);
            assertThat(coins(node.call("gettxoutsetinfo"))).isEqualTo(coins);
            assertThat(node.call("verifychain", 4, 20).asBoolean()).isTrue();
            assertThat(node.stop()).isZero();
        }
        // From here on it needs no option.
        try (RunningNode node = RunningNode.start(home)) {
            assertThat(coins(node.call("gettxoutsetinfo"))).isEqualTo(coins);
        }
    }

    @Test
    @DisplayName("-reindex on block files that Bitcoin Core left after an orderly end")
    void shouldReadAFolderOfCore() throws Exception {
        Path home = temp.resolve("home");
        copyBlocks(home.resolve("regtest/blocks"));
        assertSame(home, "-reindex");
    }

    @Test
    @DisplayName("The same without the option: a database that is missing is built")
    void shouldReadAFolderOfCoreUnasked() throws Exception {
        Path home = temp.resolve("home");
        copyBlocks(home.resolve("regtest/blocks"));
        assertSame(home);
    }

    @Test
    @DisplayName("-blocksdir on the files of a Bitcoin Core that was killed, zeros at their end")
    void shouldReadAFolderOfAKilledCoreInPlace() throws Exception {
        try (CoreNode core = core()) {
            core.call("generatetodescriptor", 3, "raw(51)#8lvh9jxk");
            height += 3;
            coins = coins(core.call("gettxoutsetinfo"));
            core.kill();
        }
        Path file = coreBlocks().resolve("blk00000.dat");
        byte[] bytes = Files.readAllBytes(file);
        assertThat(bytes[bytes.length - 1]).isZero();
        assertThat(bytes[bytes.length - 100_000]).isZero();
        Path home = Files.createDirectories(temp.resolve("home"));
        try (RunningNode node =
                RunningNode.start(home, "-reindex", "-blocksdir=" + temp.resolve("core"))) {
            RunningNode.await(Duration.ofMinutes(2), () -> node.height() == height);
            assertThat(coins(node.call("gettxoutsetinfo"))).isEqualTo(coins);
            assertThat(home.resolve("regtest/blocks/blk00000.dat")).doesNotExist();
            assertThat(node.stop()).isZero();
        }
    }

    @Test
    @DisplayName(
            "-reindex on block files in which the blocks lie in another order, over several files")
    void shouldReadBlocksInAnyOrder() throws Exception {
        Path copy = temp.resolve("copy");
        copyBlocks(copy);
        var options =
                new BlockFileOptions(
                        ChainParams.of(Network.REGTEST).identity().magic(),
                        1_000_000,
                        true,
                        Bytes.parse("0102030405060708"),
                        0);
        List<Bytes> blocks = new ArrayList<>();
        try (BlockFiles files = BlockFiles.open(copy, options)) {
            files.scan((_, block) -> blocks.add(block));
        }
        assertThat(blocks).hasSize(height + 1);
        Collections.shuffle(blocks, new Random(6));
        Path home = temp.resolve("home");
        try (BlockFiles files = BlockFiles.open(home.resolve("regtest/blocks"), options)) {
            blocks.forEach(files::append);
            assertThat(files.lastFile()).isGreaterThan(3);
        }
        assertSame(home, "-reindex");
    }
}
