package weft.p2p;

import java.util.OptionalLong;
import weft.primitives.Now;
import weft.primitives.log.LogCategory;

/// Drops connections on which nothing happens (`-peertimeout`, and the silence that [Keepalive] allows), and
/// those made for one purpose that take too long.
final class Inactivity {
    private static final long SECOND_NANOS = 1_000_000_000L;
    private static final long ADDR_FETCH_NANOS = 300 * SECOND_NANOS;
    private static final long PRIVATE_NANOS = 180 * SECOND_NANOS;

    private final EngineParts parts;
    private final long graceNanos;
    private final long silenceNanos;

    Inactivity(EngineParts parts) {
        this.parts = parts;
        this.graceNanos = parts.options.limits().peerTimeout().toNanos();
        this.silenceNanos = parts.options.limits().keepalive().silenceMax().toNanos();
    }

    void onTick(Now now, Outbox out) {
        for (Connection each : parts.connections.open()) {
            String why = problemOf(each, now.monotonicNanos());
            if (!why.isEmpty()) {
                parts.log.debug(LogCategory.NET, () -> why);
                parts.connections.disconnect(each.id(), why, out);
            }
        }
    }

    private String problemOf(Connection connection, long nanos) {
        return nanos < dueNanos(connection) ? "" : describe(connection, nanos);
    }

    private String describe(Connection connection, long nanos) {
        Peer peer = connection.peer;
        String suffix = "peer=" + peer.id();
        if (peer.type() == ConnectionType.ADDR_FETCH
                && peer.isReady()
                && nanos - peer.connectedAtNanos() > ADDR_FETCH_NANOS) {
            return "addrfetch connection timeout; disconnecting " + suffix;
        }
        if (PrivateTalks.isOn(connection) && nanos - peer.connectedAtNanos() > PRIVATE_NANOS) {
            return "Disconnecting: did not complete the transaction send within "
                    + PRIVATE_NANOS / SECOND_NANOS
                    + " seconds, "
                    + suffix;
        }
        if (nanos - peer.connectedAtNanos() <= graceNanos) {
            return "";
        }
        boolean heard = connection.lastReceivedSeconds != 0;
        boolean said = connection.lastSentSeconds != 0;
        if (!heard || !said) {
            return "socket no message in first "
                    + graceNanos / SECOND_NANOS
                    + " seconds, "
                    + (heard ? 1 : 0)
                    + " "
                    + (said ? 1 : 0)
                    + " "
                    + suffix;
        }
        if (nanos - connection.lastSentNanos > silenceNanos) {
            return "socket sending timeout: "
                    + (nanos - connection.lastSentNanos) / SECOND_NANOS
                    + "s "
                    + suffix;
        }
        if (nanos - connection.lastReceivedNanos > silenceNanos) {
            return "socket receive timeout: "
                    + (nanos - connection.lastReceivedNanos) / SECOND_NANOS
                    + "s "
                    + suffix;
        }
        if (!peer.isReady()) {
            boolean early = connection.transport == TransportVersion.DETECTING;
            return (early ? "V2" : "version") + " handshake timeout " + suffix;
        }
        return "";
    }

    OptionalLong nextDeadlineNanos() {
        long earliest = Long.MAX_VALUE;
        for (Connection each : parts.connections.open()) {
            earliest = Math.min(earliest, dueNanos(each));
        }
        return earliest == Long.MAX_VALUE ? OptionalLong.empty() : OptionalLong.of(earliest);
    }

    /// When something may be wrong with a connection on which nothing more happens.
    private long dueNanos(Connection each) {
        long connected = each.peer.connectedAtNanos();
        long silent = Math.min(each.lastSentNanos, each.lastReceivedNanos) + silenceNanos;
        boolean settled =
                each.peer.isReady() && each.lastReceivedSeconds != 0 && each.lastSentSeconds != 0;
        long due = settled ? Math.max(silent, connected + graceNanos) : connected + graceNanos;
        if (each.peer.type() == ConnectionType.ADDR_FETCH && each.peer.isReady()) {
            due = Math.min(due, connected + ADDR_FETCH_NANOS);
        }
        if (PrivateTalks.isOn(each)) {
            due = Math.min(due, connected + PRIVATE_NANOS);
        }
        return due + 1;
    }
}
