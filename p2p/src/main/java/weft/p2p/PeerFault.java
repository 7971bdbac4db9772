package weft.p2p;

import weft.p2p.defence.Scores;

/// The peer broke the protocol. Thrown by sub-protocols while they handle a message of that peer, and caught
/// in one place, the engine's edge, which treats the peer as misbehaving.
public final class PeerFault extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final int points;

    /// A fault that no honest peer has.
    ///
    /// @param what what is wrong, as Core's log says it
    public PeerFault(String what) {
        this(what, Scores.SEVERE);
    }

    private PeerFault(String what, int points) {
        super(what, null, false, false);
        this.points = points;
    }

    /// A list is longer than the protocol allows.
    ///
    /// @param what what is wrong, as Core's log says it
    public static PeerFault oversized(String what) {
        return new PeerFault(what, Scores.OVERSIZED);
    }

    /// How bad it is, where that counts; see [Scores].
    public int points() {
        return points;
    }
}
