package weft.p2p.defence;

/// What becomes of a peer that breaks the protocol (`-misbehaviour`).
public enum MisbehaviourPolicy {
    /// As Bitcoin Core does: it is disconnected and its address discouraged, whatever it did.
    CORE,
    /// Each offence has points; at [Scores#LIMIT] the address is banned for [Scores#BAN_SECONDS].
    SCORE,
    /// Points likewise, but who reaches the limit is not told: its connection stays open, and new ones are
    /// let in, and nothing that it says is heard and nothing served. Connections that we opened are closed,
    /// for they are of no use then.
    SHADOW;

    /// Whether points count.
    public boolean counts() {
        return this != CORE;
    }
}
