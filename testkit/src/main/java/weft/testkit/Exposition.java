package weft.testkit;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Reads the text format of Prometheus, version 0.0.4, as naively as its description has it, and refuses what
/// breaks a rule: a value without `HELP` and `TYPE` before it, a metric in two places, a name of another
/// form, a counter without `_total`, two values with the same labels.
public final class Exposition {
    private static final Pattern NAME = Pattern.compile("[a-zA-Z_:][a-zA-Z0-9_:]*");
    private static final Pattern SAMPLE =
            Pattern.compile("([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\\{(.*)})? (\\S+)");
    private static final Pattern LABEL =
            Pattern.compile("([a-zA-Z_][a-zA-Z0-9_]*)=\"((?:[^\"\\\\]|\\\\[\\\\\"n])*)\"(,|$)");

    private final Map<String, String> types = new TreeMap<>();
    private final Map<String, String> helps = new TreeMap<>();
    private final List<Sample> samples = new ArrayList<>();

    /// One value.
    ///
    /// @param labels values by name
    public record Sample(String name, Map<String, String> labels, double value) {}

    private Exposition() {}

    /// Reads a text.
    ///
    /// @throws AssertionError if it breaks a rule
    public static Exposition parse(String text) {
        var read = new Exposition();
        assertTrue(text.isEmpty() || text.endsWith("\n"), "the last line has an end");
        String family = "";
        for (String line : text.lines().toList()) {
            if (line.startsWith("# HELP ")) {
                String[] parts = line.split(" ", 4);
                family = parts[2];
                assertTrue(NAME.matcher(family).matches(), line);
                assertTrue(read.helps.put(family, unescaped(parts[3])) == null, "twice: " + line);
            } else if (line.startsWith("# TYPE ")) {
                String[] parts = line.split(" ", -1);
                assertTrue(parts.length == 4 && parts[2].equals(family), line);
                assertTrue(List.of("counter", "gauge").contains(parts[3]), line);
                assertTrue(!parts[3].equals("counter") || family.endsWith("_total"), line);
                assertTrue(read.types.put(family, parts[3]) == null, "twice: " + line);
            } else {
                read.add(line, family);
            }
        }
        return read;
    }

    private void add(String line, String family) {
        Matcher form = SAMPLE.matcher(line);
        assertTrue(form.matches(), line);
        assertTrue(form.group(1).equals(family) && types.containsKey(family), "place of " + line);
        var labels = new TreeMap<String, String>();
        String rest = form.group(2) == null ? "" : form.group(2);
        while (!rest.isEmpty()) {
            Matcher label = LABEL.matcher(rest);
            assertTrue(label.lookingAt(), line);
            assertTrue(labels.put(label.group(1), unescaped(label.group(2))) == null, line);
            rest = rest.substring(label.end());
        }
        assertTrue(
                samples.stream()
                        .noneMatch(each -> each.name.equals(family) && each.labels.equals(labels)),
                "twice: " + line);
        samples.add(new Sample(family, Map.copyOf(labels), Double.parseDouble(form.group(3))));
    }

    private static String unescaped(String text) {
        var out = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\\' && i + 1 < text.length()) {
                i++;
                out.append(text.charAt(i) == 'n' ? '\n' : text.charAt(i));
            } else {
                out.append(c);
            }
        }
        return out.toString();
    }

    /// What a metric is said to be.
    public String help(String name) {
        return helps.getOrDefault(name, "");
    }

    /// `counter` or `gauge`; empty for a metric that is not there.
    public String type(String name) {
        return types.getOrDefault(name, "");
    }

    /// All values in their order.
    public List<Sample> samples() {
        return List.copyOf(samples);
    }

    /// All values of a metric.
    public List<Sample> samples(String name) {
        return samples.stream().filter(each -> each.name.equals(name)).toList();
    }

    /// The value of a metric with these labels and no others.
    ///
    /// @param labels names and values in turn
    /// @throws AssertionError if there is none
    public double value(String name, String... labels) {
        var wanted = new TreeMap<String, String>();
        for (int i = 0; i < labels.length; i += 2) {
            wanted.put(labels[i], labels[i + 1]);
        }
        return samples(name).stream()
                .filter(each -> each.labels.equals(wanted))
                .mapToDouble(Sample::value)
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + name + " " + wanted));
    }
}
