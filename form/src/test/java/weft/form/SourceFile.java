package weft.form;

import java.util.List;

/// A text file of the project.
///
/// @param path from the project's root, with `/` between names
/// @param text all of it
record SourceFile(String path, String text) {
    List<String> lines() {
        return text.lines().toList();
    }

    boolean isJava() {
        return path.endsWith(".java");
    }

    /// The name without folders and without ending.
    String simpleName() {
        String name = path.substring(path.lastIndexOf('/') + 1);
        int dot = name.indexOf('.');
        return dot < 0 ? name : name.substring(0, dot);
    }

    /// How a finding points at a place.
    String at(long line, String what) {
        return path + ":" + line + ": " + what;
    }
}
