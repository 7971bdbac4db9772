package weft.p2p;

import java.util.Map;
import java.util.TreeMap;

/// Bytes by command and in all.
final class Traffic {
    /// Name that getpeerinfo gives to commands it does not know.
    private static final String OTHER = "*other*";

    private static final int COMMANDS_MAX = 64;

    private final Map<String, Long> byCommand = new TreeMap<>();
    private long total;

    void add(String command, int bytes) {
        total += bytes;
        if (!command.isEmpty()) {
            boolean known = KnownCommands.ALL.contains(command) && byCommand.size() < COMMANDS_MAX;
            byCommand.merge(known ? command : OTHER, (long) bytes, Long::sum);
        }
    }

    long total() {
        return total;
    }

    Map<String, Long> byCommand() {
        return new TreeMap<>(byCommand);
    }
}
