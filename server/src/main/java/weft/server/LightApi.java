package weft.server;

import java.util.List;
import java.util.function.Function;
import weft.light.LightNode;

/// What the methods need of a running light node: questions to it, on the thread that owns it, and what
/// belongs to the process. Implemented by the program.
public interface LightApi extends PeersApi {
    /// Runs something on the node's thread, between two inputs, and waits for the answer. It only looks.
    ///
    /// @throws IllegalStateException if the node is shutting down
    <T> T onLight(Function<LightNode, T> question);

    /// Size of the file that keeps the headers.
    long bytesOnDisk();

    @Override
    default List<String> warnings() {
        return onLight(light -> light.warning(now()).stream().toList());
    }
}
