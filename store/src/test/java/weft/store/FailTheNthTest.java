package weft.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import weft.chain.store.StoreException;
import weft.primitives.Block;

/// Every write, sync, rename, create and delete of a node that takes 300 blocks with three reorganisations
/// fails in turn, in every way: the node stops with one line, and a restart on what is left goes on to the
/// same coins.
class FailTheNthTest {
    private static final int BLOCKS = 300;
    private static final int SYNCHRONISING = 140;
    private static final int RESTART = 220;

    private static final int PROGRESS = 100;

    /// A sample in every build; `-Dweft.faults=all` for every call in every way, or a number. All of them
    /// take an hour: `all/4/1` is the second of four parts.
    private static final String FAULTS = System.getProperty("weft.faults", "24");

    private static final FaultLoader LOADER =
            new FaultLoader(FailTheNthTest.class.getClassLoader());

    private static List<Block> blocks = List.of();
    private List<String> calls = List.of();

    @TempDir private Path temp;

    @BeforeAll
    static void mine() {
        blocks = StoryBlocks.mine(BLOCKS);
        assertThat(blocks).hasSize(BLOCKS);
    }

    private static FaultyNode node(Path folder) {
        try {
            return (FaultyNode)
                    LOADER.loadClass(FaultStory.class.getName())
                            .getConstructor(Path.class)
                            .newInstance(folder);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("the story cannot be loaded", e);
        }
    }

    /// The whole story; only the last life of the node is left open.
    private static void live(FaultyNode node) {
        node.start(false);
        node.take(blocks.subList(0, SYNCHRONISING));
        node.end();
        node.start(true);
        node.take(blocks.subList(SYNCHRONISING, RESTART));
        node.end();
        node.start(true);
        node.take(blocks.subList(RESTART, blocks.size()));
        node.end();
    }

    private String undisturbed() throws IOException {
        Path folder = temp.resolve("undisturbed");
        Files.createDirectories(folder);
        FaultyNode node = node(folder);
        Faults.arm(-1, Faults.Mode.BEFORE, folder.resolve("chainstate"));
        live(node);
        calls = Faults.calls();
        node.start(true);
        String coins = node.coins();
        node.end();
        return coins;
    }

    private static void remove(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (var files = Files.walk(folder)) {
            for (Path each : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(each);
            }
        }
    }

    /// @return what failed; empty if there were not so many calls
    private String fail(int nth, Faults.Mode mode, String expected) throws IOException {
        Path folder = temp.resolve("node");
        String where = mode + " at call " + nth;
        Files.createDirectories(folder);
        Faults.arm(nth, mode, folder.resolve("chainstate"));
        FaultyNode node = node(folder);
        StoreException stopped = null;
        try {
            live(node);
        } catch (StoreException e) {
            stopped = e;
        }
        boolean fired = Faults.hasFired();
        boolean thrown = Faults.hasThrown();
        String failed = fired ? Faults.calls().get(nth) : "";
        Faults.disarm();
        node.shut();
        where += " (" + failed + ")";
        if (thrown) {
            assertThat(stopped).as(where).isNotNull();
            assertThat(stopped).as(where).message().isNotBlank().doesNotContain("\n");
        }
        assertThat(node.hasBlamed()).as(where).isFalse();
        Faults.cutPower(folder.resolve("blocks"));
        recover(folder, mode, node, expected, where);
        remove(folder);
        return failed;
    }

    private static void recover(
            Path folder, Faults.Mode mode, FaultyNode before, String expected, String where) {
        FaultyNode again = node(folder);
        try {
            again.start(true);
            boolean powerLost = mode.compareTo(Faults.Mode.LOST) >= 0;
            assertThat(again.tipWork())
                    .as(where)
                    .isGreaterThanOrEqualTo(powerLost ? before.safe() : before.told());
            again.take(blocks);
            assertThat(again.hasBlamed()).as(where).isFalse();
            assertThat(again.isAnyInvalid(blocks)).as(where).isFalse();
            assertThat(again.coins()).as(where).isEqualTo(expected);
            again.end();
        } catch (StoreException e) {
            throw new AssertionError(where + ": no restart: " + e.getMessage(), e);
        } finally {
            again.shut();
        }
    }

    @Test
    @DisplayName("P1 P2 P3 P4 P5 whichever call to the disk fails, and however, a restart goes on")
    void shouldRecoverWhicheverCallFails() throws IOException {
        // The first life of a process also unpacks the database's library, which no later one does.
        undisturbed();
        remove(temp.resolve("undisturbed"));
        String expected = undisturbed();
        var kinds = new TreeMap<String, Integer>();
        calls.forEach(each -> kinds.merge(each, 1, Integer::sum));
        assertThat(kinds)
                .containsKeys(
                        "RandomAccessFile.write",
                        "FileChannel.force",
                        "Files.move",
                        "Files.createFile",
                        "Files.deleteIfExists",
                        "RocksDB.write",
                        "RocksDB.ingestExternalFile",
                        "SstFileWriter.finish");
        List<Fault> faults = FAULTS.startsWith("all") ? all() : sample(List.copyOf(kinds.keySet()));
        var wrong = new ArrayList<String>();
        int done = 0;
        for (Fault each : faults) {
            if (++done % PROGRESS == 0) {
                System.out.println(done + " of " + faults.size() + ", wrong " + wrong.size());
            }
            try {
                assertThat(fail(each.nth, each.mode, expected)).isNotEmpty();
            } catch (AssertionError e) {
                wrong.add(each + ": " + e.getMessage());
                remove(temp.resolve("node"));
            }
        }
        assertThat(wrong).isEmpty();
        System.out.println(faults.size() + " failures in " + calls.size() + " calls " + kinds);
    }

    private record Fault(int nth, Faults.Mode mode) {}

    private List<Fault> all() {
        String[] part = (FAULTS + "/1/0").split("/");
        int parts = Integer.parseInt(part[1]);
        var faults = new ArrayList<Fault>();
        for (Faults.Mode mode : Faults.Mode.values()) {
            for (int nth = Integer.parseInt(part[2]); nth < calls.size(); nth += parts) {
                faults.add(new Fault(nth, mode));
            }
        }
        return faults;
    }

    /// One of each kind, then any.
    private List<Fault> sample(List<String> kinds) {
        var random = new SplittableRandom(4);
        var faults = new ArrayList<Fault>();
        Faults.Mode[] modes = Faults.Mode.values();
        while (faults.size() < Integer.parseInt(FAULTS)) {
            int nth = random.nextInt(calls.size());
            if (faults.size() < kinds.size() && !calls.get(nth).equals(kinds.get(faults.size()))) {
                continue;
            }
            faults.add(new Fault(nth, modes[random.nextInt(modes.length)]));
        }
        return faults;
    }
}
