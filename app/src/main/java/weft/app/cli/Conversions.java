package weft.app.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import weft.primitives.Check;
import weft.server.json.Json;

/// Makes JSON of words on a command line: a table says which parameters of which methods are JSON; all others
/// are text.
public final class Conversions {
    private final Set<String> json = new HashSet<>();

    /// The table that comes with the program.
    public Conversions() {
        try (InputStream in =
                        Check.present(
                                Conversions.class.getResourceAsStream("json-parameters.txt"),
                                "the table is in the jar");
                var lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            lines.lines().filter(line -> !line.startsWith("#")).forEach(this::add);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void add(String line) {
        String[] parts = line.split(" ", -1);
        for (int i = 1; i < parts.length; i++) {
            int colon = parts[i].indexOf(':');
            json.add(parts[0] + "#" + parts[i].substring(0, colon));
            json.add(parts[0] + "=" + parts[i].substring(colon + 1));
        }
    }

    private JsonNode convert(String key, String word) {
        if (!json.contains(key)) {
            return Json.text(word);
        }
        try {
            return Json.parse(word);
        } catch (IllegalArgumentException e) {
            throw new CliFault("Error parsing JSON: " + word);
        }
    }

    /// Arguments by position.
    ///
    /// @throws CliFault if a word should be JSON and is not
    public JsonNode positional(String method, List<String> words) {
        ArrayNode params = Json.array();
        for (int i = 0; i < words.size(); i++) {
            params.add(convert(method + "#" + i, words.get(i)));
        }
        return params;
    }

    /// Arguments by name, `name=value`; words without `=` stand for leading arguments by position.
    ///
    /// @throws CliFault if a word should be JSON and is not
    public JsonNode named(String method, List<String> words) {
        ObjectNode params = Json.object();
        ArrayNode leading = Json.array();
        for (String word : words) {
            int equals = word.indexOf('=');
            if (equals < 0) {
                leading.add(convert(method + "#" + leading.size(), word));
            } else {
                String name = word.substring(0, equals);
                params.set(name, convert(method + "=" + name, word.substring(equals + 1)));
            }
        }
        if (!leading.isEmpty() && params.has("args")) {
            throw new CliFault("Parameter args specified multiple times");
        }
        if (!leading.isEmpty()) {
            params.set("args", leading);
        }
        return params;
    }
}
