package weft.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import weft.chain.store.BlockPosition;
import weft.chain.store.StoreException;
import weft.primitives.BlockHash;
import weft.primitives.Bytes;
import weft.testkit.Property;
import weft.testkit.Vectors;

class BlockFilesTest {
    private static final Bytes MAGIC = Bytes.parse("fabfb5da");
    private static final Bytes KEY = Bytes.parse("0123456789abcdef");
    private static final BlockHash PARENT = new BlockHash(1, 2, 3, 4);

    @TempDir private Path temp;

    private static BlockFileOptions options(long fileBytes, boolean xored) {
        return new BlockFileOptions(MAGIC, fileBytes, xored, KEY, 0);
    }

    private static Bytes random(SplittableRandom random) {
        return Bytes.wrap(Property.bytes(random, 1 + random.nextInt(300)));
    }

    @Test
    void shouldFindEverythingAgainAfterReopening() {
        var random = new SplittableRandom(1);
        var positions = new ArrayList<BlockPosition>();
        var undos = new ArrayList<BlockPosition>();
        var contents = new ArrayList<Bytes>();
        for (int round = 0; round < 5; round++) {
            try (BlockFiles files = BlockFiles.open(temp, options(2_000, true))) {
                for (int i = 0; i < 20; i++) {
                    contents.add(random(random));
                    positions.add(files.append(contents.getLast()));
                    undos.add(files.appendUndo(positions.getLast(), contents.getLast(), PARENT));
                }
                for (int i = 0; i < contents.size(); i++) {
                    assertThat(files.contains(positions.get(i))).isTrue();
                    assertThat(files.read(positions.get(i))).isEqualTo(contents.get(i));
                    assertThat(files.readUndo(undos.get(i), PARENT)).isEqualTo(contents.get(i));
                }
                var scanned = new ArrayList<Bytes>();
                files.scan((position, block) -> scanned.add(block));
                assertThat(scanned).isEqualTo(contents);
                assertThat(files.lastFile()).isPositive();
            }
        }
    }

    @Test
    void shouldCutATornRecordAndGoOn() throws IOException {
        Bytes first = Bytes.parse("aa".repeat(50));
        Bytes second = Bytes.parse("bb".repeat(60));
        BlockPosition at;
        try (BlockFiles files = BlockFiles.open(temp, options(100_000, true))) {
            files.append(first);
            at = files.append(second);
        }
        Path file = temp.resolve("blk00000.dat");
        byte[] whole = Files.readAllBytes(file);
        for (int length = 58; length < whole.length; length++) {
            Files.write(file, java.util.Arrays.copyOf(whole, length));
            try (BlockFiles files = BlockFiles.open(temp, options(100_000, true))) {
                assertThat(files.contains(at)).isFalse();
                assertThat(files.append(second)).isEqualTo(at);
            }
            assertThat(Files.readAllBytes(file)).isEqualTo(whole);
        }
    }

    @Test
    void shouldNotTouchWholeRecordsBehindADamagedOne() throws IOException {
        BlockPosition last;
        Bytes block = Bytes.parse("cc".repeat(40));
        try (BlockFiles files = BlockFiles.open(temp, options(100_000, false))) {
            files.append(block);
            last = files.append(block);
        }
        try (var channel =
                Files.newByteChannel(temp.resolve("blk00000.dat"), StandardOpenOption.WRITE)) {
            channel.write(java.nio.ByteBuffer.wrap(new byte[4]));
        }
        try (BlockFiles files = BlockFiles.open(temp, options(100_000, false))) {
            assertThat(files.read(last)).isEqualTo(block);
            var scanned = new ArrayList<BlockPosition>();
            files.scan((position, bytes) -> scanned.add(position));
            assertThat(scanned).isEqualTo(List.of(last));
        }
    }

    @Test
    void shouldDetectARottenUndoByte() throws IOException {
        BlockPosition undo;
        try (BlockFiles files = BlockFiles.open(temp, options(100_000, true))) {
            BlockPosition block = files.append(Bytes.parse("01"));
            undo = files.appendUndo(block, Bytes.parse("02030405"), PARENT);
        }
        Path file = temp.resolve("rev00000.dat");
        byte[] whole = Files.readAllBytes(file);
        for (int i = 0; i < whole.length; i++) {
            byte[] rotten = whole.clone();
            rotten[i] ^= 0x10;
            Files.write(file, rotten);
            try (BlockFiles files = BlockFiles.open(temp, options(100_000, true))) {
                assertThatThrownBy(() -> files.readUndo(undo, PARENT))
                        .isInstanceOf(StoreException.class);
            }
        }
    }

