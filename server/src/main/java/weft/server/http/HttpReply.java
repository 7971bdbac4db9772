package weft.server.http;

import java.nio.charset.StandardCharsets;
import weft.primitives.Bytes;

/// What goes back to the caller.
///
/// @param status of HTTP
/// @param type of the content, as in the header of that name; empty for none
/// @param content the body; may be empty
public record HttpReply(int status, String type, Bytes content) {
    /// A type of content.
    public static final String JSON = "application/json";

    /// Text of one kind or another.
    ///
    /// @param body JSON with a newline where it is an answer; may be empty
    public HttpReply(int status, String body) {
        this(status, body.isEmpty() ? "" : JSON, body);
    }

    /// Text.
    public HttpReply(int status, String type, String body) {
        this(status, type, Bytes.wrap(body.getBytes(StandardCharsets.UTF_8)));
    }
}
