package weft.server.http;

import java.nio.charset.StandardCharsets;

/// What goes back to the caller.
///
/// @param status of HTTP
/// @param body text, JSON with a newline where it is an answer; may be empty
public record HttpReply(int status, String body) {
    byte[] bytes() {
        return body.getBytes(StandardCharsets.UTF_8);
    }
}
