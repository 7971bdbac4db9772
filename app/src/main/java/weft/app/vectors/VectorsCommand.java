package weft.app.vectors;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// `weft vectors DIR`: test vectors against this program's rules and primitives.
@Command(
        name = "vectors",
        description = {
            "Run test vectors: every file that is recognised below DIR, by its folder and name, packed with"
                    + " gzip or not.",
            "One line a file, and below it the first cases that failed; exit code 1 if any did."
        },
        footer = {
            "",
            "Folders: script, crypto, chain, blocks, txs, p2p, keys. DIR may be the folder that has them, one"
                    + " of them, or one file."
        },
        mixinStandardHelpOptions = true)
public final class VectorsCommand implements Callable<Integer> {
    @Parameters(paramLabel = "DIR", description = "A folder of test vectors, or one file.")
    private Path root = Path.of("");

    private final PrintStream out;

    /// A command that prints to standard output.
    public VectorsCommand() {
        this.out = System.out;
    }

    @Override
    public Integer call() {
        if (!Files.exists(root)) {
            System.err.println("Error: there is no " + root);
            return 1;
        }
        try {
            return new VectorSuite(out).run(root) ? 0 : 1;
        } catch (IOException e) {
            System.err.println("Error: cannot read " + root + ": " + e.getMessage());
            return 1;
        }
    }
}
