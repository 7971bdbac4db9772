package weft.p2p;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/// Bytes by command and in all.
///
/// Bytes are in the total as soon as they arrive, where the driver tells of them ([PeerInput.Heard]): half a
/// message counts too. A driver that only knows whole messages (the simulator) need not tell.
final class Traffic {
    private static final int COMMANDS_MAX = 64;

    private final Map<String, long[]> byCommand = new HashMap<>();
    private long raw;
    private long framed;

    void add(String command, int bytes) {
        framed += bytes;
        if (!command.isEmpty()) {
            boolean known = KnownCommands.ALL.contains(command) && byCommand.size() < COMMANDS_MAX;
            byCommand
                            .computeIfAbsent(
                                    known ? command : KnownCommands.OTHER, any -> new long[1])[0] +=
                    bytes;
        }
    }

    /// Bytes of the stream, whatever they mean.
    void addRaw(int bytes) {
        raw += bytes;
    }

    long total() {
        return Math.max(raw, framed);
    }

    Map<String, Long> byCommand() {
        var sorted = new TreeMap<String, Long>();
        byCommand.forEach((command, bytes) -> sorted.put(command, bytes[0]));
        return sorted;
    }
}
