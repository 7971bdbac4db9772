package weft.app.args;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import weft.consensus.Network;

/// A configuration file in Bitcoin Core's form: `name=value` lines, `[section]` lines, `#` comments.
final class ConfigFile {
    private ConfigFile() {}

    /// One setting of a file.
    ///
    /// @param section empty before the first section line
    record Line(String section, String name, String value) {}

    /// What is in a file.
    ///
    /// @param strangeSections where sections begin that are of no network: their first lines
    record Content(List<Line> lines, Map<String, Integer> strangeSections) {}

    /// Reads a file.
    ///
    /// @throws ArgsFault if it cannot be read or a line has another form
    static Content read(Path file) {
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
        var strange = new LinkedHashMap<String, Integer>();
        String section = "";
        int number = 0;
        for (String raw : text.split("\n", -1)) {
            number++;
            int hash = raw.indexOf('#');
            String line = (hash < 0 ? raw : raw.substring(0, hash)).strip();
            if (line.isEmpty()) {
                continue;
            }
            if (line.startsWith("[") && line.endsWith("]")) {
                section = line.substring(1, line.length() - 1);
                note(section, number, strange);
                continue;
            }
            Line setting = setting(section, line, number);
            note(setting.section(), number, strange);
            if (hash >= 0 && setting.name().contains("rpcpassword")) {
                throw new ArgsFault(
                        "Error reading configuration file: parse error on line "
                                + number
                                + ", using # in rpcpassword can be ambiguous and should be"
                                + " avoided");
            }
            if (setting.name().equals("conf")) {
                throw new ArgsFault(
                        "Error reading configuration file: conf cannot be set in the configuration"
                                + " file; use includeconf= if you want to include additional config"
                                + " files");
            }
            lines.add(setting);
        }
        return new Content(lines, strange);
    }

    private static void note(String section, int line, Map<String, Integer> strange) {
        if (!section.isEmpty() && Network.parse(section).isEmpty()) {
            strange.putIfAbsent(section, line);
        }
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
