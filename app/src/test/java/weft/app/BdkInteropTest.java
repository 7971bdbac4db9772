package weft.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.bitcoindevkit.Info;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// A light client that nobody here wrote: BDK checks our block filters against their headers (BIP157).
@Timeout(120)
class BdkInteropTest {
    private static final int BLOCKS = 150;
    private static final String ADDRESS = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";

    @Test
    @DisplayName("S-110 S-114 BDK takes all our block filters, over the plain transport and BIP324")
    void shouldServeBlockFilters(@TempDir Path folder) throws Exception {
        try (RunningNode node =
                RunningNode.start(
                        folder.resolve("node"), "-blockfilterindex=1", "-peerblockfilters=1")) {
            node.call("generatetoaddress", BLOCKS, ADDRESS);
            for (boolean v2 : List.of(false, true)) {
                try (var bdk =
                        new BdkLightClient(folder.resolve("bdk" + v2).toString(), node.port, v2)) {
                    var told = new ArrayList<String>();
                    Info.Progress last = progress(bdk, told);
                    assertThat(BdkLightClient.height(last)).as(told.toString()).isEqualTo(BLOCKS);
                    JsonNode peer = node.call("getpeerinfo").get(0);
                    assertThat(peer.get("transport_protocol_type").asString())
                            .isEqualTo(v2 ? "v2" : "v1");
                    JsonNode sent = peer.get("bytessent_per_msg");
                    assertThat(sent.has("cfheaders")).isTrue();
                    assertThat(sent.get("cfilter").asInt()).isGreaterThan(BLOCKS * 32);
                }
                RunningNode.await(Duration.ofSeconds(60), () -> node.call("getpeerinfo").isEmpty());
            }
        }
    }

    /// Listens until all filters are there.
    private static Info.Progress progress(BdkLightClient bdk, List<String> told) throws Exception {
        while (true) {
            Info one = bdk.next(30).orElseThrow(() -> new AssertionError("silent after " + told));
            told.add(one.toString());
            if (one instanceof Info.Progress progress
                    && progress.getFiltersDownloadedPercent() >= 100) {
                return progress;
            }
        }
    }
}
