package weft.sim;

import java.util.HashMap;
import java.util.Map;

/// Messages that were sent in a world, by command.
public final class Traffic {
    private final Map<String, Sum> sums = new HashMap<>();

    /// Of one command.
    private static final class Sum {
        long messages;
        long bytes;
    }

    Traffic() {}

    void count(String command, int wireBytes) {
        Sum sum = sums.computeIfAbsent(command, any -> new Sum());
        sum.messages++;
        sum.bytes += wireBytes;
    }

    /// How many messages of a command were sent.
    public long messages(String command) {
        Sum sum = sums.get(command);
        return sum == null ? 0 : sum.messages;
    }

    /// How many bytes all messages of a command took.
    public long bytes(String command) {
        Sum sum = sums.get(command);
        return sum == null ? 0 : sum.bytes;
    }

    /// How many bytes were sent in all.
    public long bytes() {
        return sums.values().stream().mapToLong(each -> each.bytes).sum();
    }

    /// Forgets everything counted so far.
    public void reset() {
        sums.clear();
    }
}
