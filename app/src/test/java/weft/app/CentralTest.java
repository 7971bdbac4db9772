package weft.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A network round one node that everybody is told about, as in the first lessons.
class CentralTest {
    private static final String ADDRESS = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";

    private static String log(RunningNode node) throws IOException {
        return Files.readString(node.folder.resolve("regtest").resolve("debug.log"));
    }

    private static List<String> dialled(RunningNode node) throws IOException {
        return log(node)
                .lines()
                .filter(line -> line.contains("trying "))
                .map(line -> line.replaceAll(".*(127\\.0\\.0\\.1:[0-9]+).*", "$1"))
                .distinct()
                .toList();
    }

    @Test
    @Timeout(120)
    @DisplayName("S-30 -central=host:port is the only source: two nodes meet through a third")
    void shouldMeetThroughTheCentralNode(@TempDir Path folder) throws Exception {
        try (RunningNode central = RunningNode.start(folder.resolve("central"))) {
            String option = "-central=127.0.0.1:" + central.port;
            try (RunningNode miner = RunningNode.start(folder.resolve("miner"), option);
                    RunningNode reader = RunningNode.start(folder.resolve("reader"), option)) {
                RunningNode.await(
                        Duration.ofSeconds(60),
                        () -> central.call("getconnectioncount").asInt() == 2);
                String block = miner.call("generatetoaddress", 1, ADDRESS).get(0).asString();
                RunningNode.await(
                        Duration.ofSeconds(60),
                        () -> reader.call("getbestblockhash").asString().equals(block));
                for (RunningNode node : List.of(miner, reader)) {
                    assertThat(dialled(node)).containsExactly("127.0.0.1:" + central.port);
                    assertThat(log(node))
                            .contains("DNS seeding disabled")
                            .doesNotContain("Loading addresses from DNS seed", "fixed seeds");
                }
            }
        }
    }

    @Test
    void shouldRefuseASecondSource(@TempDir Path folder) throws Exception {
        for (String other : List.of("-addnode=127.0.0.1:1", "-connect=0", "-seednode=127.0.0.1")) {
            try (WeftProcess node =
                    WeftProcess.weftd(
                            folder,
                            "-regtest",
                            "-datadir=" + folder,
                            "-central=127.0.0.1:18444",
                            other)) {
                WeftProcess.Ended ended = node.await(Duration.ofSeconds(60));
                assertThat(ended.exitCode()).isEqualTo(1);
                assertThat(ended.err().lines())
                        .containsExactly(
                                "Error: -central is the only source: it cannot go with "
                                        + other.substring(0, other.indexOf('=')));
            }
        }
        assertThat(folder.resolve("regtest")).doesNotExist();
    }
}
