package weft.app.vectors;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// All files of a folder, one after the other, one line of result each.
final class VectorSuite {
    private static final int DEPTH_MAX = 8;

    private final PrintStream out;
    private int passed;
    private int failed;
    private int skipped;

    VectorSuite(PrintStream out) {
        this.out = out;
    }

    /// Runs every file below a folder, or a single one.
    ///
    /// @return whether nothing failed and something passed
    /// @throws IOException if the folder cannot be read
    boolean run(Path root) throws IOException {
        List<Path> files;
        try (Stream<Path> paths = Files.walk(root, DEPTH_MAX)) {
            files = paths.filter(Files::isRegularFile).sorted().toList();
        }
        for (Path path : files) {
            String shown = root.equals(path) ? path.toString() : root.relativize(path).toString();
            run(new VectorFile(path), shown);
        }
        if (passed + failed == 0) {
            out.println("Nothing here could be run: see `weft vectors --help`");
        }
        out.println(passed + " passed, " + failed + " failed, " + skipped + " skipped");
        return failed == 0 && passed > 0;
    }

    private void run(VectorFile file, String shown) {
        Optional<VectorKinds.Reader> reader = VectorKinds.of(file);
        if (reader.isEmpty()) {
            skip(shown, VectorKinds.reason(file));
            return;
        }
        var cases = new Cases();
        try {
            reader.get().read(file, cases);
        } catch (NotThere missing) {
            skip(shown, Cases.describe(missing));
            return;
        } catch (RuntimeException | StackOverflowError | OutOfMemoryError broken) {
            failed++;
            out.println("failed  " + shown + ": " + Cases.describe(broken));
            return;
        }
        if (cases.failed() > 0) {
            failed++;
            String of = cases.failed() + " of " + count(cases.count()) + " failed";
            out.println("failed  " + shown + ": " + of + cases.leftOut());
            cases.failures().forEach(failure -> out.println("        " + failure));
            int more = cases.failed() - cases.failures().size();
            if (more > 0) {
                out.println("        … and " + more + " more");
            }
        } else if (cases.count() == 0) {
            failed++;
            out.println("failed  " + shown + ": no case in it" + cases.leftOut());
        } else {
            passed++;
            out.println("passed  " + shown + ": " + count(cases.count()) + cases.leftOut());
        }
    }

    private void skip(String shown, String reason) {
        skipped++;
        out.println("skipped " + shown + ": " + reason);
    }

    private static String count(int cases) {
        return cases == 1 ? "1 case" : cases + " cases";
    }
}
