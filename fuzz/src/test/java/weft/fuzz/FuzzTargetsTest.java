package weft.fuzz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import weft.testkit.Property;

/// The targets without a fuzzer: on what fuzzers found, on the seeds, on seeds with some bytes changed.
class FuzzTargetsTest {
    private static final int CASES = Integer.getInteger("weft.cases", 2_000);

    private static final Map<String, Consumer<byte[]>> TARGETS =
            new TreeMap<>(
                    Map.of(
                            "TransactionFuzz", TransactionFuzz::fuzzerTestOneInput,
                            "BlockFuzz", BlockFuzz::fuzzerTestOneInput,
                            "ScriptParseFuzz", ScriptParseFuzz::fuzzerTestOneInput,
                            "InterpreterFuzz", InterpreterFuzz::fuzzerTestOneInput));

    private static final Path FOUND =
            Path.of(System.getProperty("weft.root", "..")).resolve("fuzz/src/test/resources/fuzz");

    @TestFactory
    Stream<DynamicTest> shouldTakeWhatWasFoundOnce() throws IOException {
        try (Stream<Path> files = Files.walk(FOUND)) {
            List<Path> found = files.filter(Files::isRegularFile).sorted().toList();
            assertThat(found).isNotEmpty();
            return found.stream()
                    .map(
                            file ->
                                    DynamicTest.dynamicTest(
                                            FOUND.relativize(file).toString(),
                                            () -> target(file).accept(Files.readAllBytes(file))));
        }
    }

    private static Consumer<byte[]> target(Path file) {
        String name = file.getParent().getFileName().toString();
        Consumer<byte[]> target = TARGETS.get(name);
        assertThat(target).as("a target named " + name).isNotNull();
        return target;
    }

    @TestFactory
    Stream<DynamicTest> shouldTakeSeedsAndTheirNeighbours() {
        Map<String, List<byte[]>> corpus = Corpus.all();
        assertThat(corpus.keySet()).isEqualTo(TARGETS.keySet());
        return TARGETS.keySet().stream()
                .map(
                        name ->
                                DynamicTest.dynamicTest(
                                        name, () -> run(TARGETS.get(name), corpus.get(name))));
    }

    private static void run(Consumer<byte[]> target, List<byte[]> seeds) {
        assertThat(seeds).hasSizeGreaterThan(40);
        target.accept(new byte[0]);
        Property.holds(
                CASES,
                random -> {
                    byte[] seed = seeds.get(random.nextInt(seeds.size()));
                    target.accept(seed);
                    target.accept(changed(seed, random));
                });
    }

    /// The seed with up to four bytes changed, and one time in four cut off.
    private static byte[] changed(byte[] seed, SplittableRandom random) {
        boolean cut = random.nextInt(4) == 0;
        byte[] copy =
                java.util.Arrays.copyOf(seed, cut ? random.nextInt(seed.length + 1) : seed.length);
        for (int i = random.nextInt(4); i >= 0 && copy.length > 0; i--) {
            copy[random.nextInt(copy.length)] = (byte) random.nextInt(256);
        }
        return copy;
    }

    @Test
    void shouldCountWhatIsAllocated() {
        Measured.run(10, () -> assertThat(new byte[4_000_000]).isNotEmpty());
        Measured.run(20_000, () -> assertThat(new byte[9_000_000]).isNotEmpty());
        assertThatThrownBy(
                        () ->
                                Measured.run(
                                        10_000, () -> assertThat(new byte[6_000_000]).isNotEmpty()))
                .isInstanceOf(AssertionError.class)
                .hasMessageStartingWith("10000 bytes of input made it allocate 6");
    }

    @Test
    void shouldForgiveWhatIsAllocatedOnce() {
        byte[][] table = new byte[1][];
        Measured.run(
                1,
                () -> {
                    if (table[0] == null) {
                        table[0] = new byte[6_000_000];
                    }
                });
        assertThat(table[0]).hasSize(6_000_000);
    }

    /// A target that cannot fail proves nothing: here is one whose promise does not hold.
    @Test
    void shouldFailWhereAPromiseIsBroken() {
        assertThatThrownBy(() -> Measured.require(false, "never"))
                .isInstanceOf(AssertionError.class)
                .hasMessage("never");
    }
}
