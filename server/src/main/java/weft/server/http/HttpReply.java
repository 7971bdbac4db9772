package weft.server.http;

/// What goes back to the caller.
///
/// @param status of HTTP
/// @param body JSON; may be empty
public record HttpReply(int status, byte[] body) {}
