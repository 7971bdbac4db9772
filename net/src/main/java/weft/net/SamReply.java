package weft.net;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/// One line of an I2P router's SAM bridge, taken apart.
///
/// @param request what it answers, as far as a log may have it
/// @param full the line
/// @param keys what follows each word's `=`, of the first of that name; empty for words without one
record SamReply(String request, String full, Map<String, String> keys) {
    /// Takes a line apart. Never fails: what makes no sense has no keys that are looked for.
    static SamReply parse(String request, String line) {
        var keys = new LinkedHashMap<String, String>();
        for (String word : line.split(" ", -1)) {
            int equals = word.indexOf('=');
            if (equals >= 0) {
                keys.putIfAbsent(word.substring(0, equals), word.substring(equals + 1));
            }
        }
        return new SamReply(request, line, Map.copyOf(keys));
    }

    /// The value of a key.
    ///
    /// @throws IOException if there is none
    String get(String key) throws IOException {
        String value = keys.get(key);
        if (value == null) {
            throw new IOException(
                    "Missing " + key + "= in the reply to \"" + request + "\": \"" + full + "\"");
        }
        return value;
    }

    /// The result of the request.
    ///
    /// @throws IOException if the line names none
    String result() throws IOException {
        return get("RESULT");
    }

    /// Itself, if the request succeeded.
    ///
    /// @throws IOException if it did not
    SamReply orFail() throws IOException {
        if (!result().equals("OK")) {
            throw new IOException("Unexpected reply to \"" + request + "\": \"" + full + "\"");
        }
        return this;
    }
}
