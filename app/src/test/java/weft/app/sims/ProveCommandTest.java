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

    private String prove(String... more) {
        var out = new ByteArrayOutputStream();
        var command =
                new CommandLine(
                        new ProveCommand(new PrintStream(out, true, StandardCharsets.UTF_8)));
        var all = new ArrayList<>(List.of("--nodes=11", "--hours=1"));
        all.addAll(List.of(more));
        int code = command.execute(all.toArray(String[]::new));
        String said = out.toString(StandardCharsets.UTF_8);
        assertThat(code).as(said).isZero();
        return said;
    }

    @Test
    void shouldGoOnWithTheSameCodeOnly() throws Exception {
        Path file = folder.resolve("proof.jsonl");
        assertThat(prove("--seeds=1", "--out=" + file)).startsWith("seed 1: ");
        assertThat(prove("--seeds=2", "--out=" + file))
                .startsWith("1 of 2 seeds hold by " + file)
                .contains("seed 2: ");
        assertThat(Files.readAllLines(file)).hasSize(2);
        assertThat(prove("--seeds=2", "--compare=" + file)).doesNotContain("OTHER", "not in");

        String text = Files.readString(file);
        Files.writeString(
                file, text.replace(CodeDigest.get(), "0123456789abcdef"), StandardCharsets.UTF_8);
        assertThat(prove("--seeds=1", "--out=" + file)).startsWith("seed 1: ");
        assertThat(Files.readAllLines(file)).hasSize(3);
        assertThat(prove("--seeds=2", "--compare=" + file))
                .contains("seed 2: not in " + file + " with this code");
    }
}
