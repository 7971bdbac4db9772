package weft.wire.transport;

import weft.primitives.Bytes;

/// A message as the transport sees it: not decoded yet.
///
/// @param command name on the wire; empty for short ids that BIP-0324 assigns and nobody uses
/// @param payload the bytes of the message
/// @param wireBytes how many bytes it took on the wire, with header or encryption
public record Frame(String command, Bytes payload, int wireBytes) {}
