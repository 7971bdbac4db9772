package weft.p2p;

import java.util.List;
import weft.primitives.Now;

/// Sees every input of a [PeerEngine] together with what the engine decided, on the engine's thread; must not
/// block. A recorder is one.
public interface EngineWatch {
    /// An input was handled.
    ///
    /// @param asked [PeerEngine#nextDeadlineNanos] was asked since the input before: a tick then wakes only
    ///     those for whom it is time
    /// @param outputs that came of it, in order
    void handled(PeerInput input, Now now, boolean asked, List<PeerOutput> outputs);

    /// An input broke the engine, which says so to its driver after this.
    ///
    /// @param asked as above
    void failed(PeerInput input, Now now, boolean asked, Throwable fault);
}
