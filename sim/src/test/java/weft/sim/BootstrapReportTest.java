package weft.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class BootstrapReportTest {
    @Test
    @DisplayName(
            "S-21 probing, DNS and a fixed list compared: time to the first peer, for 20 seeds")
    void shouldCompareTheWaysIn() {
        long tries = 0;
        for (long seed = 1; seed <= 20; seed++) {
            List<BootstrapReport.Row> rows = BootstrapReport.rows(seed);
            assertThat(rows)
                    .extracting(BootstrapReport.Row::source)
                    .containsExactly(
                            BootstrapReport.Source.DNS,
                            BootstrapReport.Source.FIXED,
                            BootstrapReport.Source.PROBING);
            assertThat(rows.get(0).toFirstPeer()).isLessThan(Duration.ofSeconds(5));
            assertThat(rows.get(1).toFirstPeer())
                    .as("a minute of silence comes first")
                    .isBetween(Duration.ofSeconds(60), Duration.ofSeconds(90));
            assertThat(rows.get(2).toFirstPeer()).isLessThan(Duration.ofDays(1));
            tries += rows.get(2).dials();
        }
        // 1,024 addresses a node: a geometric distribution, whose sigma is its mean.
        double mean = tries / 20.0;
        double sigma = 1024 / Math.sqrt(20);
        assertThat(mean).isBetween(1024 - 3 * sigma, 1024 + 3 * sigma);
    }

    @Test
    void shouldPrintTheSameReportForTheSameSeed() {
        String text = BootstrapReport.text(7);
        assertThat(text)
                .contains("DNS seeds", "fixed list", "random probing")
                .isEqualTo(BootstrapReport.text(7));
        assertThat(text.lines()).hasSize(6);
    }
}
