package weft.form;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/// Rules that need no parser. Each takes a file and answers with its findings.
///
/// The words that are looked for stand here in two halves, so that this file keeps the rules itself.
final class TextRules {
    static final int FILE_LINES_MAX = 600;
    static final int COLUMNS_MAX = 110;

    private static final Pattern OPEN_ENDS =
            Pattern.compile("\\b(TO" + "DO|FIX" + "ME|XX" + "X)\\b");
    private static final Pattern BAD_NAME =
            Pattern.compile(".*(Utils?|Helpers?|Impl|Data|Info|Manager)");
    private static final List<String> PROTOCOL_WORDS = List.of("PingManager", "GetData");
    private static final Pattern TIDY = Pattern.compile(".*\\.(java|md|xml|sh)|[^.]*");

    /// A hash as text cannot be broken.
    private static final Pattern HASH_LITERAL = Pattern.compile("[^\"]*\"[0-9a-f]{60,}\"[^\"]*");

    private static final String MACHINE_FOLDER = "/wo" + "rk/";
    private static final List<String> REGISTRY_HOSTS =
            List.of(
                    "repo.maven" + ".apache.org",
                    "repo1.maven" + ".org",
                    "central.sonatype" + ".com",
                    "oss.sonatype" + ".org",
                    "jitpack" + ".io",
                    "plugins.gradle" + ".org",
                    "services.gradle" + ".org",
                    "registry.npm" + "js.org",
                    "registry.yarn" + "pkg.com",
                    "files.python" + "hosted.org",
                    "py" + "pi.org",
                    "crates" + ".io",
                    "ruby" + "gems.org",
                    "proxy.go" + "lang.org",
                    "deb.deb" + "ian.org",
                    "archive.ubu" + "ntu.com",
                    "docker" + ".io",
                    "gh" + "cr.io");

    private TextRules() {}

    static List<String> fileTooLong(SourceFile file) {
        int lines = file.lines().size();
        return file.isJava() && lines > FILE_LINES_MAX
                ? List.of(file.at(lines, "file of " + lines + " lines"))
                : List.of();
    }

    static List<String> lineTooWide(SourceFile file) {
        List<String> found = new ArrayList<>();
        List<String> lines = file.lines();
        for (int i = 0; file.isJava() && i < lines.size(); i++) {
            int columns = lines.get(i).codePointCount(0, lines.get(i).length());
            if (columns > COLUMNS_MAX && !HASH_LITERAL.matcher(lines.get(i)).matches()) {
                found.add(file.at(i + 1L, "line of " + columns + " columns"));
            }
        }
        return found;
    }

    static List<String> blanks(SourceFile file) {
        List<String> found = new ArrayList<>();
        List<String> lines = TIDY.matcher(file.path()).matches() ? file.lines() : List.of();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            if (line.indexOf('\t') >= 0) {
                found.add(file.at(i + 1L, "tab"));
            }
            if (line.endsWith(" ")) {
                found.add(file.at(i + 1L, "space at the end"));
            }
        }
        return found;
    }

    static List<String> openEnds(SourceFile file) {
        return lines(file, OPEN_ENDS);
    }

    static List<String> registryHosts(SourceFile file) {
        List<String> found = new ArrayList<>();
        REGISTRY_HOSTS.forEach(
                host -> found.addAll(lines(file, Pattern.compile(Pattern.quote(host)))));
        return found;
    }

    static List<String> machineFolders(SourceFile file) {
        return lines(file, Pattern.compile(Pattern.quote(MACHINE_FOLDER)));
    }

    /// A name that says nothing, unless it is a word of the protocol.
    static List<String> emptyNames(SourceFile file) {
        String name = file.simpleName();
        boolean bad = BAD_NAME.matcher(name).matches() && !PROTOCOL_WORDS.contains(name);
        return file.isJava() && bad ? List.of(file.at(1, "a class named " + name)) : List.of();
    }

    private static List<String> lines(SourceFile file, Pattern pattern) {
        List<String> found = new ArrayList<>();
        List<String> lines = file.lines();
        for (int i = 0; i < lines.size(); i++) {
            var matcher = pattern.matcher(lines.get(i));
            if (matcher.find()) {
                found.add(file.at(i + 1L, "names " + matcher.group()));
            }
        }
        return found;
    }
}
