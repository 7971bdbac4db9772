package weft.app.vectors;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import weft.primitives.codec.ByteReader;
import weft.primitives.codec.MalformedBytes;

/// A file of test vectors, packed or not.
///
/// @param path where it is
record VectorFile(Path path) {
    /// Largest content that is read, after unpacking.
    static final int BYTES_MAX = 1 << 28;

    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String PACKED = ".gz";

    /// The last parts of the path with slashes between them, without `.gz`.
    String place() {
        String text = path.toAbsolutePath().normalize().toString().replace('\\', '/');
        return text.endsWith(PACKED) ? text.substring(0, text.length() - PACKED.length()) : text;
    }

    /// The name without folder and `.gz`.
    String name() {
        String place = place();
        return place.substring(place.lastIndexOf('/') + 1);
    }

    /// The name up to its first dot.
    String stem() {
        String name = name();
        int dot = name.indexOf('.');
        return dot < 0 ? name : name.substring(0, dot);
    }

    /// All bytes, unpacked.
    ///
    /// @throws MalformedBytes if there are more than [#BYTES_MAX]
    /// @throws UncheckedIOException if they cannot be read
    byte[] bytes() {
        try (InputStream raw = new BufferedInputStream(Files.newInputStream(path));
                InputStream in =
                        path.toString().endsWith(PACKED) ? new GZIPInputStream(raw) : raw) {
            byte[] bytes = in.readNBytes(BYTES_MAX + 1);
            if (bytes.length > BYTES_MAX) {
                throw new MalformedBytes("longer than " + BYTES_MAX + " bytes");
            }
            return bytes;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    ByteReader reader() {
        return ByteReader.of(bytes());
    }

    JsonNode json() {
        return JSON.readTree(bytes());
    }

    static JsonNode parseJson(String text) {
        return JSON.readTree(text);
    }

    /// The lines that are not empty.
    List<String> lines() {
        String text = new String(bytes(), StandardCharsets.UTF_8);
        return text.lines().filter(line -> !line.isBlank()).toList();
    }

    /// A table whose first line names its columns.
    CsvTable table() {
        return CsvTable.of(lines());
    }

    /// A file beside this one, packed or not.
    Optional<VectorFile> beside(String relative) {
        for (String ending : List.of("", PACKED)) {
            Path other = path.resolveSibling(relative + ending);
            if (Files.isRegularFile(other)) {
                return Optional.of(new VectorFile(other));
            }
        }
        return Optional.empty();
    }
}
