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

/// `-reindex` in a folder from which blocks were deleted: as in Bitcoin Core, the block files behind the gap
/// go too, and all comes again from the network.
class PrunedReindexTest {
    private static final String ADDRESS = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";
    private static final int BLOCKS = 900;

    private static List<String> blockFiles(Path home) throws IOException {
        try (var files = Files.list(home.resolve("regtest/blocks"))) {
            return files.map(each -> each.getFileName().toString())
                    .filter(each -> each.startsWith("blk"))
                    .sorted()
                    .toList();
        }
    }

    @Test
    @Timeout(180)
    @DisplayName("-reindex -prune deletes block files behind a gap and downloads anew")
    void shouldBeginAnewWhereOldBlocksAreGone(@TempDir Path temp) throws Exception {
        Path home = temp.resolve("pruned");
        try (RunningNode source = RunningNode.start(temp.resolve("source"))) {
            source.call("generatetoaddress", BLOCKS, ADDRESS);
            String coins = source.call("gettxoutsetinfo").get("hash_serialized_3").asString();
            String peer = "-connect=127.0.0.1:" + source.port;
            try (RunningNode node = RunningNode.start(home, peer, "-prune=1", "-fastprune")) {
                RunningNode.await(Duration.ofSeconds(60), () -> node.height() == BLOCKS);
                node.call("pruneblockchain", BLOCKS - 300);
                assertThat(node.stop()).isZero();
            }
            List<String> behindGap = blockFiles(home);
            assertThat(behindGap).isNotEmpty().doesNotContain("blk00000.dat");

            // Nobody to ask: what is left is nothing, and begins with the first file again.
            try (RunningNode alone =
                    RunningNode.start(home, "-connect=0", "-reindex", "-prune=1", "-fastprune")) {
                assertThat(alone.height()).isZero();
                assertThat(alone.stop()).isZero();
            }
            assertThat(blockFiles(home)).containsExactly("blk00000.dat");
            assertThat(Files.readString(home.resolve("regtest/debug.log")))
                    .contains("Removing unusable blk?????.dat and rev?????.dat files for -reindex");

            try (RunningNode node = RunningNode.start(home, peer, "-prune=1", "-fastprune")) {
                RunningNode.await(Duration.ofSeconds(60), () -> node.height() == BLOCKS);
                assertThat(node.call("gettxoutsetinfo").get("hash_serialized_3").asString())
                        .isEqualTo(coins);
                assertThat(node.stop()).isZero();
            }
        }
    }
}
