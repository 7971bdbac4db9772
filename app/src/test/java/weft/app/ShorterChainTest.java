package weft.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// Two real nodes whose chains differ.
class ShorterChainTest {
    private static final String ADDRESS = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";

    private static long received(RunningNode node, String command) {
        long sum = 0;
        for (JsonNode peer : node.call("getpeerinfo")) {
            sum += peer.get("bytesrecv_per_msg").path(command).asLong(0);
        }
        return sum;
    }

    @Test
    @Timeout(120)
    @DisplayName(
            "S-122 S-52 the node with the shorter chain asks for what is missing, whoever dials")
    void shouldAskFromTheShorterSide(@TempDir Path folder) throws Exception {
        for (boolean shorterDials : List.of(true, false)) {
            Path home = folder.resolve(Boolean.toString(shorterDials));
            try (RunningNode longer =
                            RunningNode.start(home.resolve("longer"), "-connect=0", "-listen=1");
                    RunningNode shorter =
                            RunningNode.start(home.resolve("shorter"), "-connect=0", "-listen=1")) {
                longer.call("generatetoaddress", 30, ADDRESS);
                shorter.call("generatetoaddress", 10, ADDRESS);
                RunningNode dialler = shorterDials ? shorter : longer;
                RunningNode other = shorterDials ? longer : shorter;
                dialler.call("addnode", "127.0.0.1:" + other.port, "onetry");
                RunningNode.await(
                        Duration.ofSeconds(60),
                        () ->
                                shorter.call("getbestblockhash")
                                        .equals(longer.call("getbestblockhash")));
                assertThat(shorter.height()).isEqualTo(30);
                assertThat(shorter.call("getpeerinfo").get(0).get("startingheight").asInt())
                        .as("known since the handshake")
                        .isEqualTo(30);
                assertThat(received(longer, "getdata")).as("the shorter asks").isPositive();
                assertThat(received(shorter, "block")).isGreaterThan(30 * 100);
                assertThat(received(shorter, "getdata")).as("the longer does not").isZero();
                assertThat(received(longer, "block")).isZero();
            }
        }
    }
}
