package weft.app.node;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import weft.p2p.addr.AsMap;
import weft.primitives.Bytes;
import weft.primitives.Digest256;
import weft.primitives.log.Log;

/// The file that tells operators of networks apart (`-asmap`).
final class AsMapFile {
    private AsMapFile() {}

    /// Reads it, where the operator names one.
    ///
    /// @return null if there is none to read
    /// @throws NodeFault if it is not there, or no map
    static @Nullable AsMap read(Optional<Path> file, Log log) {
        if (file.isEmpty()) {
            log.info("Using /16 prefix for IP bucketing");
            return null;
        }
        Path path = file.get();
        if (!Files.exists(path)) {
            throw new NodeFault("Could not find asmap file \"" + path + "\"");
        }
        Bytes content;
        try {
            content = Bytes.wrap(Files.readAllBytes(path));
        } catch (IOException e) {
            throw new NodeFault("Could not parse asmap file \"" + path + "\"", e);
        }
        log.info("Opened asmap file \"" + path + "\" (" + content.length() + " bytes) from disk");
        AsMap map =
                AsMap.parse(content)
                        .orElseThrow(
                                () -> new NodeFault("Could not parse asmap file \"" + path + "\""));
        log.info(
                "Using asmap version "
                        + Digest256.of(map.version().toByteArray())
                        + " for IP bucketing");
        return map;
    }
}
