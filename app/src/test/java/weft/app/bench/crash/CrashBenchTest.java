package weft.app.bench.crash;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import weft.app.FreePorts;

/// The bench itself: it must be able to fail.
class CrashBenchTest {
    private static final String COMMAND =
            Path.of(System.getProperty("java.home"), "bin", "java")
                    + " -Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1"
                    + " --enable-native-access=ALL-UNNAMED weft.app.Weftd";

    @TempDir private Path temp;

    /// A program that starts `weftd`; before that, a line of shell script, which finds the data folder
    /// in `$d`.
    private Path node(String before) throws IOException {
        String classes =
                System.getProperty(
                        "surefire.test.class.path", System.getProperty("java.class.path"));
        Path file = temp.resolve("node");
        Files.writeString(
                file,
                "#!/bin/sh\nexport CLASSPATH='"
                        + classes
                        + "'\nfor each in \"$@\"; do case $each in -datadir=*) d=${each#-datadir=};;"
                        + " esac; done\n"
                        + before
                        + "\nexec "
                        + COMMAND
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
