package weft.p2p.defence;

/// Measures against an attacker who wants to be all our peers, each of which an experiment may switch off to
/// see what it is worth. See "Eclipse Attacks on Bitcoin's Peer-to-Peer Network" by Heilman and others, 2015.
///
/// @param groups no two lasting outbound connections into one group of addresses
/// @param feelers addresses are tried out now and then, so that more good ones are trusted
/// @param testFirst a trusted address gives way to another only after it was tried and is gone
/// @param addrLimit a peer's addresses are heard one in ten seconds, apart from an answer to `getaddr`
/// @param oldFriends after a start, addresses that a handshake was made with are dialled first
/// @param variety outbound peers shall not all run one program, nor all be there at the same hours only
public record Countermeasures(
        boolean groups,
        boolean feelers,
        boolean testFirst,
        boolean addrLimit,
        boolean oldFriends,
        boolean variety) {
    /// As a node has them.
    public static final Countermeasures ALL =
            new Countermeasures(true, true, true, true, true, true);

    /// None of them, for comparison.
    public static final Countermeasures NONE =
            new Countermeasures(false, false, false, false, false, false);

    /// With or without [#variety].
    public Countermeasures varied(boolean on) {
        return new Countermeasures(groups, feelers, testFirst, addrLimit, oldFriends, on);
    }
}
