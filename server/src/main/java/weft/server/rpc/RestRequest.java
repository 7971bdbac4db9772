package weft.server.rpc;

import java.util.List;
import java.util.Optional;

/// What the target of a request below `/rest/` asks for.
///
/// @param parts of the path, without the prefix and the format
/// @param format of the answer
/// @param query what follows the question mark; empty for none
record RestRequest(List<String> parts, Format format, String query) {
    private static final String BAD_URI =
            "URI parsing failed, it likely contained RFC 3986 invalid characters";

    /// Forms of an answer.
    enum Format {
        BIN,
        HEX,
        JSON,
        UNKNOWN
    }

    /// Takes apart what follows a prefix.
    ///
    /// The format is what follows the last point, if it is one; a point that is followed by something else
    /// belongs to the last part.
    static RestRequest parse(String rest) {
        int mark = rest.lastIndexOf('?');
        String path = mark < 0 ? rest : rest.substring(0, mark);
        int first = rest.indexOf('?');
        String query = first < 0 ? "" : rest.substring(first + 1);
        int point = path.lastIndexOf('.');
        Format format =
                switch (point < 0 ? "" : path.substring(point + 1)) {
                    case "bin" -> Format.BIN;
                    case "hex" -> Format.HEX;
                    case "json" -> Format.JSON;
                    default -> Format.UNKNOWN;
                };
        String plain = format == Format.UNKNOWN ? path : path.substring(0, point);
        return new RestRequest(List.of(plain.split("/", -1)), format, query);
    }

    /// The last part.
    String last() {
        return parts.getLast();
    }

    /// All of the path.
    String whole() {
        return String.join("/", parts);
    }

    /// A parameter of the query.
    ///
    /// @throws RestFault if the target is no URI
    Optional<String> parameter(String name) {
        if (!isUri(whole()) || !isUri(query)) {
            throw new RestFault(RestFault.BAD_REQUEST, BAD_URI);
        }
        for (String each : query.split("&", -1)) {
            int equals = each.indexOf('=');
            if (equals >= 0 && each.substring(0, equals).equals(name)) {
                return Optional.of(
                        java.net.URLDecoder.decode(
                                each.substring(equals + 1),
                                java.nio.charset.StandardCharsets.UTF_8));
            }
        }
        return Optional.empty();
    }

    /// Whether every percent sign is followed by two digits, and nothing is there that a URI cannot have.
    private static boolean isUri(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '%'
                    && (i + 2 >= text.length()
                            || Character.digit(text.charAt(i + 1), 16) < 0
                            || Character.digit(text.charAt(i + 2), 16) < 0)) {
                return false;
            }
            if (c <= ' ' || c > '~' || "\"<>\\^`{|}".indexOf(c) >= 0) {
                return false;
            }
        }
        return true;
    }
}
