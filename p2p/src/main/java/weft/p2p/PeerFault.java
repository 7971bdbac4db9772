package weft.p2p;

/// The peer broke the protocol. Thrown by sub-protocols while they handle a message of that peer, and caught
/// in one place, the engine's edge, which treats the peer as misbehaving.
public final class PeerFault extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// @param what what is wrong, as Core's log says it
    public PeerFault(String what) {
        super(what, null, false, false);
    }
}
