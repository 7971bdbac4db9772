package weft.p2p;

import java.util.Map;

/// Bytes on the wire since the start, of all connections (`getnettotals`, `getnetmsgstats`).
///
/// @param sentByCommand sorted by name
/// @param receivedByCommand likewise
public record NetTotals(
        long sent,
        long received,
        Map<String, Long> sentByCommand,
        Map<String, Long> receivedByCommand) {}
