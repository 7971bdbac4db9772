package weft.app.node;

import java.util.ArrayList;
import weft.primitives.log.Log;

/// What a node has opened, to be closed in the opposite order.
final class OpenParts {
    private final ArrayList<AutoCloseable> open = new ArrayList<>();

    <T extends AutoCloseable> T keep(T resource) {
        open.add(resource);
        return resource;
    }

    /// Closes all, whatever fails.
    void close(Log log) {
        for (AutoCloseable each : open.reversed()) {
            try {
                each.close();
            } catch (Exception e) {
                log.error(
                        "closing "
                                + each.getClass().getSimpleName()
                                + " failed: "
                                + e.getMessage());
            }
        }
        open.clear();
    }
}
