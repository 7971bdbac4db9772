package weft.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Dandelion between processes: three nodes in a row, each dialled by the one before.
@Timeout(180)
class DandelionNodesTest {
    private static final Duration SOON = Duration.ofSeconds(60);

    private static RunningNode start(Path folder) throws IOException, InterruptedException {
        return RunningNode.start(
                folder,
                "-connect=0",
                "-relaypolicy=dandelion",
                "-dandelionfluff=0",
                "-debug=mempool");
    }

    private static String log(RunningNode node) {
        try {
            return Files.readString(node.networkFolder().resolve("debug.log"));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static boolean knows(RunningNode node, String txid) {
        return node.call("getrawmempool").toString().contains(txid);
    }

    private static void dial(RunningNode from, RunningNode to) throws InterruptedException {
        from.call("addnode", "127.0.0.1:" + to.port, "onetry");
        RunningNode.await(SOON, () -> log(from).contains("received: dandelionacc"));
    }

    @Test
    @DisplayName(
            "S-97 between processes a transaction goes down the stem, fluffs, and comes back to all")
    void shouldGoDownTheStemAndFluff(@TempDir Path folder) throws Exception {
        try (RunningNode payer = start(folder.resolve("payer"));
                RunningNode middle = start(folder.resolve("middle"));
                RunningNode end = start(folder.resolve("end"))) {
            String coinbase = OpenCoins.mine(payer);
            dial(payer, middle);
            RunningNode.await(SOON, () -> middle.height() == 101);
            dial(middle, end);
            RunningNode.await(SOON, () -> end.height() == 101);
            String txid = payer.call("sendrawtransaction", OpenCoins.spend(coinbase)).asString();
            assertThat(knows(payer, txid)).as("its own user sees it").isTrue();
            RunningNode.await(SOON, () -> knows(end, txid));
            RunningNode.await(SOON, () -> knows(middle, txid));
            assertThat(log(payer)).contains("stem of " + txid + " goes on to peer=");
            assertThat(log(end))
                    .as("nobody takes stems from the last")
                    .contains("stem of " + txid + " ends: public from here");
            RunningNode.await(
                    SOON, () -> log(payer).contains("stem of " + txid + " ends: public from here"));
        }
    }
}
