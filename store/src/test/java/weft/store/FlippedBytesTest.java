package weft.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import weft.chain.store.StoreException;
import weft.primitives.Block;

/// A byte of a small data folder is another: that is detected when it is used, or harmless; never is an
/// answer wrong, never does the node hang, and no block is blamed.
class FlippedBytesTest {
    private static final int BLOCKS = 150;
    private static final int DEPTH = 8;
    private static final long PATIENCE_SECONDS = 30;

    /// A sample of each file in every build; `-Dweft.flips=all` for every byte, or a number for each file.
    private static final String FLIPS = System.getProperty("weft.flips", "5");

    @TempDir private Path temp;
    private List<Block> blocks = List.of();
    private String expected = "";

    private enum Outcome {
        HARMLESS,
        REFUSED_AT_START,
        FOUND_ON_USE
    }

    private Path whole() {
        return temp.resolve("whole");
    }

    @BeforeEach
    void live() throws IOException {
        blocks = StoryBlocks.mine(BLOCKS);
        Files.createDirectories(whole());
        // The first part lies in sorted files of the database, the last in its log.
        var node = new FaultStory(whole());
        node.start(false);
        node.take(blocks.subList(0, BLOCKS - 20));
        node.end();
        node.start(true);
        node.take(blocks.subList(BLOCKS - 20, BLOCKS));
        expected = node.coins();
        node.end();
    }

    private static List<Path> files(Path folder) throws IOException {
        try (var files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile)
                    .filter(each -> !each.getFileName().toString().matches("LOG.*|LOCK|\\.lock"))
                    .sorted()
                    .toList();
        }
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

    private static void remove(Path folder) throws IOException {
        if (Files.exists(folder)) {
            try (var files = Files.walk(folder)) {
                for (Path each : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(each);
                }
            }
        }
    }

    private Outcome flip(Path file, int at, int mask)
            throws IOException, InterruptedException, ExecutionException {
        Path folder = temp.resolve("flipped");
        remove(folder);
        copy(whole(), folder);
        Path flipped = folder.resolve(whole().relativize(file));
        byte[] bytes = Files.readAllBytes(flipped);
        bytes[at] ^= (byte) mask;
        Files.write(flipped, bytes);
        var task = new FutureTask<>(() -> use(new FaultStory(folder)));
        Thread thread = Thread.ofPlatform().daemon().start(task);
        try {
            return task.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            var where = new AssertionError("hangs");
            where.setStackTrace(thread.getStackTrace());
            throw where;
        }
    }

    private Outcome use(FaultStory node) {
        Outcome outcome = Outcome.REFUSED_AT_START;
        try {
            node.start(true);
            outcome = Outcome.FOUND_ON_USE;
            node.useAll(DEPTH);
            node.take(blocks);
            node.useAll(DEPTH);
            assertThat(node.coins()).isEqualTo(expected);
            assertThat(node.isAnyInvalid(blocks)).isFalse();
            node.end();
            outcome = Outcome.HARMLESS;
        } catch (StoreException e) {
            assertThat(e).message().isNotBlank().doesNotContain("\n");
        } finally {
            node.shut();
        }
        assertThat(node.hasReadOnly(blocks)).as("other bytes of a block are read").isTrue();
        assertThat(node.hasBlamed()).as("a block is blamed").isFalse();
        return outcome;
    }

    @Test
    @DisplayName("P10 P2 a byte that rotted is found or harmless, and no answer is wrong")
    void shouldFindOrSurviveEveryFlippedByte()
            throws IOException, InterruptedException, ExecutionException {
        var random = new SplittableRandom(10);
        Map<String, Map<Outcome, Integer>> seen = new TreeMap<>();
        var wrong = new ArrayList<String>();
        for (Path file : files(whole())) {
            int size = Math.toIntExact(Files.size(file));
            String kind = whole().relativize(file).toString().replaceAll("\\d+", "#");
            boolean all = FLIPS.equals("all");
            for (int i = 0; i < (all ? size : Math.min(size, Integer.parseInt(FLIPS))); i++) {
                int at = all ? i : random.nextInt(size);
                int mask = random.nextBoolean() ? 1 << random.nextInt(8) : 255;
                try {
                    Outcome outcome = flip(file, at, mask);
                    seen.computeIfAbsent(kind, _ -> new TreeMap<>())
                            .merge(outcome, 1, Integer::sum);
                } catch (AssertionError | ExecutionException e) {
                    wrong.add(whole().relativize(file) + " at " + at + " with " + mask + ": " + e);
                }
            }
        }
        seen.forEach((kind, outcomes) -> System.out.println(kind + " " + outcomes));
        assertThat(wrong).isEmpty();
    }
}
