package weft.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import weft.p2p.tx.Spreading;
import weft.sim.SpyReport.Observer;

/// What the reports of `weft sim` say. `-Dweft.times=N` takes more seeds.
class ReportsTest {
    private static final int TIMES = Integer.getInteger("weft.times", 1);
    private static final int SEEDS = 2 + TIMES;
    private static final int NODES = 60;

    private static SpyReport.Row spied(
            long seed, Observer observer, double fraction, Spreading spreading) {
        return SpyReport.row(new SpyReport.Setting(seed, NODES, observer, fraction, 1), spreading);
    }

    /// What somebody learns who is connected to half the network, in several networks.
    private static List<SpyReport.Row> heardByHalf(int seeds, Spreading spreading) {
        return LongStream.rangeClosed(1, seeds)
                .mapToObj(seed -> spied(seed, Observer.SUPERNODE, 0.5, spreading))
                .toList();
    }

    private static Proportion together(List<SpyReport.Row> rows) {
        return new Proportion(
                rows.stream().mapToInt(each -> each.found().hits()).sum(),
                rows.stream().mapToInt(each -> each.found().of()).sum());
    }

    private static void assertLess(List<SpyReport.Row> less, List<SpyReport.Row> more) {
        for (int i = 0; i < less.size(); i++) {
            assertThat(less.get(i).precision()).isLessThan(more.get(i).precision());
            assertThat(less.get(i).recall()).isLessThan(more.get(i).recall());
        }
        assertThat(together(less).isClearlyLess(together(more)))
                .as("%s is clearly less than %s", together(less), together(more))
                .isTrue();
    }

    @Test
    @DisplayName(
            "S-99 who is connected to half the network sees the wave of a flood, less of diffusion,"
                    + " and next to nothing of Dandelion: recall and precision, beyond what samples"
                    + " vary by")
    void shouldSeeTheWave() {
        List<SpyReport.Row> diffusion = heardByHalf(SEEDS, Spreading.DIFFUSION);
        assertLess(diffusion, heardByHalf(SEEDS, Spreading.FLOOD));
        assertLess(heardByHalf(SEEDS / 3, Spreading.DANDELION), diffusion);
    }

    @Test
    @DisplayName(
            "S-99 private broadcast: where one node in ten is a spy, hardly a payer is found out")
    void shouldHideBehindStrangers() {
        SpyReport.Row diffusion = spied(1, Observer.NODES, 0.1, Spreading.DIFFUSION);
        var setting = new SpyReport.Setting(1, NODES, Observer.NODES, 0.1, 1);
        SpyReport.Row privately = SpyReport.privateRow(setting);
        assertThat(privately.recall()).isLessThan(diffusion.recall() / 4);
        assertThat(privately.precision()).isLessThan(diffusion.precision() / 4);
        assertThat(privately.seconds()).isLessThan(diffusion.seconds() + 10);
    }

    @Test
    @DisplayName("S-99 where one node in ten is a spy, diffusion hides payers better than flood")
    void shouldHideBehindDelays() {
        var flood = spied(1, Observer.NODES, 0.1, Spreading.FLOOD);
        var diffusion = spied(1, Observer.NODES, 0.1, Spreading.DIFFUSION);
        assertThat(diffusion.precision()).isLessThan(flood.precision());
        assertThat(diffusion.recall()).isLessThan(flood.recall());
    }

    @Test
    @DisplayName(
            "S-98 S-99 where half the nodes are spies, Dandelion hides payers best, and costs"
                    + " seconds; diffusion hides nobody")
    void shouldHideBehindStems() {
        // Some four of a payer's eight outbound peers are spies. Whoever else hears of a payment
        // asks for it two seconds later, as the payer is inbound to it: so one of the four is
        // nearly always first.
        for (long seed = 1; seed <= TIMES; seed++) {
            var diffusion = spied(seed, Observer.NODES, 0.5, Spreading.DIFFUSION);
            var dandelion = spied(seed, Observer.NODES, 0.5, Spreading.DANDELION);
            String of = "seed " + seed;
            assertThat(diffusion.recall()).as(of).isGreaterThan(0.9);
            assertThat(dandelion.found().isClearlyLess(diffusion.found())).as(of).isTrue();
            assertThat(dandelion.precision()).as(of).isLessThan(diffusion.precision());
            assertThat(dandelion.seconds() - diffusion.seconds()).as(of).isBetween(0.5, 10.0);
        }
    }

    @Test
    @DisplayName("S-71 few connections: nodes are cut off; many: bytes; eight lies between")
    void shouldSweepDegrees() {
        for (long seed = 1; seed <= TIMES; seed++) {
            DegreeReport.Row one = DegreeReport.row(seed, 40, 1);
            DegreeReport.Row eight = DegreeReport.row(seed, 40, 8);
            DegreeReport.Row sixteen = DegreeReport.row(seed, 40, 16);
            String of = "seed " + seed;
            assertThat(one.isolated()).as(of).isGreaterThan(0.2);
            assertThat(eight.isolated()).as(of).isZero();
            assertThat(eight.blockSeconds()).as(of).isLessThan(one.blockSeconds());
            assertThat(sixteen.bytes()).as(of).isGreaterThan(eight.bytes());
        }
    }

    @Test
    @DisplayName(
            "S-71 the report has a line for each number of connections, in the order asked for")
    void shouldPrintDegrees() {
        List<Integer> degrees = List.of(1, 8, 16);
        List<String> lines = DegreeReport.text(3, 20, degrees).lines().toList();
        assertThat(lines).hasSize(3 + degrees.size());
        assertThat(lines.getFirst()).startsWith("20 nodes, seed 3;");
        assertThat(words(lines.get(2)))
                .startsWith("outbound", "connections", "isolated")
                .endsWith("kB", "a", "node");
        for (int i = 0; i < degrees.size(); i++) {
            DegreeReport.Row row = DegreeReport.row(3, 20, degrees.get(i));
            List<String> words = words(lines.get(3 + i));
            assertThat(words).hasSize(6);
            assertThat(words.getFirst()).isEqualTo(degrees.get(i).toString());
            assertThat(Double.parseDouble(words.get(1))).isCloseTo(row.connections(), within(0.06));
            assertThat(Double.parseDouble(words.get(2))).isCloseTo(row.isolated(), within(0.001));
            assertThat(Double.parseDouble(words.get(3)))
                    .isCloseTo(row.paymentSeconds(), within(0.006));
            assertThat(Double.parseDouble(words.get(4)))
                    .isCloseTo(row.blockSeconds(), within(0.006));
            assertThat(Double.parseDouble(words.get(5))).isCloseTo(row.bytes() / 1e3, within(0.06));
        }
    }

    private static List<String> words(String line) {
        return List.of(line.strip().split("\\s+"));
    }
}
