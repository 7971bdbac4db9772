package weft.app.vectors;

import java.util.ArrayList;
import java.util.List;

/// Lines of values with commas between them, below a line of names.
///
/// @param names of the columns
/// @param rows without the line of names
record CsvTable(List<String> names, List<Row> rows) {
    /// One line.
    ///
    /// @param line its number in the file, from 1
    record Row(int line, List<String> names, List<String> values) {
        /// The value below a name.
        ///
        /// @throws IllegalArgumentException if there is no such column, or the line is too short
        String get(String name) {
            int at = names.indexOf(name);
            if (at < 0 || at >= values.size()) {
                throw new IllegalArgumentException("no column " + name);
            }
            return values.get(at);
        }

        int number(String name) {
            return Integer.parseInt(get(name));
        }

        byte[] bytes(String name) {
            return Vector.hex(get(name));
        }

        String index() {
            return "line " + line;
        }
    }

    static CsvTable of(List<String> lines) {
        if (lines.isEmpty()) {
            throw new IllegalArgumentException("no line of names");
        }
        List<String> names = List.of(lines.getFirst().split(",", -1));
        var rows = new ArrayList<Row>();
        for (int i = 1; i < lines.size(); i++) {
            rows.add(new Row(i + 1, names, List.of(lines.get(i).split(",", -1))));
        }
        return new CsvTable(names, rows);
    }
}
