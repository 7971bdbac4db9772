package weft.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class RocksLibraryTest {
    private final RocksLibrary.Packed packed =
            Objects.requireNonNull(RocksLibrary.Packed.find(), "RocksDB comes as an archive");

    @TempDir private Path temp;

    private static List<Path> filesBelow(Path folder) throws IOException {
        try (var all = Files.walk(folder)) {
            return all.filter(Files::isRegularFile).toList();
        }
    }

    @Test
    void shouldUnpackOnceAndRepairWhatIsBroken() throws Exception {
        Path place = temp.resolve("cache");
        Path file = RocksLibrary.unpack(packed, place).resolve(RocksLibrary.FILE);
        assertThat(filesBelow(place)).containsExactly(file);
        assertThat(Files.size(file)).isEqualTo(packed.size());
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(place)))
                .isEqualTo("rwx------");
        Object first = Files.readAttributes(file, "unix:ino").get("ino");
        assertThat(RocksLibrary.unpack(packed, place)).isEqualTo(file.getParent());
        assertThat(Files.readAttributes(file, "unix:ino").get("ino")).isEqualTo(first);

        byte[] whole = Files.readAllBytes(file);
        try (var broken = new RandomAccessFile(file.toFile(), "rw")) {
            broken.seek(1_000_000);
            broken.write(whole[1_000_000] ^ 1);
        }
        RocksLibrary.unpack(packed, place);
        assertThat(Files.readAllBytes(file)).isEqualTo(whole);
        try (var cut = new RandomAccessFile(file.toFile(), "rw")) {
            cut.setLength(1_000);
        }
        Path old = Files.createFile(file.resolveSibling("part-old"));
        Files.setLastModifiedTime(old, FileTime.from(Instant.now().minusSeconds(7_200)));
        Path young = Files.createFile(file.resolveSibling("part-young"));
        RocksLibrary.unpack(packed, place);
        assertThat(Files.readAllBytes(file)).isEqualTo(whole);
        assertThat(filesBelow(place)).containsExactlyInAnyOrder(file, young);
    }

    @Test
    @Timeout(60)
    void shouldNotMindPartsThatVanishWhileItLooks() throws Exception {
        var ended = new AtomicBoolean();
        var other =
                CompletableFuture.supplyAsync(
                        () -> {
                            int made = 0;
                            while (!ended.get()) {
                                try {
                                    Files.delete(Files.createTempFile(temp, "part-", ""));
                                    made++;
                                } catch (IOException e) {
                                    throw new UncheckedIOException(e);
                                }
                            }
                            return made;
                        });
        try {
            for (int i = 0; i < 5_000; i++) {
                RocksLibrary.removeOldParts(temp);
            }
        } finally {
            ended.set(true);
        }
        assertThat(other.get()).isGreaterThan(100);
    }

    @Test
    void shouldNotTrustAPlaceOfOthers() throws Exception {
        Path open =
                Files.createDirectory(
                        temp.resolve("open"),
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rwx------")));
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwxrwx"));
        assertThatThrownBy(() -> RocksLibrary.unpack(packed, open))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("others may write");
        Path link = Files.createSymbolicLink(temp.resolve("link"), temp.resolve("target"));
        Files.createDirectory(temp.resolve("target"));
        assertThatThrownBy(() -> RocksLibrary.unpack(packed, link))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("is no folder");
        assertThat(filesBelow(temp)).isEmpty();
    }

    /// Opens a database, says so, and waits to be killed.
    static final class User {
        private User() {}

        public static void main(String[] args) throws InterruptedException {
            RocksKeyValueStore.open(Path.of(args[0]), 1 << 20);
            System.out.println("open");
            Thread.sleep(60_000);
        }
    }

    private Process user(String name) throws IOException {
        Path home = Files.createDirectories(temp.resolve("home"));
        Path scratch = Files.createDirectories(temp.resolve("tmp"));
        var command =
                new ArrayList<>(
                        List.of(
                                ProcessHandle.current().info().command().orElseThrow(),
                                "-Xmx64m",
                                "--enable-native-access=ALL-UNNAMED",
                                "-Duser.home=" + home,
                                "-Djava.io.tmpdir=" + scratch,
                                "-cp",
                                System.getProperty(
                                        "surefire.test.class.path",
                                        System.getProperty("java.class.path")),
                                User.class.getName(),
                                temp.resolve(name).toString()));
        var builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().remove("XDG_CACHE_HOME");
        return builder.start();
    }

    @Test
    @Timeout(90)
    void shouldServeProcessesThatStartAtOnceAndAreKilled() throws Exception {
        for (int round = 0; round < 2; round++) {
            var users = new ArrayList<Process>();
            for (int i = 0; i < 3; i++) {
                users.add(user("db" + i));
            }
            for (Process each : users) {
                assertThat(each.inputReader().readLine()).isEqualTo("open");
            }
            for (Process each : users) {
                each.destroyForcibly().waitFor();
            }
        }
        assertThat(filesBelow(temp.resolve("home"))).hasSize(1);
        assertThat(filesBelow(temp.resolve("tmp")))
                .noneMatch(each -> each.toString().contains("rocks"));
    }
}
