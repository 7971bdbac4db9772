package weft.sim;

import java.util.Map;
import java.util.TreeMap;

/// Messages that were sent in a world, by command.
public final class Traffic {
    private final Map<String, Long> messages = new TreeMap<>();
    private final Map<String, Long> bytes = new TreeMap<>();

    Traffic() {}

    void count(String command, int wireBytes) {
        messages.merge(command, 1L, Long::sum);
        bytes.merge(command, (long) wireBytes, Long::sum);
    }

    /// How many messages of a command were sent.
    public long messages(String command) {
        return messages.getOrDefault(command, 0L);
    }

    /// How many bytes all messages of a command took.
    public long bytes(String command) {
        return bytes.getOrDefault(command, 0L);
    }

    /// How many bytes were sent in all.
    public long bytes() {
        return bytes.values().stream().mapToLong(Long::longValue).sum();
    }

    /// Forgets everything counted so far.
    public void reset() {
        messages.clear();
        bytes.clear();
    }
}
