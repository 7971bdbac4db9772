package weft.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The scenario of the lessons, with real processes.
class ScenarioTest {
    @Test
    @Timeout(300)
    @DisplayName(
            "S-18 S-14 S-126 S-128 S-130 central, miner and wallet: payment confirmed, all know the same"
                    + " balances, also after a reorganisation of six blocks")
    void shouldPlayCentralMinerAndWallet(@TempDir Path folder) throws Exception {
        Path home = folder.resolve("classroom");
        int base = FreePorts.block(110);
        try (WeftProcess scenario =
                WeftProcess.weft(
                        folder,
                        "scenario",
                        "central-miner-wallet",
                        "--classroom-files",
                        "--base-port=" + base,
                        "--dir=" + home)) {
            WeftProcess.Ended ended = scenario.await(java.time.Duration.ofSeconds(280));
            String out = ended.out();
            assertThat(ended.exitCode()).as(out + ended.err()).isZero();
            assertThat(ended.err()).isEmpty();
            for (int step = 1; step <= 5; step++) {
                assertThat(out)
                        .containsPattern("  " + step + "\\. 20\\d\\d-\\d\\d-\\d\\dT\\S+Z  \\+\\d");
            }
            for (String said :
                    new String[] {
                        "wallet  -> central  version",
                        "central -> miner    inv",
                        "miner   -> central  getdata",
                        "central -> miner    tx"
                    }) {
                assertThat(out).containsPattern(Pattern.quote(said));
            }
            for (String node : new String[] {"central", "miner", "wallet"}) {
                for (String amount : new String[] {"1.5", "1.75"}) {
                    assertThat(out)
                            .containsPattern(
                                    "  "
                                            + node
                                            + " +says: central has "
                                            + amount
                                            + " BTC at block");
                }
            }
            assertThat(out).endsWith("All promises kept.\n");
            for (int port = base; port < base + 3; port++) {
                assertThat(Files.isDirectory(home.resolve("blockchain_" + port + ".db"))).isTrue();
                assertThat(Files.readString(home.resolve("wallet_" + port + ".db")))
                        .startsWith("bcrt1q");
            }
        }
    }

    @Test
    void shouldRefuseWhatItDoesNotKnow(@TempDir Path folder) throws Exception {
        CommandLineRun other = CommandLineRun.of("scenario", "other");
        assertThat(other.exitCode()).isEqualTo(1);
        assertThat(other.err())
                .isEqualTo(
                        "Error: there is no scenario \"other\"; there is: central-miner-wallet\n");
        Files.writeString(folder.resolve("mine"), "something");
        CommandLineRun full =
                CommandLineRun.of("lab", "scenario", "central-miner-wallet", "--dir=" + folder);
        assertThat(full.err()).contains("--dir must be empty");
    }
}
