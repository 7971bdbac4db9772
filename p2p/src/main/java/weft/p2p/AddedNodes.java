package weft.p2p;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import weft.primitives.Now;
import weft.wire.NetAddress;
import weft.wire.ServiceFlags;

/// Peers that the operator wants: `-addnode` and the RPC of that name, and `-connect`. Each is dialled again
/// when it is lost, with longer and longer pauses while that fails.
final class AddedNodes {
    private static final long SECOND_NANOS = 1_000_000_000L;
    private static final long ADDED_PAUSE_MIN_NANOS = 2 * SECOND_NANOS;
    private static final long ADDED_PAUSE_MAX_NANOS = 60 * SECOND_NANOS;
    private static final long CONNECT_PAUSE_MIN_NANOS = SECOND_NANOS / 2;
    private static final long CONNECT_PAUSE_MAX_NANOS = 5 * SECOND_NANOS;
    private static final int CONNECTIONS_MAX = 8;

    private final EngineParts parts;
    private final Dialler dialler;
    private final List<Wanted> all = new ArrayList<>();

    AddedNodes(EngineParts parts, Dialler dialler) {
        this.parts = parts;
        this.dialler = dialler;
        boolean v2 = ServiceFlags.has(parts.options.self().services(), ServiceFlags.P2P_V2);
        P2pOptions.Sources sources = parts.options.sources();
        sources.connect().forEach(each -> all.add(new Wanted(each, v2, false)));
        sources.addNodes().forEach(each -> add(each, v2));
    }

    private static final class Wanted {
        final String name;
        final boolean v2;

        /// By `addnode`, not `-connect`.
        final boolean added;

        long nextNanos = Long.MIN_VALUE;
        long pauseNanos;

        Wanted(String name, boolean v2, boolean added) {
            this.name = name;
            this.v2 = v2;
            this.added = added;
            this.pauseNanos = added ? ADDED_PAUSE_MIN_NANOS : CONNECT_PAUSE_MIN_NANOS;
        }

        void tried(long nanos) {
            nextNanos = nanos + pauseNanos;
            pauseNanos =
                    Math.min(
                            2 * pauseNanos,
                            added ? ADDED_PAUSE_MAX_NANOS : CONNECT_PAUSE_MAX_NANOS);
        }

        void worked() {
            nextNanos = Long.MIN_VALUE;
            pauseNanos = added ? ADDED_PAUSE_MIN_NANOS : CONNECT_PAUSE_MIN_NANOS;
        }
    }

    /// Adds a peer to keep.
    ///
    /// @return false if it is one already
    boolean add(String name, boolean v2) {
        NetAddress address = dialler.numeric(name);
        for (Wanted each : all) {
            boolean same = address != null && address.equals(dialler.numeric(each.name));
            if (each.added && (same || each.name.equals(name))) {
                return false;
            }
        }
        all.add(new Wanted(name, v2, true));
        return true;
    }

    /// @return false if it was none
    boolean remove(String name) {
        return all.removeIf(each -> each.added && each.name.equals(name));
    }

    boolean hasAdded() {
        return all.stream().anyMatch(each -> each.added);
    }

    /// Whether an address is one that the operator added; those are not dialled automatically.
    boolean contains(NetAddress address) {
        for (Wanted each : all) {
            if (each.added
                    && (each.name.equals(address.addressText())
                            || each.name.equals(address.toString()))) {
                return true;
            }
        }
        return false;
    }

    private @Nullable Connection connectionOf(Wanted wanted) {
        NetAddress address = dialler.numeric(wanted.name);
        if (address == null) {
            return dialler.byName(wanted.name);
        }
        for (Connection each : parts.connections.open()) {
            if (each.peer.address().equals(address)) {
                return each;
            }
        }
        return dialler.byName(wanted.name);
    }

    void onTick(Now now, Outbox out) {
        if (all.isEmpty() || !dialler.isActive()) {
            return;
        }
        int room = CONNECTIONS_MAX - dialler.count(ConnectionType.MANUAL);
        for (Wanted each : all) {
            if (connectionOf(each) != null) {
                each.worked();
            } else if ((room > 0 || !each.added)
                    && now.monotonicNanos() >= each.nextNanos
                    && !dialler.isUnderWay(each.name)) {
                each.tried(now.monotonicNanos());
                dialler.dial(Dial.named(each.name, ConnectionType.MANUAL, each.v2), now, out);
                room--;
            }
        }
    }

    OptionalLong nextDeadlineNanos() {
        if (all.isEmpty()) {
            return OptionalLong.empty();
        }
        long earliest = Long.MAX_VALUE;
        boolean room = dialler.count(ConnectionType.MANUAL) < CONNECTIONS_MAX;
        for (Wanted each : all) {
            if ((room || !each.added)
                    && connectionOf(each) == null
                    && !dialler.isUnderWay(each.name)) {
                earliest = Math.min(earliest, each.nextNanos);
            }
        }
        return earliest == Long.MAX_VALUE || !dialler.isActive()
                ? OptionalLong.empty()
                : OptionalLong.of(earliest);
    }

    List<AddedNode> snapshot() {
        var found = new ArrayList<AddedNode>();
        for (Wanted each : all) {
            if (each.added) {
                Connection connection = connectionOf(each);
                found.add(
                        new AddedNode(
                                each.name,
                                connection == null
                                        ? NetAddress.UNSPECIFIED
                                        : connection.peer.address(),
                                connection != null,
                                connection != null && connection.peer.isInbound()));
            }
        }
        return found;
    }
}
