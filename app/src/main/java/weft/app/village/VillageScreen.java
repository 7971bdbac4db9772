package weft.app.village;

import java.io.PrintStream;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/// Draws the village: who knows whom, heights, messages. On a terminal one picture that is drawn over itself;
/// else plain lines, one for each thing that changed.
final class VillageScreen {
    private static final int STORY_LINES = 8;
    private static final int MESSAGE_KINDS = 6;
    private static final String CLEAR = "\u001b[H\u001b[2J";
    private static final String BOLD = "\u001b[1m";
    private static final String DIM = "\u001b[2m";
    private static final String PLAIN = "\u001b[0m";

    private final PrintStream out;
    private final boolean terminal;
    private final Deque<String> story = new ArrayDeque<>();
    private List<Village.Portrait> last = List.of();

    VillageScreen(PrintStream out, boolean terminal) {
        this.out = out;
        this.terminal = terminal;
    }

    /// Something worth telling.
    void tell(String line) {
        if (!terminal) {
            out.println(line);
            return;
        }
        story.addLast(line);
        if (story.size() > STORY_LINES) {
            story.removeFirst();
        }
    }

    /// The village as it is now.
    void show(List<Village.Portrait> portraits, String keys) {
        if (terminal) {
            draw(portraits, keys);
        } else {
            tellChanges(portraits);
        }
        last = portraits;
    }

    private void draw(List<Village.Portrait> portraits, String keys) {
        var picture = new StringBuilder(CLEAR);
        picture.append(BOLD)
                .append("weft village")
                .append(PLAIN)
                .append("   ")
                .append(keys)
                .append("\n\n");
        picture.append(
                String.format(
                        Locale.ROOT,
                        "  %-2s %-6s %-5s %6s  %-8s %4s %4s  %s%n",
                        "#",
                        "node",
                        "role",
                        "height",
                        "tip",
                        "pool",
                        "addr",
                        "peers (> dialled, < was dialled)"));
        for (int i = 0; i < portraits.size(); i++) {
            Village.Portrait each = portraits.get(i);
            if (each.height() < 0) {
                picture.append(DIM)
                        .append(
                                String.format(
                                        Locale.ROOT, "  %-2d %-6s gone%n", i + 1, each.name()))
                        .append(PLAIN);
                continue;
            }
            picture.append(
                    String.format(
                            Locale.ROOT,
                            "  %-2d %-6s %-5s %6d  %-8s %4d %4d  %s%n",
                            i + 1,
                            each.name(),
                            each.role().name().toLowerCase(java.util.Locale.ROOT),
                            each.height(),
                            each.tip().substring(56),
                            each.mempool(),
                            each.addresses(),
                            String.join(" ", each.knows())));
        }
        picture.append("\n  messages received, in bytes:\n");
        for (Village.Portrait each : portraits) {
            picture.append(
                    String.format(
                            Locale.ROOT, "  %-6s %s%n", each.name(), busiest(each.messages())));
        }
        picture.append('\n');
        story.forEach(line -> picture.append("  ").append(line).append('\n'));
        out.print(picture);
        out.flush();
    }

    private static String busiest(Map<String, Long> messages) {
        return messages.entrySet().stream()
                .sorted(
                        Map.Entry.<String, Long>comparingByValue()
                                .reversed()
                                .thenComparing(Map.Entry.comparingByKey()))
                .limit(MESSAGE_KINDS)
                .map(entry -> entry.getKey() + " " + entry.getValue())
                .collect(Collectors.joining("  "));
    }

    private void tellChanges(List<Village.Portrait> portraits) {
        for (int i = 0; i < portraits.size(); i++) {
            Village.Portrait now = portraits.get(i);
            Village.Portrait before = i < last.size() ? last.get(i) : null;
            if (before == null
                    || before.height() != now.height()
                    || before.mempool() != now.mempool()
                    || !before.knows().equals(now.knows())) {
                out.println(
                        now.height() < 0
                                ? now.name() + ": gone"
                                : now.name()
                                        + ": height "
                                        + now.height()
                                        + ", mempool "
                                        + now.mempool()
                                        + ", peers "
                                        + String.join(" ", now.knows()));
            }
        }
        out.flush();
    }
}