    @Test
    void shouldReadAFileOfCore() throws IOException {
        Bytes run = Bytes.wrap(Vectors.bytes("chain/blockruns/regtest_kernel_000_206.blk"));
        Files.createDirectories(temp);
        Files.write(temp.resolve("blk00000.dat"), run.toByteArray());
        var copy = new ArrayList<Bytes>();
        try (BlockFiles files =
                BlockFiles.open(temp, options(BlockFileOptions.FILE_BYTES, false))) {
            files.scan((position, block) -> copy.add(block));
        }
        assertThat(copy).hasSize(207);
        Path again = temp.resolve("again");
        try (BlockFiles files =
                BlockFiles.open(again, options(BlockFileOptions.FILE_BYTES, false))) {
            copy.forEach(files::append);
        }
        assertThat(Files.readAllBytes(again.resolve("blk00000.dat"))).isEqualTo(run.toByteArray());
    }

    @Test
    void shouldRefuseToDropAKeyThatWasUsed() {
        BlockFiles.open(temp, options(1_000, true)).close();
        assertThatThrownBy(() -> BlockFiles.open(temp, options(1_000, false)))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining(
                        "The blocksdir XOR-key can not be disabled when a random key was already stored!")
                .hasMessageContaining("0123456789abcdef");
    }

    @Test
    void shouldKeepFilesPrivate() throws IOException {
        try (BlockFiles files = BlockFiles.open(temp.resolve("blocks"), options(1_000, true))) {
            files.append(Bytes.parse("00"));
        }
        assertThat(
                        PosixFilePermissions.toString(
                                Files.getPosixFilePermissions(temp.resolve("blocks"))))
                .isEqualTo("rwx------");
        for (String name : List.of("blk00000.dat", "xor.dat")) {
            assertThat(
                            PosixFilePermissions.toString(
                                    Files.getPosixFilePermissions(
                                            temp.resolve("blocks").resolve(name))))
                    .isEqualTo("rw-------");
        }
    }

    @Test
    void shouldSayThatTheDiskIsFull() {
        var full = new BlockFileOptions(MAGIC, 1_000, true, KEY, Long.MAX_VALUE / 2);
        try (BlockFiles files = BlockFiles.open(temp, full)) {
            assertThatThrownBy(() -> files.append(Bytes.parse("00")))
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining("Disk space is too low!");
        }
    }

    @Test
    void shouldRefuseUseAfterClose() {
        BlockFiles files = BlockFiles.open(temp, options(1_000, true));
        files.close();
        files.close();
        assertThatThrownBy(() -> files.append(Bytes.parse("00")))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void shouldDeleteOnlyFilesBehindAGap() throws IOException {
        Bytes block = Bytes.parse("aa".repeat(50));
        try (BlockFiles files = BlockFiles.open(temp, options(100, true))) {
            for (int i = 0; i < 5; i++) {
                files.appendUndo(files.append(block), block, PARENT);
            }
            assertThat(files.lastFile()).isEqualTo(4);
            files.deleteBehindGap();
            assertThat(files.lastFile()).isEqualTo(4);
        }
        Files.delete(temp.resolve("blk00002.dat"));
        try (BlockFiles files = BlockFiles.open(temp, options(100, true))) {
            files.deleteBehindGap();
            files.deleteUndo();
            assertThat(files.append(block).file()).isEqualTo(2);
        }
        try (var left = Files.list(temp)) {
            assertThat(left.map(each -> each.getFileName().toString()))
                    .containsExactlyInAnyOrder(
                            "xor.dat", "blk00000.dat", "blk00001.dat", "blk00002.dat");
        }
    }

    @Test
    void shouldDeleteEveryFileWhereTheFirstIsMissing() throws IOException {
        Bytes block = Bytes.parse("aa".repeat(50));
        try (BlockFiles files = BlockFiles.open(temp, options(100, true))) {
            for (int i = 0; i < 3; i++) {
                files.append(block);
            }
        }
        Files.delete(temp.resolve("blk00000.dat"));
        try (BlockFiles files = BlockFiles.open(temp, options(100, true))) {
            files.deleteBehindGap();
            assertThat(files.bytesUsed()).isZero();
            assertThat(files.append(block)).isEqualTo(new BlockPosition(0, 8));
        }
    }
}
