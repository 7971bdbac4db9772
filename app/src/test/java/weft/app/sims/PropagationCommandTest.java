package weft.app.sims;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class PropagationCommandTest {
    private static final int NODES = 30;
    private static final int PAYMENTS = 5;

    @TempDir Path folder;

    private String run(String... arguments) {
        var out = new ByteArrayOutputStream();
        var command = new PropagationCommand(new PrintStream(out, true, StandardCharsets.UTF_8));
        assertThat(new CommandLine(command).execute(arguments)).isZero();
        return out.toString(StandardCharsets.UTF_8);
    }

    private static List<String> lines(Path csv, String head) throws Exception {
        return Files.readAllLines(csv).stream().filter(line -> line.startsWith(head)).toList();
    }

    @Test
    @DisplayName("S-100 nobody knows when a message is seen: the distribution is drawn and written")
    void shouldDrawTheDistribution() throws Exception {
        Path csv = folder.resolve("times.csv");
        String said = run("--nodes=" + NODES, "--blocks=1", "--plot", "--csv=" + csv);

        Map<String, Long> rows =
                Files.readAllLines(csv).stream()
                        .skip(1)
                        .collect(
                                Collectors.groupingBy(
                                        line -> line.substring(0, line.lastIndexOf(',')),
                                        Collectors.counting()));
        assertThat(rows)
                .hasSize(6)
                .containsEntry("compact,transaction", (long) NODES * PAYMENTS)
                .containsEntry("legacy-2013,block", (long) NODES);

        // The table's figures are those of the file: half of the nodes had the one block by then.
        List<String> times = lines(csv, "compact,block,");
        double half = Double.parseDouble(times.get(NODES / 2 - 1).split(",")[2]);
        String row =
                said.lines()
                        .filter(line -> line.matches("compact +block .*"))
                        .findFirst()
                        .orElseThrow();
        assertThat(Double.parseDouble(row.split(" +")[2])).isCloseTo(half, within(0.005));

        assertThat(said).contains("Share of the nodes that had the blocks, by seconds");
        String drawn = said.substring(said.indexOf("that had the blocks"));
        assertThat(drawn.lines().filter(line -> line.contains("%")))
                .hasSize(11)
                .allMatch(line -> line.matches(" *[0-9]+ % \\|[abc ]*"));
        // All have it in the end, and whole blocks come last.
        assertThat(
                        drawn.lines()
                                .filter(line -> line.startsWith("  100 %"))
                                .findFirst()
                                .orElseThrow())
                .matches(".*[bc]+a*");
    }
}
