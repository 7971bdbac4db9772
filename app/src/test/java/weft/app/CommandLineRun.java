package weft.app;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// What `weft` printed and how it ended, in this process.
public record CommandLineRun(int exitCode, List<String> out, String err) {
    /// Runs `weft` with arguments.
    public static CommandLineRun of(String... args) {
        PrintStream outBefore = System.out;
        PrintStream errBefore = System.err;
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        try {
            System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
            System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
            int exitCode = Weft.commandLine().execute(args);
            return new CommandLineRun(
                    exitCode,
                    out.toString(StandardCharsets.UTF_8).lines().toList(),
                    err.toString(StandardCharsets.UTF_8));
        } finally {
            System.setOut(outBefore);
            System.setErr(errBefore);
        }
    }

    /// The last line printed.
    public String last() {
        return out.isEmpty() ? "" : out.getLast();
    }
}
