package weft.testkit;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Assumptions;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The folder of public test vectors: `-Dweft.vectors=DIR`, by default `../shared/vectors` beside the
/// project.
///
/// A test that needs a file which is not there is skipped, and the report says which file was missing.
public final class Vectors {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private Vectors() {}

    /// The folder, whether it is there or not.
    public static Path root() {
        return Path.of(System.getProperty("weft.vectors", "../shared/vectors"));
    }

    /// Whether a file or folder is there.
    public static boolean has(String relative) {
        return Files.exists(root().resolve(relative));
    }

    /// A file or folder; skips the running test where it is missing.
    public static Path path(String relative) {
        Path path = root().resolve(relative);
        Assumptions.assumeTrue(Files.exists(path), () -> "skipped: no vectors at " + path);
        return path;
    }

    /// All bytes of a file, unpacked where its name ends in `.gz`.
    public static byte[] bytes(String relative) {
        Path path = path(relative);
        try (InputStream raw = new BufferedInputStream(Files.newInputStream(path));
                InputStream in = relative.endsWith(".gz") ? new GZIPInputStream(raw) : raw) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException("read " + path, e);
        }
    }

    /// A text file.
    public static String text(String relative) {
        return new String(bytes(relative), StandardCharsets.UTF_8);
    }

    /// The lines of a text file that are not empty.
    public static List<String> lines(String relative) {
        return text(relative).lines().filter(line -> !line.isBlank()).toList();
    }

    /// A JSON file.
    public static JsonNode json(String relative) {
        return JSON.readTree(bytes(relative));
    }

    /// One JSON text.
    public static JsonNode parseJson(String text) {
        return JSON.readTree(text);
    }
}
