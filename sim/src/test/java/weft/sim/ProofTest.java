package weft.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/// Networks in which everything goes wrong, and the invariants that hold all the same. `-Dweft.times=N` tries
/// N times as many seeds.
class ProofTest {
    private static final int SIZE = 24;
    private static final int TIMES = Integer.getInteger("weft.times", 1);

    @Test
    @DisplayName(
            "S-100 whatever fails, invariants hold after every event, and all agree in the end")
    void shouldHold() {
        for (long seed = 1; seed <= 2L * TIMES; seed++) {
            Proof.Outcome outcome = Proof.of(seed, SIZE, Duration.ofHours(1));
            assertThat(outcome.agreedAfter()).isLessThanOrEqualTo(Duration.ofMinutes(30));
            assertThat(outcome.checks()).isGreaterThan(10_000);
        }
    }

    /// What a JVM of its own prints with these settings.
    private static String hashWith(String... settings) throws IOException, InterruptedException {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("--enable-native-access=ALL-UNNAMED");
        command.addAll(List.of(settings));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), "weft.sim.ProofTest"));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(text).isZero();
        return text.lines().filter(line -> line.startsWith("seed")).findFirst().orElse(text);
    }

    /// Prints one history's hash, for another JVM to compare.
    public static void main(String[] args) {
        System.out.println(Proof.of(7, 12, Duration.ofMinutes(10)));
    }

    @Test
    @DisplayName("One seed has one history on JVMs of two configurations")
    void shouldNotDependOnTheMachine() throws IOException, InterruptedException {
        String usual = hashWith("-XX:+UseSerialGC");
        assertThat(usual).contains("seed 7").contains("events");
        assertThat(
                        hashWith(
                                "-XX:+UseParallelGC",
                                "-XX:+UseCompactObjectHeaders",
                                "-XX:TieredStopAtLevel=1",
                                "-XX:+UnlockExperimentalVMOptions",
                                "-XX:hashCode=2"))
                .isEqualTo(usual);
    }
}
