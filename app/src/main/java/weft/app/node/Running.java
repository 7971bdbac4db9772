package weft.app.node;

import java.util.Optional;
import weft.net.MessageCapture;
import weft.net.PeerLoop;

/// A node that runs, full or light, as the rest of the program sees it.
public interface Running extends AutoCloseable {
    /// The peer engine's loop.
    PeerLoop peers();

    /// The messages that are written to files, if any.
    MessageCapture capture();

    /// Asks the node to stop; [#awaitStop] then returns.
    void requestStop();

    /// Whether the node was asked to stop, or must.
    boolean isStopping();

    /// Waits until the node is asked to stop, or must.
    ///
    /// @return why it must; empty if it was asked to
    Optional<Throwable> awaitStop() throws InterruptedException;

    @Override
    void close();
}
