package weft.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import weft.app.rpc.RpcClient;

/// A node whose system refuses to make files longer, as a full disk does: it stops with one line, and has
/// lost nothing of what it told when there is room again.
class FailingDiskTest {
    private static final String ADDRESS = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";
    private static final int CALLS_MAX = 400;

    private static Process start(Path home, int rpcPort, int kilobytes) throws Exception {
        Files.createDirectories(home);
        // The unit of the shell is half a kilobyte.
        var command =
                new ArrayList<>(
                        List.of("sh", "-c", "ulimit -f " + 2 * kilobytes + "; exec \"$@\"", "sh"));
        command.addAll(TestProgram.weftd());
        command.addAll(
                List.of(
                        "-regtest",
                        "-datadir=" + home,
                        "-listen=0",
                        "-dnsseed=0",
                        "-nodebuglogfile",
                        "-printtoconsole=0",
                        "-maxtipage=1000000000",
                        "-rpcport=" + rpcPort));
        return new ProcessBuilder(command).redirectError(home.resolve("err").toFile()).start();
    }

    /// Makes blocks until the node fails.
    ///
    /// @return the last tip that it told
    private static String work(RpcClient rpc, Process node) throws InterruptedException {
        String told = "";
        for (int i = 0; i < CALLS_MAX && node.isAlive(); i++) {
            try {
                JsonNode made = rpc.call("generatetoaddress", 5, ADDRESS);
                told = made.get(made.size() - 1).asString();
            } catch (RpcClient.RpcException e) {
                if (!told.isEmpty()) {
                    return told;
                }
                Thread.sleep(50);
            }
        }
        return told;
    }

    @Test
    @DisplayName("P3 P4 a disk that takes no more: one line, exit code 1, and nothing told is lost")
    void shouldStopInOneLineAndLoseNothing(@TempDir Path temp) throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/bin/sh")), "needs ulimit of a shell");
        for (int kilobytes : new int[] {40, 70}) {
            Path home = temp.resolve("home" + kilobytes);
            int port = FreePorts.one();
            Process node = start(home, port, kilobytes);
            String told;
            try {
                told =
                        work(
                                new RpcClient(
                                        "127.0.0.1",
                                        port,
                                        home.resolve("regtest").resolve(".cookie")),
                                node);
                assertThat(node.waitFor(30, TimeUnit.SECONDS)).as("ended").isTrue();
            } finally {
                node.destroyForcibly();
            }
            assertThat(told).as("the node worked before").isNotEmpty();
            assertThat(Files.readString(home.resolve("err")))
                    .startsWith(
                            "Error: A fatal internal error occurred, see debug.log for details: ")
                    .contains("details: cannot write ")
                    .contains("File too large")
                    .satisfies(text -> assertThat(text.lines()).hasSize(1));
            assertThat(node.exitValue()).isEqualTo(1);
            try (RunningNode again = RunningNode.start(home)) {
                assertThat(again.call("getblockheader", told).get("confirmations").asInt())
                        .isPositive();
                again.call("generatetoaddress", 1, ADDRESS);
                assertThat(again.stop()).isZero();
            }
        }
    }
}
