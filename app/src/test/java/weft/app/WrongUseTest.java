package weft.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What an operator gets wrong is one line on standard error, exit code 1, and nothing changed.
class WrongUseTest {
    private record Ended(int exitCode, String out, String err) {}

    private static Ended run(Path folder, String... options)
            throws IOException, InterruptedException {
        var command = new ArrayList<>(TestProgram.weftd());
        command.addAll(List.of(options));
        Path out = folder.resolve("out.txt");
        Path err = folder.resolve("err.txt");
        Process process =
                new ProcessBuilder(command)
                        .redirectOutput(out.toFile())
                        .redirectError(err.toFile())
                        .start();
        int exitCode = process.waitFor();
        return new Ended(
                exitCode,
                Files.readString(out, StandardCharsets.UTF_8),
                Files.readString(err, StandardCharsets.UTF_8));
    }

    private static void assertOneLine(Ended ended, String text) {
        assertThat(ended.exitCode()).isEqualTo(1);
        assertThat(ended.err().strip().lines()).hasSize(1);
        assertThat(ended.err()).startsWith("Error: ").contains(text);
    }

    @Test
    void shouldRefuseAnUnknownOption(@TempDir Path folder) throws Exception {
        Ended ended = run(folder, "-regtest", "-datadir=" + folder, "-nosuchoption=1");
        assertOneLine(ended, "Invalid parameter -nosuchoption");
    }

    @Test
    void shouldRefuseAFolderThatIsNotThere(@TempDir Path folder) throws Exception {
        assertOneLine(
                run(folder, "-regtest", "-datadir=" + folder.resolve("none")), "does not exist");
        assertThat(folder.resolve("none")).doesNotExist();
    }

    @Test
    void shouldRefuseAFolderThatAnotherNodeUses(@TempDir Path folder) throws Exception {
        try (RunningNode node = RunningNode.start(folder.resolve("home"))) {
            Ended ended =
                    run(
                            folder,
                            "-regtest",
                            "-datadir=" + node.folder,
                            "-port=" + FreePorts.one(),
                            "-rpcport=" + FreePorts.one());
            assertOneLine(ended, "Cannot obtain a lock on data directory");
            assertThat(node.height()).isZero();
        }
    }

    @Test
    void shouldRefuseABusyPort(@TempDir Path folder) throws Exception {
        Path home = Files.createDirectory(folder.resolve("home"));
        try (var busy =
                new ServerSocket(0, 1, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}))) {
            Ended ended =
                    run(
                            folder,
                            "-regtest",
                            "-datadir=" + home,
                            "-bind=127.0.0.1:" + busy.getLocalPort(),
                            "-rpcport=" + FreePorts.one());
            assertThat(ended.exitCode()).isEqualTo(1);
            assertThat(ended.err()).contains("Unable to bind to 127.0.0.1:" + busy.getLocalPort());
        }
    }

    @Test
    void shouldEndWithCodeZeroOnStop(@TempDir Path folder) throws Exception {
        try (RunningNode node = RunningNode.start(folder)) {
            assertThat(node.stop()).isZero();
            assertThat(Files.readString(folder.resolve("console.txt"))).isEmpty();
            assertThat(folder.resolve("regtest").resolve(".cookie")).doesNotExist();
        }
    }
}
