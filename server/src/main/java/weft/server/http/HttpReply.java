package weft.server.http;

import weft.primitives.Bytes;

/// What goes back to the caller.
///
/// @param status of HTTP
/// @param body JSON; may be empty
public record HttpReply(int status, Bytes body) {}
