package weft.p2p;

import java.util.Map;
import java.util.TreeMap;

/// Bytes by command and in all.
///
/// Bytes are in the total as soon as they arrive, where the driver tells of them ([PeerInput.Heard]): half a
/// message counts too. A driver that only knows whole messages (the simulator) need not tell.
final class Traffic {
    /// By the place of the command in [KnownCommands].
    private final long[] byCommand = new long[KnownCommands.COUNT];

    private long raw;
    private long framed;

    /// @param place of the command, by [KnownCommands#placeOf]; the caller looks it up, as it counts each
    ///     message twice
    void add(int place, int bytes) {
        framed += bytes;
        if (place >= 0) {
            byCommand[place] += bytes;
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
        for (int i = 0; i < byCommand.length; i++) {
            if (byCommand[i] != 0) {
                sorted.put(KnownCommands.nameAt(i), byCommand[i]);
            }
        }
        return sorted;
    }
}
