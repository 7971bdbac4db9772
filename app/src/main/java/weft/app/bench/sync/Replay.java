package weft.app.bench.sync;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;

/// One replay of a synthetic chain by a node in a process of its own: `-reindex` of its block files, until
/// the node stops by itself at the last height.
///
/// @param seconds from the start of the process to its end
/// @param cpuSeconds of all its threads together, which other programs on the machine hardly change; -1
///     where the system does not tell
/// @param peakBytes resident memory at most; -1 where the system does not tell
/// @param writtenBytes to disk; -1 where the system does not tell
record Replay(double seconds, double cpuSeconds, long peakBytes, long writtenBytes) {
    private static final long LOOK_MILLIS = 50;

    /// How a node is started.
    ///
    /// @param program of the node; `weftd` and `bitcoind` take the same options
    /// @param assumeValid hash of the block below which scripts are not run; "0" for none
    /// @param extra options that are added
    record Setup(String program, int dbcache, String assumeValid, int port, List<String> extra) {}

    /// @throws IOException if the node fails, or ends elsewhere than at the tip
    static Replay run(ChainFolder chain, Path datadir, Setup setup)
            throws IOException, InterruptedException {
        ChainFolder.delete(datadir);
        chain.copyBlocks(datadir.resolve("regtest").resolve("blocks"));
        Path printed = datadir.resolve("printed.txt");
        long begun = System.nanoTime();
        Process process =
                new ProcessBuilder(command(chain, datadir, setup))
                        .redirectErrorStream(true)
                        .redirectOutput(printed.toFile())
                        .start();
        long peak = -1;
        long written = -1;
        double cpu = -1;
        try {
            while (!process.waitFor(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
                OptionalLong kilobytes = field(process, "status", "VmHWM:");
                peak = kilobytes.isPresent() ? kilobytes.getAsLong() * 1024 : peak;
                written = field(process, "io", "write_bytes:").orElse(written);
                Optional<Duration> used = process.info().totalCpuDuration();
                cpu = used.isPresent() ? used.get().toNanos() / 1e9 : cpu;
            }
        } finally {
            process.destroyForcibly();
        }
        double seconds = (System.nanoTime() - begun) / 1e9;
        if (process.exitValue() != 0) {
            throw new IOException(
                    setup.program()
                            + " ended with exit code "
                            + process.exitValue()
                            + ": "
                            + lastLine(printed));
        }
        checkTip(chain, datadir, setup);
        return new Replay(seconds, cpu, peak, written);
    }

    private static List<String> command(ChainFolder chain, Path datadir, Setup setup) {
        var command =
                new ArrayList<>(
                        List.of(
                                setup.program(),
                                "-regtest",
                                "-datadir=" + datadir,
                                "-reindex",
                                "-stopatheight=" + chain.fact("height"),
                                "-dbcache=" + setup.dbcache(),
                                "-assumevalid=" + setup.assumeValid(),
                                "-port=" + setup.port(),
                                "-rpcport=" + (setup.port() + 1),
                                "-listen=0",
                                "-connect=0",
                                "-dnsseed=0",
                                "-listenonion=0",
                                "-printtoconsole=0"));
        command.addAll(setup.extra());
        return command;
    }

    /// Both programs write a line for each new tip.
    private static void checkTip(ChainFolder chain, Path datadir, Setup setup) throws IOException {
        String log = Files.readString(datadir.resolve("regtest").resolve("debug.log"));
        if (!log.contains("UpdateTip: new best=" + chain.tip())) {
            throw new IOException(setup.program() + " ended before it reached the tip");
        }
    }

    private static OptionalLong field(Process process, String file, String name) {
        Path path = Path.of("/proc", Long.toString(process.pid()), file);
        try {
            for (String line : Files.readAllLines(path)) {
                if (line.startsWith(name)) {
                    String digits = line.substring(name.length()).replace("kB", "").strip();
                    return OptionalLong.of(Long.parseLong(digits));
                }
            }
        } catch (IOException e) {
            // The process has ended meanwhile, or this system has no such file.
            return OptionalLong.empty();
        }
        return OptionalLong.empty();
    }

    private static String lastLine(Path file) throws IOException {
        List<String> lines = Files.readAllLines(file);
        return lines.isEmpty() ? "(it printed nothing)" : lines.getLast();
    }
}
