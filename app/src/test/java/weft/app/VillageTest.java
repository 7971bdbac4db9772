package weft.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The village, as whoever types `weft village` meets it.
class VillageTest {
    private static String basePort() {
        // Nodes take the ports after it, RPC those 100 above.
        return Integer.toString(FreePorts.block(110));
    }

    @Test
    @Timeout(180)
    void shouldKeepAllPromisesOfTheTour(@TempDir Path folder) throws Exception {
        try (WeftProcess village =
                WeftProcess.weft(
                        folder, "village", "--script", "tour", "--base-port", basePort())) {
            WeftProcess.Ended ended = village.await(Duration.ofSeconds(160));
            assertThat(ended.exitCode()).as(ended.out() + ended.err()).isZero();
            assertThat(ended.out())
                    .contains(
                            "1. Strangers",
                            "every node found all 4 others",
                            "everybody sees 1.50000000 BTC of emil",
                            "got SIGKILL",
                            "ok: it has the blocks that it missed",
                            "All promises kept, in ")
                    .doesNotContain("BROKEN");
            assertThat(ended.out().lines().filter(line -> line.startsWith("   ok: ")).count())
                    .isEqualTo(12);
            assertThat(ended.err()).isEmpty();
            assertThat(village.leftOvers()).isEmpty();
        }
    }

    /// Ctrl-C while the nodes start, while they meet, and in the middle of the tour.
    @ParameterizedTest
    @ValueSource(strings = {"starting 3 nodes", "1. Strangers", "3. Work"})
    @Timeout(120)
    void shouldLeaveNothingBehindAfterControlC(String moment, @TempDir Path folder)
            throws Exception {
        try (WeftProcess village =
                WeftProcess.weft(
                        folder,
                        "village",
                        "--nodes",
                        "3",
                        "--script",
                        "tour",
                        "--base-port",
                        basePort())) {
            village.awaitOutput(moment, Duration.ofSeconds(60));
            if (moment.startsWith("starting")) {
                RunningNode.await(
                        Duration.ofSeconds(60), () -> village.process().children().count() > 0);
            }
            List<ProcessHandle> nodes = village.process().descendants().toList();
            assertThat(nodes).isNotEmpty();
            village.interrupt();
            WeftProcess.Ended ended = village.await(Duration.ofSeconds(60));
            assertThat(ended.exitCode()).as("ended by SIGINT").isEqualTo(130);
            assertThat(ended.err()).isEmpty();
            assertThat(ended.out()).doesNotContain("BROKEN", "Exception");
            assertThat(nodes).noneMatch(ProcessHandle::isAlive);
            assertThat(village.leftOvers()).isEmpty();
        }
    }

    @Test
    @Timeout(60)
    void shouldRunWithoutAScriptUntilControlC(@TempDir Path folder) throws Exception {
        try (WeftProcess village =
                WeftProcess.weft(folder, "village", "--nodes", "2", "--base-port", basePort())) {
            village.awaitOutput("bela: height 1", Duration.ofSeconds(40));
            List<ProcessHandle> nodes = village.process().children().toList();
            assertThat(nodes).hasSize(2);
            village.interrupt();
            WeftProcess.Ended ended = village.await(Duration.ofSeconds(60));
            assertThat(ended.err()).isEmpty();
            assertThat(nodes).noneMatch(ProcessHandle::isAlive);
            assertThat(village.leftOvers()).isEmpty();
        }
    }
}
