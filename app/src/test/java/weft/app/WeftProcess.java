package weft.app;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// A `weft` or `weftd` process that a test started, and what it says.
final class WeftProcess implements AutoCloseable {
    /// How a process ended.
    record Ended(int exitCode, String out, String err) {}

    private final Process process;
    private final Path folder;

    private WeftProcess(Process process, Path folder) {
        this.process = process;
        this.folder = folder;
    }

    /// Starts `weft` with a sub-command.
    ///
    /// @param folder for its output and its temporary files
    static WeftProcess weft(Path folder, String... arguments) throws IOException {
        return start(folder, "weft.app.Weft", arguments);
    }

    /// Starts `weftd`.
    static WeftProcess weftd(Path folder, String... arguments) throws IOException {
        return start(folder, "weft.app.Weftd", arguments);
    }

    private static WeftProcess start(Path folder, String main, String... arguments)
            throws IOException {
        Files.createDirectories(folder.resolve("tmp"));
        var command = new ArrayList<>(TestProgram.command(main));
        command.add(1, "-Djava.io.tmpdir=" + folder.resolve("tmp"));
        command.addAll(List.of(arguments));
        return new WeftProcess(
                new ProcessBuilder(command)
                        .redirectOutput(folder.resolve("out.txt").toFile())
                        .redirectError(folder.resolve("err.txt").toFile())
                        .start(),
                folder);
    }

    /// Runs `weft` to its end.
    static Ended run(Path folder, String... arguments) throws IOException, InterruptedException {
        try (WeftProcess running = weft(folder, arguments)) {
            return running.await(Duration.ofSeconds(90));
        }
    }

    Process process() {
        return process;
    }

    String out() throws IOException {
        return Files.readString(folder.resolve("out.txt"), StandardCharsets.UTF_8);
    }

    String err() throws IOException {
        return Files.readString(folder.resolve("err.txt"), StandardCharsets.UTF_8);
    }

    /// Files that the process left among its temporary ones.
    List<Path> leftOvers() throws IOException {
        try (var files = Files.list(folder.resolve("tmp"))) {
            return files.filter(each -> !each.getFileName().toString().startsWith("hsperf"))
                    .filter(each -> each.getFileName().toString().startsWith("weft-"))
                    .toList();
        }
    }

    /// What Ctrl-C does.
    void interrupt() throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start().waitFor();
    }

    Ended await(Duration patience) throws IOException, InterruptedException {
        if (!process.waitFor(patience)) {
            throw new AssertionError("did not end; it said: " + out() + err());
        }
        return new Ended(process.exitValue(), out(), err());
    }

    /// Waits until the process has said something; fails at once if it ends without.
    void awaitOutput(String text, Duration patience) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (true) {
            boolean ended = !process.isAlive();
            if (out().contains(text)) {
                return;
            }
            if (ended || System.nanoTime() > deadline) {
                throw new AssertionError(
                        "did not say \""
                                + text
                                + (ended ? "\" before it ended" : "\" in " + patience)
                                + "; it said: "
                                + out()
                                + err());
            }
            Thread.sleep(20);
        }
    }

    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }
}
