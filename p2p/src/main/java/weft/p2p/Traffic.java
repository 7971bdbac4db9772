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
    private long named;

    /// Counts a message, whose bytes may have been counted already by [#reach].
    ///
    /// @return by how much the total grew
    long add(String command, int bytes) {
        name(command, bytes);
        named += bytes;
        return reach(named);
    }

    /// Counts the bytes of a message by its command only.
    void name(String command, int bytes) {
        if (!command.isEmpty()) {
            boolean known = KnownCommands.ALL.contains(command) && byCommand.size() < COMMANDS_MAX;
            byCommand.merge(known ? command : OTHER, (long) bytes, Long::sum);
        }
    }

    /// Counts bytes that are not yet, or never will be, those of a message.
    ///
    /// @param atLeast what the total is now, if it is not more already
    /// @return by how much the total grew
    long reach(long atLeast) {
        long grown = Math.max(0, atLeast - total);
        total += grown;
        return grown;
    }

    /// Counts bytes of some connection in a sum over all.
    void addTotal(long bytes) {
        total += bytes;
    }

    long total() {
        return total;
    }

    Map<String, Long> byCommand() {
        return new TreeMap<>(byCommand);
    }
}
