package weft.p2p.peers;

import weft.wire.Subnet;

/// A range of addresses that the operator banned; what `banlist.json` and `listbanned` hold.
///
/// @param createdSeconds since 1970
/// @param untilSeconds since 1970
public record BanEntry(Subnet subnet, long createdSeconds, long untilSeconds) {}
