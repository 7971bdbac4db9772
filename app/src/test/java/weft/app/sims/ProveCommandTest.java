package weft.app.sims;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/// A long proof in several goes.
class ProveCommandTest {
    @TempDir Path folder;

    /// What the last trial printed, and why it was refused, if it was.
    private String said = "";

    private String fault = "";

    private int run(String... more) {
        var out = new ByteArrayOutputStream();
        var command =
                new CommandLine(
                        new ProveCommand(new PrintStream(out, true, StandardCharsets.UTF_8)));
        fault = "";
        command.setExecutionExceptionHandler(
                (thrown, any, parsed) -> {
                    fault = String.valueOf(thrown.getMessage());
                    return 1;
                });
        var all = new ArrayList<>(List.of("--nodes=11", "--hours=1"));
        all.addAll(List.of(more));
        int code = command.execute(all.toArray(String[]::new));
        said = out.toString(StandardCharsets.UTF_8);
        return code;
    }

    private String prove(String... more) {
        int code = run(more);
        assertThat(code).as(said + fault).isZero();
        return said;
    }

    /// @return why, if the command says so by itself
    private String refused(String more) {
        assertThat(run("--seeds=1", more)).isEqualTo(1);
        return fault;
    }

    @Test
    void shouldGoOnWithTheSameCodeOnly() throws Exception {
        Path file = folder.resolve("proof.jsonl");
        assertThat(prove("--seeds=1", "--out=" + file)).startsWith("seed 1: ");
        assertThat(prove("--seeds=2", "--out=" + file))
                .startsWith("1 of 2 seeds hold by " + file)
                .contains("seed 2: ");
        assertThat(Files.readAllLines(file))
                .hasSize(2)
                .allMatch(line -> line.endsWith("\"}") && line.contains("\"jvm\":\"2"));
        assertThat(prove("--seeds=2", "--compare=" + file)).doesNotContain("OTHER", "not in");

        String text = Files.readString(file);
        Files.writeString(
                file, text.replace(CodeDigest.get(), "0123456789abcdef"), StandardCharsets.UTF_8);
        assertThat(prove("--seeds=1", "--out=" + file)).startsWith("seed 1: ");
        assertThat(Files.readAllLines(file)).hasSize(3);
        assertThat(prove("--seeds=2", "--compare=" + file))
                .contains("seed 2: not in " + file + " with this code", "1 of 2 seeds compared");
    }

    @Test
    void shouldNotCallItEqualWhenNothingWasCompared() throws Exception {
        Path file = Files.writeString(folder.resolve("other.jsonl"), "");
        assertThat(refused("--compare=" + file)).isEmpty();
        assertThat(said).contains("seed 1: not in " + file, "0 of 1 seeds compared");
        Path absent = folder.resolve("absent");
        assertThat(refused("--compare=" + absent)).isEqualTo("there is no file " + absent);
    }

    @Test
    void shouldTryNothingForAFileThatCannotBeWritten() {
        Path lost = folder.resolve("none/proof.jsonl");
        assertThat(refused("--out=" + lost))
                .isEqualTo("cannot write " + lost + ": its folder is missing");
        assertThat(said).isEmpty();
    }
}
