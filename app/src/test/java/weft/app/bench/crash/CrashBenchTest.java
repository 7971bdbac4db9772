package weft.app.bench.crash;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import weft.app.FreePorts;
import weft.app.TestProgram;

/// The bench itself: it must be able to fail.
class CrashBenchTest {
    @TempDir private Path temp;

    /// A program that starts `weftd`; before that, a line of shell script, which finds the data folder
    /// in `$d`.
    private Path node(String before) throws IOException {
        String program =
                TestProgram.weftd().stream()
                        .map(each -> "'" + each + "'")
                        .collect(Collectors.joining(" "));
        Path file = temp.resolve("node");
        Files.writeString(
                file,
                "#!/bin/sh\nfor each in \"$@\"; do case $each in -datadir=*) d=${each#-datadir=};;"
                        + " esac; done\n"
                        + before
                        + "\nexec "
                        + program
                        + " \"$@\"\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
        return file;
    }

    private String run(Path node, int exitCode) throws IOException {
        var out = new ByteArrayOutputStream();
        var command =
                new CommandLine(new CrashBench(new PrintStream(out, true, StandardCharsets.UTF_8)));
        int code =
                command.execute(
                        "--cycles=1",
                        "--size=5",
                        "--phases=tip",
                        "--node=" + node,
                        "--port=" + FreePorts.block(10),
                        "--dir=" + temp.resolve("bench"));
        String said = out.toString(StandardCharsets.UTF_8);
        assertThat(code).as(said).isEqualTo(exitCode);
        return said;
    }

    @Test
    void shouldEndWithOneWhereAKilledNodeDoesNotComeBack() throws Exception {
        String damages =
                "case $d in *victim) [ ! -e $d/seen ] || echo rot > $d/regtest/chainstate/CURRENT;"
                        + " touch $d/seen;; esac";
        assertThat(run(node(damages), 1))
                .contains("LOST in cycle 0, tip", "the node ended: Error: ", "-reindex")
                .contains("0 of 1 cycles recovered");
    }
}
