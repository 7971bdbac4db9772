package weft.app.attack;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import weft.app.WholeNode;

/// A node's data folder with 130 blocks, made once for all tests of this JVM, however often the product is
/// loaded anew: the coins of the first 30 may be spent, by anyone.
final class PreparedChain {
    static final int HEIGHT = 130;

    private static final String PROPERTY = "weft.attack.chain";

    private PreparedChain() {}

    static void copyTo(Path folder) throws IOException {
        copy(made(), folder);
    }

    private static synchronized Path made() throws IOException {
        String known = System.getProperty(PROPERTY);
        if (known != null) {
            return Path.of(known);
        }
        Path folder = Files.createTempDirectory("weft-chain");
        Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(folder)));
        try (var node = WholeNode.start(folder, List.of())) {
            node.call("generatetodescriptor", HEIGHT, "raw(" + Ledger.OPEN.toHex() + ")");
        }
        Files.delete(folder.resolve("regtest").resolve("debug.log"));
        System.setProperty(PROPERTY, folder.toString());
        return folder;
    }

    private static void copy(Path from, Path to) throws IOException {
        try (var all = Files.walk(from)) {
            for (Path each : all.toList()) {
                Path copy = to.resolve(from.relativize(each).toString());
                if (Files.isDirectory(each)) {
                    Files.createDirectories(copy);
                } else {
                    Files.copy(each, copy);
                }
            }
        }
    }

    /// Deletes a folder with all that is in it, as far as that is possible.
    static void delete(Path folder) {
        try (var all = Files.walk(folder)) {
            all.sorted(Comparator.reverseOrder()).forEach(each -> each.toFile().delete());
        } catch (IOException e) {
            // The system empties its folder for temporary files some day.
        }
    }

    /// Bytes of all files below a folder.
    static long bytes(Path folder) throws IOException {
        try (var all = Files.walk(folder)) {
            return all.mapToLong(each -> each.toFile().isFile() ? each.toFile().length() : 0).sum();
        }
    }
}
