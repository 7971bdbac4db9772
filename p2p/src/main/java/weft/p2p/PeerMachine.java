package weft.p2p;

import java.util.OptionalLong;
import java.util.function.Consumer;
import weft.primitives.Now;

/// A whole node in one thread, full or light: a peer engine and whatever answers its chain commands. A driver
/// with sockets or the simulator runs it.
///
/// Deterministic: the same inputs at the same times give the same outputs.
public interface PeerMachine {
    /// Begins; must come before anything else.
    ///
    /// @param out carries out what the node wants, in order
    void start(Now now, Consumer<PeerOutput> out);

    /// Something happened to the node.
    ///
    /// @param out carries out what the node wants, in order
    void handle(PeerInput input, Now now, Consumer<PeerOutput> out);

    /// When the node next wants to be called, on the monotonic clock; empty if only inputs matter.
    OptionalLong nextDeadlineNanos();
}
