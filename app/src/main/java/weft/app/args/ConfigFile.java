package weft.app.args;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A configuration file in Bitcoin Core's form: `name=value` lines, `[section]` lines, `#` comments.
final class ConfigFile {
    private ConfigFile() {}

    /// One setting of a file.
    ///
    /// @param section empty before the first section line
    record Line(String section, String name, String value) {}

    /// Reads a file.
    ///
    /// @throws ArgsFault if it cannot be read or a line has another form
    static List<Line> read(Path file) {
        String text;
        try {
            text = Files.readString(file, StandardCharsets.UTF_8);
        } catch (IOException e) {
            boolean encoding = e instanceof java.nio.charset.CharacterCodingException;
            throw new ArgsFault(
                    "Error reading configuration file: "
                            + file
                            + (encoding ? ": not UTF-8" : ": " + e.getMessage()));
        }
        var lines = new ArrayList<Line>();
        String section = "";
        int number = 0;
        for (String raw : text.split("\n", -1)) {
            number++;
            String line = withoutComment(raw, number).strip();
            if (line.isEmpty()) {
                continue;
            }
            if (line.startsWith("[") && line.endsWith("]")) {
                section = line.substring(1, line.length() - 1);
                continue;
            }
            lines.add(setting(section, line, number));
        }
        return lines;
    }

    private static String withoutComment(String raw, int number) {
        int hash = raw.indexOf('#');
        if (hash < 0) {
            return raw;
        }
        if (raw.strip().startsWith("rpcpassword")) {
            throw new ArgsFault(
                    "Error reading configuration file: parse error on line "
                            + number
                            + ", using # in rpcpassword can be ambiguous and should be avoided");
        }
        return raw.substring(0, hash);
    }

    private static Line setting(String section, String line, int number) {
        if (line.startsWith("-")) {
            throw fault(
                    number,
                    line,
                    ", options in configuration file must be specified without leading -");
        }
        int equals = line.indexOf('=');
        if (equals < 0) {
            String hint =
                    line.startsWith("no")
                            ? ", if you intended to specify a negated option, use "
                                    + line
                                    + "=1 instead"
                            : "";
            throw fault(number, line, hint);
        }
        String name = line.substring(0, equals).strip();
        String value = line.substring(equals + 1).strip();
        int dot = name.indexOf('.');
        return dot < 0
                ? new Line(section, name, value)
                : new Line(name.substring(0, dot), name.substring(dot + 1), value);
    }

    private static ArgsFault fault(int number, String line, String hint) {
        return new ArgsFault(
                "Error reading configuration file: parse error on line "
                        + number
                        + ": "
                        + line
                        + hint);
    }
}
