package weft.wire.transport;

import weft.primitives.Bytes;

/// Bytes to be written to the connection.
///
/// @param command the message that they are, for statistics; empty for handshakes and decoys
/// @param bytes as they go over the wire
public record Outgoing(String command, Bytes bytes) {}
