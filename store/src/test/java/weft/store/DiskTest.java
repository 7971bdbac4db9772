package weft.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import weft.chain.store.StoreException;

class DiskTest {
    @TempDir private Path temp;

    @Test
    void shouldRefuseASecondUserInCoresWords() {
        Path folder = temp.resolve("data");
        try (Disk _ = Disk.open(folder, "regtest", "weft")) {
            assertThatThrownBy(() -> Disk.open(folder, "regtest", "weft"))
                    .isInstanceOf(StoreException.class)
                    .hasMessage(
                            "Cannot obtain a lock on data directory "
                                    + folder
                                    + ". weft is probably already running.");
        }
        Disk.open(folder, "regtest", "weft").close();
    }

    @Test
    void shouldRefuseASecondProcess() throws Exception {
        Path folder = temp.resolve("data");
        String program = ProcessHandle.current().info().command().orElseThrow();
        try (Disk _ = Disk.open(folder, "regtest", "weft")) {
            Process second =
                    new ProcessBuilder(
                                    program,
                                    "-cp",
                                    System.getProperty("java.class.path"),
                                    SecondProcess.class.getName(),
                                    folder.toString())
                            .redirectErrorStream(true)
                            .start();
            String said =
                    new String(second.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(second.waitFor()).isZero();
            assertThat(said).contains("Cannot obtain a lock on data directory " + folder);
        }
    }

    /// Tries to open the folder that another process holds.
    static final class SecondProcess {
        private SecondProcess() {}

        /// @param args the folder
        public static void main(String[] args) {
            try (Disk _ = Disk.open(Path.of(args[0]), "regtest", "weft")) {
                System.out.println("opened");
            } catch (StoreException e) {
                System.out.println(e.getMessage());
            }
        }
    }

    @Test
    void shouldRefuseAFolderOfAnotherNetwork() {
        Disk.open(temp, "regtest", "weft").close();
        assertThatThrownBy(() -> Disk.open(temp, "main", "weft"))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("belongs to the network regtest");
        Disk.open(temp, "regtest", "weft").close();
    }

    @Test
    void shouldMakeSubfolders() throws IOException {
        try (Disk disk = Disk.open(temp.resolve("data"), "regtest", "weft")) {
            assertThat(disk.subfolder("indexes/txindex")).isDirectory();
            assertThat(disk.blocks()).isDirectory();
            assertThat(disk.freeBytes()).isPositive();
            Files.writeString(disk.file("settings.json"), "{}");
        }
    }

    @Test
    void shouldKeepANotedWordUntilItIsStruckOut() {
        try (Disk disk = Disk.open(temp, "regtest", "weft")) {
            assertThat(disk.isNoted("order")).isFalse();
            disk.note("order");
            disk.note("order");
        }
        try (Disk disk = Disk.open(temp, "regtest", "weft")) {
            assertThat(disk.isNoted("order")).isTrue();
            disk.strikeOut("order");
            disk.strikeOut("order");
        }
        try (Disk disk = Disk.open(temp, "regtest", "weft")) {
            assertThat(disk.isNoted("order")).isFalse();
        }
    }

    @Test
    void shouldLetOnlyOneUseBlockFilesElsewhere() {
        Path blocks = temp.resolve("blocks");
        try (Disk _ = Disk.open(temp.resolve("one"), blocks, "regtest", "weft")) {
            assertThatThrownBy(() -> Disk.open(temp.resolve("two"), blocks, "regtest", "weft"))
                    .isInstanceOf(StoreException.class)
                    .hasMessageStartingWith("Cannot obtain a lock on directory " + blocks);
        }
        Disk.open(temp.resolve("two"), blocks, "regtest", "weft").close();
    }

    @Test
    void shouldSayWhichFolderLacksSpace() {
        try (Disk disk = Disk.open(temp, "regtest", "weft")) {
            disk.checkSpace(1);
            assertThatThrownBy(() -> disk.checkSpace(Long.MAX_VALUE))
                    .isInstanceOf(StoreException.class)
                    .hasMessage("Disk space is low for \"" + temp + "\"");
        }
    }
}
