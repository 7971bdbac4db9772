package weft.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A node that is killed while it synchronises goes on where it was.
class KillRecoveryTest {
    private static final int BLOCKS = 600;
    private static final String ADDRESS = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";

    /// Five kills in every build; `-Dweft.kills=20` for the whole proof.
    private static final int KILLS = Integer.getInteger("weft.kills", 5);

    @Test
    @DisplayName("Killed with SIGKILL while synchronising, every restart finishes")
    void shouldFinishSynchronisingAfterEveryKill(@TempDir Path folder) throws Exception {
        try (RunningNode source = RunningNode.start(folder.resolve("source"))) {
            source.call("generatetoaddress", BLOCKS, ADDRESS);
            String tip = source.call("getbestblockhash").asString();
            String coins = source.call("gettxoutsetinfo").get("hash_serialized_3").asString();
            for (int i = 0; i < KILLS; i++) {
                Path home = folder.resolve("victim" + i);
                RunningNode victim = RunningNode.start(home, "-connect=127.0.0.1:" + source.port);
                try {
                    // A different moment each time, some before the first block, some after the
                    // last.
                    Thread.sleep(50L * i);
                    victim.kill();
                    victim.startAgain();
                    RunningNode.await(Duration.ofSeconds(60), () -> victim.height() == BLOCKS);
                    assertThat(victim.call("getbestblockhash").asString()).isEqualTo(tip);
                    assertThat(victim.call("gettxoutsetinfo").get("hash_serialized_3").asString())
                            .isEqualTo(coins);
                } finally {
                    victim.close();
                }
            }
        }
    }
}
