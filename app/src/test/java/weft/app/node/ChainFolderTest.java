package weft.app.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import weft.app.node.NodeSettings.Rebuild;
import weft.chain.Reindex;
import weft.chain.store.Batch;
import weft.chain.store.StoreException;
import weft.primitives.BlockHash;
import weft.primitives.Bytes;
import weft.primitives.log.Log;
import weft.store.BlockFileOptions;
import weft.store.Disk;
import weft.store.RocksKeyValueStore;

class ChainFolderTest {
    private static final Bytes KEY = Bytes.parse("6b6579");
    private static final Bytes BLOCK = Bytes.parse("aa".repeat(60));

    @TempDir private Path temp;

    private Disk disk() {
        return Disk.open(temp, "regtest", "weft");
    }

    private ChainFolder open(Disk disk, Rebuild rebuild, boolean prunes) {
        var storage =
                new NodeSettings.Storage(
                        temp,
                        disk.blocks(),
                        8 << 20,
                        true,
                        100,
                        rebuild,
                        List.of(),
                        new NodeSettings.BlockCheck(6, 3, false),
                        NodeSettings.Crashes.NONE);
        var options =
                new BlockFileOptions(
                        Bytes.parse("fabfb5da"), 100, true, Bytes.parse("0102030405060708"), 0);
        return ChainFolder.open(disk, storage, options, prunes, Log.NONE);
    }

    /// A folder with something in the database and two block files.
    private void fill() {
        try (Disk disk = disk();
                ChainFolder chain = open(disk, Rebuild.NOTHING, false)) {
            for (int i = 0; i < 3; i++) {
                chain.blocks()
                        .appendUndo(chain.blocks().append(BLOCK), BLOCK, new BlockHash(1, 2, 3, 4));
            }
            chain.database().write(new Batch().put(KEY, BLOCK));
        }
    }

    @Test
    void shouldMakeNothingAnewUnasked() {
        fill();
        try (Disk disk = disk();
                ChainFolder chain = open(disk, Rebuild.NOTHING, false)) {
            assertThat(chain.database().get(KEY)).isEqualTo(BLOCK);
            assertThat(Reindex.isOrdered(chain.database())).isFalse();
        }
    }

    @Test
    void shouldGoOnWithAnOrderThatADeadProcessOnlyNoted() {
        fill();
        try (Disk disk = disk()) {
            disk.note("reindex");
        }
        try (Disk disk = disk();
                ChainFolder chain = open(disk, Rebuild.NOTHING, false)) {
            assertThat(chain.database().get(KEY)).isNull();
            assertThat(Reindex.isOrdered(chain.database())).isTrue();
            assertThat(temp.resolve("blocks/rev00000.dat")).doesNotExist();
        }
        // From here on the database itself knows of the order.
        try (Disk disk = disk();
                ChainFolder chain = open(disk, Rebuild.NOTHING, false)) {
            assertThat(disk.isNoted("reindex")).isFalse();
            assertThat(Reindex.isOrdered(chain.database())).isTrue();
        }
    }

    @Test
    void shouldGoOnWithAnOrderWhateverIsLeftOfTheOldDatabase() throws IOException {
        for (String gone : List.of("CURRENT", "MANIFEST-*", "*.log")) {
            fill();
            try (Disk disk = disk()) {
                disk.note("reindex");
            }
            try (var files = Files.newDirectoryStream(temp.resolve("chainstate"), gone)) {
                for (Path each : files) {
                    Files.delete(each);
                }
            }
            try (Disk disk = disk();
                    ChainFolder chain = open(disk, Rebuild.NOTHING, false)) {
                assertThat(Reindex.isOrdered(chain.database())).as(gone).isTrue();
                chain.database()
                        .write(
                                new Batch()
                                        .delete(
                                                Bytes.wrap(
                                                        "reindex"
                                                                .getBytes(
                                                                        java.nio.charset
                                                                                .StandardCharsets
                                                                                .ISO_8859_1))));
            }
        }
    }

    @Test
    void shouldBuildADatabaseThatIsMissingFromTheBlockFiles() {
        fill();
        RocksKeyValueStore.destroy(temp.resolve("chainstate"));
        try (Disk disk = disk();
                ChainFolder chain = open(disk, Rebuild.NOTHING, false)) {
            assertThat(Reindex.isOrdered(chain.database())).isTrue();
        }
    }

    @Test
    void shouldBeginAnewWhereThereIsNothing() {
        try (Disk disk = disk();
                ChainFolder chain = open(disk, Rebuild.NOTHING, false)) {
            assertThat(Reindex.isOrdered(chain.database())).isFalse();
        }
    }

    @Test
    void shouldDeleteBlockFilesBehindAGapOnlyWherePruned() throws IOException {
        fill();
        Files.delete(temp.resolve("blocks/blk00000.dat"));
        for (boolean prunes : List.of(false, true)) {
            try (Disk disk = disk();
                    ChainFolder _ = open(disk, Rebuild.ALL, prunes)) {
                assertThat(Files.exists(temp.resolve("blocks/blk00001.dat"))).isEqualTo(!prunes);
                assertThat(temp.resolve("blocks/rev00001.dat")).doesNotExist();
            }
        }
    }

    @Test
    void shouldNameTheRemedyOfADamagedDatabase() throws IOException {
        fill();
        Files.writeString(temp.resolve("chainstate/CURRENT"), "rot");
        try (Disk disk = disk()) {
            assertThatThrownBy(() -> open(disk, Rebuild.NOTHING, false))
                    .isInstanceOf(StoreException.class)
                    .hasMessageStartingWith("Error opening block database: ")
                    .hasMessageEndingWith("Please restart with -reindex to recover.");
            open(disk, Rebuild.ALL, false).close();
        }
    }
}
