package weft.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import weft.chain.store.Batch;
import weft.crypto.Sha256;
import weft.primitives.Bytes;
import weft.store.RocksKeyValueStore;

/// A node on a folder in which something is damaged: one line that says what, and what helps; exit code 1;
/// the block files as they were; and what the line says does help.
class DamagedFolderTest {
    private static final String ADDRESS = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";
    private static final int BLOCKS = 30;
    private static final String[] INDEXES = {
        "-txindex", "-blockfilterindex", "-coinstatsindex", "-addressindex"
    };

    @TempDir private Path temp;
    private String tip = "";

    private Path network() {
        return temp.resolve("home").resolve("regtest");
    }

    private RunningNode start(String... more) throws IOException, InterruptedException {
        var options = new ArrayList<>(List.of(INDEXES));
        options.addAll(List.of(more));
        return RunningNode.start(temp.resolve("home"), options.toArray(String[]::new));
    }

    private void fill() throws IOException, InterruptedException {
        try (RunningNode node = start()) {
            node.call("generatetoaddress", BLOCKS, ADDRESS);
            awaitIndexes(node);
            tip = node.call("getbestblockhash").asString();
            assertThat(node.stop()).isZero();
        }
        copy(network(), temp.resolve("whole"));
    }

    private static void awaitIndexes(RunningNode node) throws InterruptedException {
        RunningNode.await(
                Duration.ofSeconds(60),
                () -> {
                    for (var each : node.call("getindexinfo")) {
                        if (each.path("best_block_height").asInt() != BLOCKS) {
                            return false;
                        }
                    }
                    return node.call("getindexinfo").size() == INDEXES.length;
                });
    }

    private static void copy(Path from, Path to) throws IOException {
        try (var files = Files.walk(from)) {
            for (Path each : files.toList()) {
                Path target = to.resolve(from.relativize(each));
                if (Files.isDirectory(each)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(each, target);
                }
            }
        }
    }

    private static void delete(Path folder) throws IOException {
        try (var files = Files.walk(folder)) {
            for (Path each : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(each);
            }
        }
    }

    private void restore() throws IOException {
        delete(network());
        copy(temp.resolve("whole"), network());
    }

    private static Map<String, String> contents(Path folder) throws IOException {
        var all = new TreeMap<String, String>();
        try (var files = Files.walk(folder)) {
            for (Path each : files.filter(Files::isRegularFile).toList()) {
                all.put(
                        folder.relativize(each).toString(),
                        Bytes.wrap(Sha256.hash(Files.readAllBytes(each))).toHex());
            }
        }
        return all;
    }

    /// Starts a node that must refuse.
    private void assertRefused(String... words) throws IOException, InterruptedException {
        Map<String, String> before = contents(network().resolve("blocks"));
        var options =
                new ArrayList<>(
                        List.of(
                                "-regtest",
                                "-datadir=" + temp.resolve("home"),
                                "-listen=0",
                                "-dnsseed=0",
                                "-printtoconsole=0",
                                "-rpcport=" + FreePorts.one()));
        options.addAll(List.of(INDEXES));
        try (WeftProcess node =
                WeftProcess.weftd(temp.resolve("scratch"), options.toArray(String[]::new))) {
            WeftProcess.Ended ended = node.await(Duration.ofSeconds(60));
            // As Bitcoin Core: what only a rebuild cures is a question that nobody hears, with its
            // advice in
            // a line of its own; all else is one line.
            boolean isQuestion = ended.err().startsWith(": ");
            assertThat(ended.err()).startsWith(isQuestion ? ": " : "Error: ");
            assertThat(ended.err().replace('\n', ' ')).contains(words);
            assertThat(ended.err().lines()).as(ended.err()).hasSize(isQuestion ? 2 : 1);
            assertThat(ended.exitCode()).isEqualTo(1);
        }
        assertThat(contents(network().resolve("blocks"))).isEqualTo(before);
    }

    private void assertWholeAgain(String... options) throws IOException, InterruptedException {
        try (RunningNode node = start(options)) {
            RunningNode.await(Duration.ofSeconds(60), () -> node.height() == BLOCKS);
            assertThat(node.call("getbestblockhash").asString()).isEqualTo(tip);
            awaitIndexes(node);
            assertThat(node.stop()).isZero();
        }
    }

    /// Writes other bytes near the end of a file.
    private void damage(String file) throws IOException {
        try (var bytes = new RandomAccessFile(network().resolve(file).toFile(), "rw")) {
            bytes.seek(Math.max(0, bytes.length() - 60));
            bytes.write("not what was here before".getBytes(StandardCharsets.US_ASCII));
        }
    }

    @Test
    @DisplayName("P10 damaged block, undo and database files are named, with what helps")
    void shouldNameWhatIsDamagedInTheChain() throws Exception {
        fill();
        damage("blocks/rev00000.dat");
        assertRefused("Corrupted block database detected. Please restart with -reindex");
        assertWholeAgain("-reindex");

        restore();
        damage("blocks/blk00000.dat");
        assertRefused("Corrupted block database detected. Please restart with -reindex");

        restore();
        Files.write(network().resolve("blocks/xor.dat"), new byte[] {1, 2, 3});
        assertRefused("xor.dat is damaged");

        restore();
        Files.delete(network().resolve("chainstate/CURRENT"));
        assertRefused("Error opening block database: ", "restart with -reindex to recover.");
        assertWholeAgain("-reindex");
    }

    @Test
    @DisplayName(
            "P10 the damaged index is named; without its folder, or by -reindex, it is built anew")
    void shouldNameTheDamagedIndex() throws Exception {
        fill();
        for (String each : List.of("txindex", "blockfilter/basic", "coinstats", "address")) {
            Files.writeString(network().resolve("indexes/" + each + "/CURRENT"), "rot");
            assertRefused("indexes/" + each + " is damaged", "-reindex", "folder");
            if (each.equals("address")) {
                assertWholeAgain("-reindex");
            } else {
                delete(network().resolve("indexes/" + each));
            }
        }
        assertWholeAgain();
    }

    @Test
    @DisplayName("A folder that a newer version wrote is left alone")
    void shouldRefuseAFolderOfANewerVersion() throws Exception {
        fill();
        Bytes form = Bytes.wrap("form".getBytes(StandardCharsets.ISO_8859_1));
        try (var store = RocksKeyValueStore.open(network().resolve("chainstate"), 1 << 20)) {
            assertThat(store.get(form)).isEqualTo(Bytes.parse("01"));
            store.write(new Batch().put(form, Bytes.parse("02")));
        }
        assertRefused("another version of this program (form 02, not 01)", "-reindex");

        restore();
        Bytes index = Bytes.wrap("Form".getBytes(StandardCharsets.ISO_8859_1));
        try (var store = RocksKeyValueStore.open(network().resolve("indexes/txindex"), 1 << 20)) {
            byte[] found = java.util.Objects.requireNonNull(store.get(index)).toByteArray();
            found[found.length - 4] = 99;
            store.write(new Batch().put(index, Bytes.wrap(found)));
        }
        assertRefused("txindex was written by a newer version", "form 99");
        assertWholeAgain("-reindex");
    }

    @Test
    @DisplayName("A database that is gone is built from the block files")
    void shouldBuildADatabaseThatIsGone() throws Exception {
        fill();
        delete(network().resolve("chainstate"));
        assertWholeAgain();
    }
}
