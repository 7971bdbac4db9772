package weft.net;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/// How many messages were sent, by command. One thread counts, any may ask.
final class SentMessages {
    /// Names that are counted each for itself, more than the protocol has. *Rationale:* the operator can send
    /// messages under any name.
    private static final int NAMES_MAX = 64;

    private static final String OTHER = "*other*";

    private final Map<String, LongAdder> counts = new ConcurrentHashMap<>();

    /// @param command empty for what is no message, and is not counted
    void add(String command) {
        if (command.isEmpty()) {
            return;
        }
        LongAdder known = counts.get(command);
        if (known == null) {
            String name = counts.size() < NAMES_MAX ? command : OTHER;
            known = counts.computeIfAbsent(name, any -> new LongAdder());
        }
        known.increment();
    }

    /// Counts by command, sorted; `*other*` for those of too many names.
    Map<String, Long> counts() {
        var sums = new TreeMap<String, Long>();
        counts.forEach((command, count) -> sums.put(command, count.sum()));
        return sums;
    }
}
